// Parses conditions. The parser walks the document once, collects faults by their path and never
// descends past the limits, so a hostile document costs no more than an honest one.
#include "core/condition.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "core/error.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {

namespace {

enum class Family : std::uint8_t { equality, order, pattern, list, null };

struct OperatorInfo {
    std::string_view name;
    Operator op;
    Family family;
};

constexpr std::array<OperatorInfo, 13> kOperators = {{
    {"eq", Operator::eq, Family::equality},
    {"ne", Operator::ne, Family::equality},
    {"gt", Operator::gt, Family::order},
    {"gte", Operator::gte, Family::order},
    {"lt", Operator::lt, Family::order},
    {"lte", Operator::lte, Family::order},
    {"contains", Operator::contains, Family::pattern},
    {"starts_with", Operator::starts_with, Family::pattern},
    {"ends_with", Operator::ends_with, Family::pattern},
    {"in", Operator::in, Family::list},
    {"not_in", Operator::not_in, Family::list},
    {"is_null", Operator::is_null, Family::null},
    {"is_not_null", Operator::is_not_null, Family::null},
}};

const OperatorInfo* find_operator(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kOperators, name, &OperatorInfo::name);
    return found == kOperators.end() ? nullptr : found;
}

bool applies(Family family, ValueClass value_class) noexcept {
    switch (family) {
        case Family::null: return true;
        case Family::equality: return value_class != ValueClass::json;
        case Family::list:
            return value_class != ValueClass::json && value_class != ValueClass::array;
        case Family::pattern:
            return value_class == ValueClass::text || value_class == ValueClass::other;
        case Family::order:
            return value_class != ValueClass::json && value_class != ValueClass::boolean &&
                   value_class != ValueClass::array && value_class != ValueClass::other;
    }
    return false;
}

