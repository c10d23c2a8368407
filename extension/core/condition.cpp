// Parses conditions. The parser walks the document once, collects faults by their path and never
// descends past the limits, so a hostile document costs no more than an honest one.
#include "core/condition.hpp"

#include <algorithm>
#include <optional>

#include "core/condition_comparison.hpp"
#include "core/error.hpp"
#include "core/utf8.hpp"

namespace pgwright::core {

namespace {

constexpr std::size_t kMaxUnknownMembers = 20;  // faults of one object for members it may not have

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

// NOT of several negates all of them together; a group of none restricts nothing, whatever its operator.
Condition assemble(Condition::Kind kind, std::vector<Condition> children) {
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

// "field" or "attribute", whichever the object has; empty: neither.
std::string field_member(const Json& json) {
    if (json.find("field") != nullptr) return "field";
    return json.find("attribute") != nullptr ? "attribute" : "";
}

// The text of a member, or nothing (which names no operator) when it is no string.
std::string_view text_member(const Json& json, std::string_view key) noexcept {
    const Json* const member = json.find(key);
    return member != nullptr && member->is_string() ? std::string_view(member->text())
                                                    : std::string_view();
}

bool is_spelled(const Json& value, bool boolean) noexcept {
    return value.is_boolean() ? value.as_boolean() == boolean
                              : value.is_string() && value.text() == (boolean ? "true" : "false");
}

class Parser {
  public:
    Parser(std::string_view path, const ConditionContext& context)
        : path_(path), context_(context), comparison_(path, context, faults_) {}

    Condition tree(const Json& json, const std::string& path, const Standpoint& standpoint) {
        if (!count_part()) return {};
        if (json.is_array()) return group(Condition::Kind::all, json, path, standpoint);
        if (!json.is_object()) return fault(path, "must be an object");
        if (json.find("conditions") != nullptr) {
            return field_member(json).empty() ? named_group(json, path, standpoint)
                                              : quantified(json, path, standpoint);
        }
        return is_leaf(json, standpoint) ? leaf(json, path, standpoint)
                                         : pairs(json, path, standpoint);
    }

    Faults& faults() noexcept { return faults_; }

  private:
    // Groups --------------------------------------------------------------------------------------

    Condition named_group(const Json& json, const std::string& path, const Standpoint& standpoint) {
        refuse_other_members(json, path, {"operator", "conditions"});
        const std::optional<Condition::Kind> kind = find_group(text_member(json, "operator"));
        if (!kind) fault(path + ".operator", "must be AND, OR or NOT");
        const Json& conditions = *json.find("conditions");
        if (!conditions.is_array()) return fault(path + ".conditions", "must be an array");
        return group(kind.value_or(Condition::Kind::all), conditions, path + ".conditions",
                     standpoint);
    }

    Condition group(Condition::Kind kind, const Json& list, const std::string& path,
                    const Standpoint& standpoint) {
        if (!is_within(standpoint, path)) return {};
        const Standpoint inner{standpoint.entity, standpoint.depth + 1, standpoint.steps};
        std::vector<Condition> children;
        for (std::size_t i = 0; i < list.items().size() && is_within_limits(); ++i)
            children.push_back(tree(list.items()[i], path + "[" + std::to_string(i) + "]", inner));
        return assemble(kind, std::move(children));
    }

    // {"field":"orders","operator":"any|all|none","conditions":[...]}
    Condition quantified(const Json& json, const std::string& path, const Standpoint& standpoint) {
        if (!count_comparison() || !is_within(standpoint, path)) return {};
        refuse_other_members(json, path, {"field", "attribute", "operator", "conditions"});
        const auto quantifier = find_quantifier(text_member(json, "operator"));
        if (!quantifier) fault(path + ".operator", "must be any, all or none");
        const std::optional<std::string> name = field_name(json, path);
        if (!name) return {};
        const std::string field_path = path + "." + field_member(json);
        const auto steps = steps_to(*name, *standpoint.entity);
        if (!steps) return fault(field_path, "names no related records");
        if (!comparison_.count_steps(steps->size(), standpoint, field_path)) return {};
        const Standpoint inner{steps->back().target.get(), standpoint.depth + 1,
                               standpoint.steps + steps->size()};
        Condition child = tree(*json.find("conditions"), path + ".conditions", inner);
        return behind(*steps, quantifier.value_or(Condition::Quantifier::any), std::move(child));
    }

    // company.contacts leads over a lookup and a relationship.
    [[nodiscard]] std::optional<std::vector<Related>> steps_to(std::string_view name,
                                                               const Entity& entity) const {
        if (!context_.find_related) return std::nullopt;
        std::vector<Related> steps;
        const Entity* at = &entity;
        for (std::size_t dot = 0; dot != std::string_view::npos;) {
            dot = name.find('.');
            std::optional<Related> related = context_.find_related(*at, name.substr(0, dot));
            if (!related || steps.size() == kMaxHops) return std::nullopt;
            at = related->target.get();
            steps.push_back(*std::move(related));
            name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
        }
        return steps;
    }

    // Comparisons ---------------------------------------------------------------------------------

    // An object that names a field and no operator lacks it, unless that is how its own field is called.
    [[nodiscard]] bool is_leaf(const Json& json, const Standpoint& standpoint) const {
        const std::string member = field_member(json);
        return json.find("operator") != nullptr ||
               (!member.empty() && !comparison_.find(member, standpoint));
    }

    Condition leaf(const Json& json, const std::string& path, const Standpoint& standpoint) {
        if (!count_comparison()) return {};
        refuse_other_members(
            json, path,
            {"field", "attribute", "operator", "value", "value_field", "path", "quantifier"});
        Written written = members_of(json, path);
        const std::optional<std::string> name = field_name(json, path);
        const std::string_view spelled = text_member(json, "operator");
        const auto found = find_operator(spelled);
        if (name && !found && !comparison_.find(*name, standpoint))
            fault(written.field_path, "unknown field");
        if (!found) fault(written.operator_path, operator_fault(json, spelled));
        if (!name || !found) return {};
        written.field = *name;
        written.op = *found;
        return comparison_.read(written, standpoint);
    }

    static std::string operator_fault(const Json& json, std::string_view spelled) {
        if (json.find("operator") == nullptr) return "is required";
        if (find_group(spelled) || find_quantifier(spelled)) return "goes with conditions";
        return "unknown operator";
    }

    static Written members_of(const Json& json, const std::string& path) {
        Written written;
        const std::string member = field_member(json);
        written.value = json.find("value");
        written.value_field = json.find("value_field");
        written.document = json.find("path");
        written.quantifier = json.find("quantifier");
        written.path = path;
        written.field_path = path + "." + (member.empty() ? "field" : member);
        written.operator_path = path + ".operator";
        written.value_path = path + ".value";
        return written;
    }

    // {"price":{"gt":5,"lt":9},"state":"open"}
    Condition pairs(const Json& json, const std::string& path, const Standpoint& standpoint) {
        std::vector<Condition> children;
        for (const auto& [name, value] : json.members()) {
            if (!is_within_limits()) break;
            const std::string at = path + "." + std::string(echo(name));
            children.push_back(value.is_object() && !value.members().empty()
                                   ? operators_of(name, value, at, standpoint)
                                   : pair(name, *find_operator("eq"), value, {at, at}, standpoint));
        }
        return assemble(Condition::Kind::all, std::move(children));
    }

    // {"operator":">","value":5}, or {"gt":5,"lt":9}
    Condition operators_of(const std::string& name, const Json& json, const std::string& at,
                           const Standpoint& standpoint) {
        if (json.find("operator") != nullptr) return leaf_of(name, json, at, standpoint);
        if (!count_part()) return {};
        if (!comparison_.find(name, standpoint)) return fault(at, "unknown field");
        std::vector<Condition> children;
        for (const auto& [spelled, value] : json.members()) {
            if (!count_part()) break;
            const std::string place = at + "." + std::string(echo(spelled));
            const auto found = find_operator(spelled);
            children.push_back(found ? pair(name, *found, value, {at, place}, standpoint)
                                     : fault(place, "unknown operator"));
        }
        return assemble(Condition::Kind::all, std::move(children));
    }

    Condition leaf_of(const std::string& name, const Json& json, const std::string& at,
                      const Standpoint& standpoint) {
        if (!field_member(json).empty()) return fault(at, "names its field twice");
        Json whole = json;
        whole.set("field", Json::string(name));
        return leaf(whole, at, standpoint);
    }

    struct Places {
        const std::string& field;
        const std::string& value;
    };

    // What takes no value is said to be true or false here.
    Condition pair(const std::string& name, const OperatorInfo& op, const Json& value,
                   const Places& places, const Standpoint& standpoint) {
        if (!count_comparison()) return {};
        const bool said =
            takes_nothing(op) && (is_spelled(value, true) || is_spelled(value, false) ||
                                  (value.is_string() && value.text().empty()));
        Written written;
        written.field = name;
        written.op = op;
        written.value = said ? nullptr : &value;
        written.spelled = true;
        written.path = written.field_path = places.field;
        written.operator_path = written.value_path = places.value;
        Condition condition = comparison_.read(written, standpoint);
        if (!said || !is_spelled(value, false)) return condition;
        std::vector<Condition> denied;
        denied.push_back(std::move(condition));
        return assemble(Condition::Kind::none, std::move(denied));
    }

    // Members -------------------------------------------------------------------------------------

    std::optional<std::string> field_name(const Json& json, const std::string& path) {
        const std::string member = field_member(json);
        if (member.empty()) {
            fault(path + ".field", "is required");
            return std::nullopt;
        }
        if (member == "field" && json.find("attribute") != nullptr)
            fault(path + ".attribute", "is the same as field; give one");
        const Json& name = *json.find(member);
        if (name.is_string()) return name.text();
        fault(path + "." + member, "unknown field");
        return std::nullopt;
    }

    void refuse_other_members(const Json& json, const std::string& path,
                              std::initializer_list<std::string_view> known) {
        std::size_t unknown = 0;
        for (const auto& [name, value] : json.members()) {
            if (std::ranges::find(known, name) != known.end()) continue;
            if (++unknown > kMaxUnknownMembers) return;
            std::string at = path;
            at.append(".").append(echo(name));
            fault(at, "is not a member of a condition");
        }
    }

    // Limits --------------------------------------------------------------------------------------

    bool is_within(const Standpoint& standpoint, const std::string& path) {
        if (standpoint.depth <= kMaxConditionDepth) return true;
        fault(path, "is nested deeper than " + std::to_string(kMaxConditionDepth) + " levels");
        return false;
    }

    // False, and a fault the first time, when there is one comparison too many.
    bool count_comparison() {
        if (++comparisons_ == kMaxConditions + 1) {
            fault(path_, "must have at most " + std::to_string(kMaxConditions) + " comparisons");
        }
        return comparisons_ <= kMaxConditions;
    }

    // The same of parts: comparisons, groups and what is neither.
    bool count_part() {
        if (++parts_ == kMaxConditionParts + 1)
            fault(path_, "must have at most " + std::to_string(kMaxConditionParts) + " parts");
        return parts_ <= kMaxConditionParts;
    }

    [[nodiscard]] bool is_within_limits() const noexcept {
        return comparisons_ <= kMaxConditions && parts_ <= kMaxConditionParts;
    }

    // What a faulty part becomes does not matter: the parse ends in a throw.
    Condition fault(const std::string& path, std::string message) {
        faults_.add(path, std::move(message));
        return {};
    }

    std::string path_;  // of the whole
    const ConditionContext& context_;
    Faults faults_;
    ComparisonReader comparison_;
    std::size_t comparisons_ = 0;
    std::size_t parts_ = 0;
};

}  // namespace

Condition parse_condition(const Json& json, const Entity& entity, std::string_view path,
                          const ConditionContext& context) {
    Parser parser(path, context);
    Condition condition = parser.tree(json, std::string(path), {.entity = &entity});
    parser.faults().raise("invalid condition");
    return condition;
}

}  // namespace pgwright::core