std::optional<Condition::Kind> find_group(std::string_view name) {
    std::string upper(name);
    std::ranges::transform(upper, upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    if (upper == "AND") return Condition::Kind::all;
    if (upper == "OR") return Condition::Kind::any;
    if (upper == "NOT") return Condition::Kind::none;
    return std::nullopt;
}

// The field without its rules: a filter may ask for a value that no record may have, as long as the
// column's type can hold it.
Field bare(const Field& field) {
    Field stripped;
    stripped.type = field.type;
    stripped.type_oid = field.type_oid;
    stripped.item_type = field.item_type;
    return stripped;
}

// Where a field's name leads.
struct FieldPath {
    std::vector<Hop> hops;
    const Field* field = nullptr;
};

const Field* find_lookup(const Entity& entity, std::string_view name) {
    const Field* field = entity.find(name);
    if (field == nullptr) field = entity.find(std::string(name) + "_id");
    return field != nullptr && field->reference ? field : nullptr;
}

std::optional<FieldPath> find_field(const Entity& entity, std::string_view name,
                                    const ConditionContext& context) {
    FieldPath path;
    const Entity* at = &entity;
    while (context.find_target && at->find(name) == nullptr) {
        const std::size_t dot = name.find('.');
        if (dot == std::string_view::npos || path.hops.size() == kMaxHops) return std::nullopt;
        Hop hop{find_lookup(*at, name.substr(0, dot)), nullptr};
        if (hop.lookup == nullptr || !hop.lookup->has_column()) return std::nullopt;
        hop.target = context.find_target(*hop.lookup->reference);
        if (!hop.target) return std::nullopt;
        name.remove_prefix(dot + 1);
        at = hop.target.get();
        path.hops.push_back(std::move(hop));
    }
    path.field = at->find(name);
    // A masked field tells nothing, not by what it equals either.
    if (path.field != nullptr && !path.field->mask_sql.empty()) return std::nullopt;
    // What is computed at read is written over the alias of the entity's own table.
    if (path.field == nullptr || (!path.hops.empty() && !path.field->has_column()))
        return std::nullopt;
    return path;
}

// Checks the values of one comparison and makes them what the compiler binds.
class Values {
  public:
    explicit Values(const Field& field)
        : field_(bare(field)), boolean_(field.value_class() == ValueClass::boolean) {}

    // The value, or what is wrong with it. The strings "true" and "false" become booleans.
    std::optional<std::string> take(const Json& value) {
        const bool spelled =
            boolean_ && value.is_string() && (value.text() == "true" || value.text() == "false");
        taken_ = spelled ? Json::boolean(value.text() == "true") : value;
        return taken_.is_null() ? "must not be null" : fault_of_value(field_, taken_);
    }
    Json taken() { return std::move(taken_); }

  private:
    Field field_;
    bool boolean_;
    Json taken_;
};

constexpr std::size_t kMaxUnknownMembers = 20;  // faults of one object for members it may not have

class Parser {
  public:
    Parser(const Entity& entity, std::string_view path, const ConditionContext& context)
        : entity_(entity), path_(path), context_(context) {}

    Condition root(const Json& json) {
        if (!json.is_object()) return fault(path_, "must be an object");
        if (json.find("operator") != nullptr || json.find("conditions") != nullptr)
            return node(json, path_, 1);
        Condition all;
        for (const auto& [name, value] : json.members()) {
            if (!count_comparison()) break;
            const std::string at = path_ + "." + name;
            const std::optional<FieldPath> field = find_field(entity_, name, context_);
            all.children.push_back(field ? comparison(*field, kOperators[0], &value, at, at)
                                         : fault(at, "unknown field"));
        }
        return all;
    }

    Faults& faults() noexcept { return faults_; }

  private:
    Condition node(const Json& json, const std::string& path, std::size_t depth) {
        if (!json.is_object()) return fault(path, "must be an object");
        return json.find("conditions") == nullptr ? leaf(json, path) : group(json, path, depth);
    }

    Condition group(const Json& json, const std::string& path, std::size_t depth) {
        if (depth > kMaxConditionDepth)
            return fault(path,
                         "is nested deeper than " + std::to_string(kMaxConditionDepth) + " levels");
        refuse_other_members(json, path, {"operator", "conditions"});
        const std::optional<Condition::Kind> kind = find_group(text_member(json, "operator"));
        if (!kind) fault(path + ".operator", "must be AND, OR or NOT");
        const Json& conditions = *json.find("conditions");
        if (!conditions.is_array()) return fault(path + ".conditions", "must be an array");
        std::vector<Condition> children;
        for (std::size_t i = 0; i < conditions.items().size() && comparisons_ <= kMaxConditions;
             ++i) {
            children.push_back(node(conditions.items()[i],
                                    path + ".conditions[" + std::to_string(i) + "]", depth + 1));
        }
        return assemble(kind.value_or(Condition::Kind::all), std::move(children));
    }

    static Condition assemble(Condition::Kind kind, std::vector<Condition> children) {
        Condition condition;
        condition.children = std::move(children);
        if (condition.children.empty()) return condition;
        if (kind != Condition::Kind::none) {
            condition.kind = kind;
            return condition;
        }
        Condition negation;
        negation.kind = Condition::Kind::none;
        if (condition.children.size() == 1) {
            negation.children = std::move(condition.children);
        } else {
            negation.children.push_back(std::move(condition));
        }
        return negation;
    }

    Condition leaf(const Json& json, const std::string& path) {
        if (!count_comparison()) return {};
        refuse_other_members(json, path, {"field", "operator", "value"});
        const std::optional<FieldPath> field =
            find_field(entity_, text_member(json, "field"), context_);
        const OperatorInfo* const found = find_operator(text_member(json, "operator"));
        if (!field)
            fault(path + ".field", json.find("field") == nullptr ? "is required" : "unknown field");
        if (found == nullptr)
            fault(path + ".operator",
                  json.find("operator") == nullptr ? "is required" : "unknown operator");
        if (!field || found == nullptr) return {};
        return comparison(*field, *found, json.find("value"), path + ".operator", path + ".value");
    }

    // value is nullptr when none was given. The two paths say where a fault of each is told.
    Condition comparison(const FieldPath& at, const OperatorInfo& found, const Json* value,
                         const std::string& operator_path, const std::string& value_path) {
        Condition condition;
        const Field& field = *at.field;
        condition.kind = Condition::Kind::comparison;
        condition.hops = at.hops;
        condition.field = &field;
        condition.op = found.op;
        if (found.family == Family::equality && value != nullptr && value->is_null()) {
            condition.op = found.op == Operator::eq ? Operator::is_null : Operator::is_not_null;
        } else if (!applies(found.family, field.value_class())) {
            fault(operator_path, std::string(found.name) + " does not apply to fields of type " +
                                     std::string(info(field.type).name));
        } else if (found.family == Family::null) {
            if (value != nullptr && !value->is_null())
                fault(value_path, "must not be given with " + std::string(found.name));
        } else if (value == nullptr || value->is_null()) {
            fault(value_path, "is required");
        } else if ((condition.placeholder = placeholder_of(*value))) {
            if (auto wrong = misuse(*condition.placeholder, found.family, field))
                fault(value_path, *std::move(wrong));
        } else if (found.family == Family::list) {
            condition.values = list(field, *value, value_path);
        } else {
            condition.values = single(field, *value, value_path);
        }
        return condition;
    }

    [[nodiscard]] const Placeholder* placeholder_of(const Json& value) const {
        return context_.placeholders && value.is_string() ? find_placeholder(value.text())
                                                          : nullptr;
    }

    static std::optional<std::string> misuse(const Placeholder& placeholder, Family family,
                                             const Field& field) {
        const std::string name(placeholder.name);
        if (family == Family::pattern) return name + " cannot be searched for";
        if (placeholder.is_list != (family == Family::list))
            return name + (placeholder.is_list ? " goes with in and not_in only"
                                               : " is one value; use eq or ne");
        if (placeholder.sql_for(field.value_class()).empty())
            return name + " does not compare with fields of type " +
                   std::string(info(field.type).name);
        return std::nullopt;
    }

    std::vector<Json> single(const Field& field, const Json& value, const std::string& path) {
        Values values(field);
        if (std::optional<std::string> wrong = values.take(value)) fault(path, *std::move(wrong));
        return {values.taken()};
    }

    std::vector<Json> list(const Field& field, const Json& value, const std::string& path) {
        std::vector<Json> taken;
        if (!value.is_array()) {
            fault(path, "must be an array");
        } else if (value.items().size() > kMaxListValues) {
            fault(path, "must have at most " + std::to_string(kMaxListValues) + " values");
        } else {
            Values values(field);
            taken.reserve(value.items().size());
            for (const Json& item : value.items()) {
                if (std::optional<std::string> wrong = values.take(item)) {
                    fault(path + "[" + std::to_string(taken.size()) + "]", *std::move(wrong));
                    break;
                }
                taken.push_back(values.taken());
            }
        }
        return taken;
    }

    // The text of a member, or nothing (which names no field and no operator) when it is no string.
    static std::string_view text_member(const Json& json, std::string_view key) noexcept {
        const Json* const member = json.find(key);
        return member != nullptr && member->is_string() ? std::string_view(member->text())
                                                        : std::string_view();
    }

    void refuse_other_members(const Json& json, const std::string& path,
                              std::initializer_list<std::string_view> known) {
        std::size_t unknown = 0;
        for (const auto& [name, value] : json.members()) {
            if (std::ranges::find(known, name) != known.end()) continue;
            if (++unknown > kMaxUnknownMembers) return;
            std::string at = path;
            at.append(".").append(name);
            fault(at, "is not a member of a condition");
        }
    }

    // False, and a fault the first time, when there is one comparison too many.
    bool count_comparison() {
        if (++comparisons_ == kMaxConditions + 1) {
            fault(path_, "must have at most " + std::to_string(kMaxConditions) + " comparisons");
        }
        return comparisons_ <= kMaxConditions;
    }

    // What a faulty part becomes does not matter: the parse ends in a throw.
    Condition fault(const std::string& path, std::string message) {
        faults_.add(path, std::move(message));
        return {};
    }

    const Entity& entity_;
    std::string path_;  // of the whole
    const ConditionContext& context_;
    Faults faults_;
    std::size_t comparisons_ = 0;
};

}  // namespace

Condition parse_condition(const Json& json, const Entity& entity, std::string_view path,
                          const ConditionContext& context) {
    Parser parser(entity, path, context);
    Condition condition = parser.root(json);
    parser.faults().raise("invalid condition");
    return condition;
}

namespace {

template <typename Value, typename Read>
void collect(const Condition& condition, std::vector<Value>& values, const Read& read) {
    if (condition.kind == Condition::Kind::comparison) {
        for (Value& value : read(condition)) {
            if (std::ranges::find(values, value) == values.end())
                values.push_back(std::move(value));
        }
    }
    for (const Condition& child : condition.children) collect(child, values, read);
}

const std::string& renamed(const std::string& name,
                           const std::map<std::string, std::string>& names) {
    const auto found = names.find(name);
    return found == names.end() ? name : found->second;
}

}  // namespace

std::vector<std::string> fields_of(const Condition& condition) {
    std::vector<std::string> names;
    collect(condition, names, [](const Condition& each) {
        const Field* const own = each.hops.empty() ? each.field : each.hops.front().lookup;
        return std::vector<std::string>{own->name};
    });
    return names;
}

std::vector<Uuid> field_ids_of(const Condition& condition) {
    std::vector<Uuid> ids;
    collect(condition, ids, [](const Condition& each) {
        std::vector<Uuid> used;
        for (const Hop& hop : each.hops) used.push_back(hop.lookup->id);
        used.push_back(each.field->id);
        return used;
    });
    return ids;
}

std::vector<std::pair<std::string, std::string>> tables_of(const Condition& condition) {
    std::vector<std::pair<std::string, std::string>> tables;
    collect(condition, tables, [](const Condition& each) {
        std::vector<std::pair<std::string, std::string>> used;
        for (const Hop& hop : each.hops) used.emplace_back(hop.target->schema, hop.target->table);
        return used;
    });
    return tables;
}

// In the order in which Parser reads it: a group, a comparison, else an object of pairs.
Json rename_fields(const Json& condition, const std::map<std::string, std::string>& names) {
    Json changed = condition;
    if (condition.find("conditions") != nullptr) {
        Json children = Json::array();
        for (const Json& child : condition.find("conditions")->items())
            children.items().push_back(rename_fields(child, names));
        changed.set("conditions", std::move(children));
    } else if (condition.find("operator") != nullptr) {
        if (const Json* const field = condition.find("field"))
            changed.set("field", Json::string(renamed(field->text(), names)));
    } else {
        for (auto& member : changed.members()) member.first = renamed(member.first, names);
    }
    return changed;
}

namespace {

// A field's text with each part under the new name of the field it stands for.
std::string renamed_path(std::string_view text, const Entity& entity,
                         const ConditionContext& context,
                         const std::map<Uuid, std::string>& names) {
    const std::optional<FieldPath> path = find_field(entity, text, context);
    if (!path) return std::string(text);
    std::string changed;
    const auto add = [&](const Field& at, std::string_view part) {
        if (!changed.empty()) changed += '.';
        const auto found = names.find(at.id);
        changed += found == names.end() ? part : std::string_view(found->second);
    };
    for (const Hop& hop : path->hops) {
        const std::size_t dot = text.find('.');
        add(*hop.lookup, text.substr(0, dot));
        text.remove_prefix(dot + 1);
    }
    add(*path->field, text);
    return changed;
}

}  // namespace

Json rename_fields(const Json& condition, const Entity& entity, const ConditionContext& context,
                   const std::map<Uuid, std::string>& names) {
    Json changed = condition;
    const auto rename = [&](const std::string& text) {
        return renamed_path(text, entity, context, names);
    };
    if (condition.find("conditions") != nullptr) {
        Json children = Json::array();
        for (const Json& child : condition.find("conditions")->items())
            children.items().push_back(rename_fields(child, entity, context, names));
        changed.set("conditions", std::move(children));
    } else if (condition.find("operator") != nullptr) {
        if (const Json* const at = condition.find("field"))
            changed.set("field", Json::string(rename(at->text())));
    } else {
        for (auto& member : changed.members()) member.first = rename(member.first);
    }
    return changed;
}

}  // namespace pgwright::core
