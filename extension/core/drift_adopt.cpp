// The other way: the database is right, and the definition follows it as far as it can say it; see
// drift.hpp. Each difference is one change of the definition, judged as if somebody had made it.
#include <algorithm>
#include <array>
#include <utility>

#include "core/definition_edit.hpp"
#include "core/drift.hpp"
#include "core/identifier.hpp"
#include "core/index_definition.hpp"
#include "core/validation_rule.hpp"

namespace pgwright::core {

namespace {

using Words = std::pair<std::string_view, std::uint32_t>;

// format_type()'s words without their modifiers, and the types' OIDs.
constexpr auto kTypeWords = std::to_array<Words>({
    {"text", 25},
    {"character varying", 1043},
    {"character", 1042},
    {"name", 19},
    {"smallint", 21},
    {"integer", 23},
    {"bigint", 20},
    {"numeric", 1700},
    {"real", 700},
    {"double precision", 701},
    {"boolean", 16},
    {"date", 1082},
    {"time without time zone", 1083},
    {"timestamp without time zone", 1114},
    {"timestamp with time zone", 1184},
    {"uuid", 2950},
    {"json", 114},
    {"jsonb", 3802},
});

// pg_get_indexdef()'s, up to the columns.
constexpr std::string_view kBtree = " USING btree (";
constexpr std::string_view kGin = " USING gin (";

struct TypeWords {
    std::string base;
    std::vector<int> modifiers;
    bool array = false;
};

// "numeric(10,2)[]", "timestamp(3) with time zone"
TypeWords take_apart(std::string_view type) {
    TypeWords words;
    if (type.ends_with("[]")) {
        words.array = true;
        type.remove_suffix(2);
    }
    const std::size_t open = type.find('(');
    const std::size_t close = type.find(')');
    words.base = type.substr(0, open);
    if (open == std::string_view::npos || close == std::string_view::npos) return words;
    words.base += type.substr(close + 1);
    int number = 0;
    for (const char c : type.substr(open + 1, close - open)) {
        if (c >= '0' && c <= '9') {
            number = number * 10 + (c - '0');
        } else {
            words.modifiers.push_back(number);
            number = 0;
        }
    }
    return words;
}

Json number(int value) { return Json::number(std::to_string(value)); }
Json text(std::string_view value) { return Json::string(std::string(value)); }

// 'it''s'::text -> it's; nothing for what is no such literal.
std::optional<std::string> literal(std::string_view sql) {
    const std::size_t cast = sql.rfind("'::");
    if (cast != std::string_view::npos) sql = sql.substr(0, cast + 1);
    if (sql.size() < 2 || sql.front() != '\'' || sql.back() != '\'') return std::nullopt;
    std::string value;
    const std::string_view inner = sql.substr(1, sql.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (inner[i] == '\'' && (++i == inner.size() || inner[i] != '\'')) return std::nullopt;
        value += inner[i];
    }
    return value;
}

bool is_number(std::string_view digits) {
    const bool fits =
        !digits.empty() && digits.find_first_not_of("0123456789.-") == std::string_view::npos;
    if (!fits) return false;
    try {
        return parse_json(digits).is_number();
    } catch (const Failure&) {
        return false;
    }
}

// A literal as JSON has a value of that field type.
Json as_value(std::string_view field_type, const std::string& value) {
    const FieldTypeInfo* const type = find_field_type(field_type);
    if (type == nullptr) return {};
    switch (type->value_class) {
        case ValueClass::integer:
        case ValueClass::numeric: return is_number(value) ? Json::number(value) : Json();
        case ValueClass::boolean: return Json::boolean(value == "true" || value == "t");
        case ValueClass::array:
        case ValueClass::other: return {};
        case ValueClass::json: return parse_json(value);
        default: return Json::string(value);
    }
}

// The bounds in a rule of the server's words: ((char_length(name) >= 2) AND (char_length(name) <= 10)).
std::optional<std::string> bound(std::string_view rule, std::string_view relation) {
    const std::size_t at = rule.find(relation);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view rest = rule.substr(at + relation.size());
    const std::size_t start = rest.find_first_not_of(" ('");
    if (start == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(start);
    const std::string digits(rest.substr(0, rest.find_first_not_of("0123456789.-")));
    return is_number(digits) ? std::optional(digits) : std::nullopt;
}

Json bound_json(std::string_view rule, std::string_view relation) {
    const auto digits = bound(rule, relation);
    return digits ? Json::number(*digits) : Json();
}

class Adopter {
  public:
    Adopter(const EntityDefinition& definition, const DriftInput& input, Uuid (*new_id)())
        : input_(input), new_id_(new_id) {
        adoption_.definition = definition;
    }

    // Indexes and rules go before the fields they are of, and fields that formulas use after the rest.
    Adoption adopt(const std::vector<Difference>& differences) {
        std::vector<Difference> columns;
        for (const Difference& each : differences) {
            if (each.kind == "missing_column")
                columns.push_back(each);
            else
                take(each, false);
        }
        for (std::size_t round = 0; round < differences.size() && !columns.empty(); ++round) {
            std::vector<Difference> again;
            for (const Difference& each : columns)
                if (!take(each, round + 1 < differences.size())) again.push_back(each);
            columns = std::move(again);
        }
        return std::move(adoption_);
    }

  private:
    EntityDefinition& definition() { return adoption_.definition; }

    // Whether it is dealt with, one way or the other. `again`: a conflict may be gone next time.
    bool take(const Difference& each, bool again) {
        EntityDefinition before = definition();
        std::string reason;
        try {
            reason = change(each);
        } catch (const Failure& failure) {
            if (again && failure.code() == Code::conflict) return false;
            reason = failure.message();
            for (const Fault& fault : failure.faults())
                reason += "; " + fault.field + ' ' + fault.message;
        }
        if (reason.empty()) {
            adoption_.taken.push_back(each);
            if (!each.field.empty()) adoption_.fields.insert(each.field);
        } else {
            definition() = std::move(before);
            adoption_.left.push_back({each, std::move(reason)});
        }
        return true;
    }

    // Why it cannot be said; empty when it was.
    std::string change(const Difference& each) {
        if (is_protection(each))
            return "protects the records; it is repaired in the database, never accepted";
        if (each.kind == "table_missing") return "an entity has a table";
        if (each.kind == "added_column") return add_column(each);
        if (each.kind == "added_index") return add_index_of(each);
        if (each.object_type == "constraint" && each.kind == "added_constraint")
            return "no definition says such a constraint";
        if (each.kind == "added_trigger") return "no definition says such a trigger";
        if (each.kind == "missing_index") return remove_index_of(each);
        const FieldDefinition* const field = field_of(each.field);
        if (field == nullptr) return "is not a field's; the system needs it";
        if (each.kind == "missing_column") {
            remove_field(definition(), field->field.id);
            return {};
        }
        return change_of(each, *field);
    }

    [[nodiscard]] const FieldDefinition* field_of(const std::string& name) const {
        for (const FieldDefinition& each : adoption_.definition.fields)
            if (each.field.name == name) return &each;
        return nullptr;
    }

    std::string apply(const FieldDefinition& field, const Json& changes) {
        Faults faults;
        change_field(definition(), field.field.id, changes, faults);
        faults.raise("the field cannot follow");
        return {};
    }

    std::string change_of(const Difference& each, const FieldDefinition& field) {
        if (each.kind == "changed_type") {
            const Json members = field_members_of_type(each.actual);
            if (members.is_null()) return "no field is of the type " + each.actual;
            if (field.field.is_calculated()) return "is calculated";
            return apply(field, members);
        }
        if (each.kind == "changed_nullability")
            return apply(field,
                         Json::object({{"is_required", Json::boolean(each.actual != "NULL")}}));
        if (each.kind == "changed_default") {
            Json members = default_members(each.actual, info(field.field.type).name);
            if (members.is_null()) return "no field has such a default";
            return apply(field, members);
        }
        if (each.object_type == "constraint") return change_rule(each, field);
        return "cannot be said in a definition";
    }

    static Json default_members(const std::string& sql, std::string_view type) {
        Json none = Json::object({{"default_value", Json()}, {"default_expression", Json()}});
        if (sql.empty()) return none;
        Json said = field_members_of_default(sql, type);
        if (said.is_null()) return said;
        for (const auto& [key, value] : said.members()) none.set(key, value);
        return none;
    }

    // The rule's name tells which one it is; its words tell the bounds.
    std::string change_rule(const Difference& each, const FieldDefinition& field) {
        const std::string& table = adoption_.definition.entity.table;
        const bool gone = each.kind == "missing_constraint";
        const std::string& rule = each.actual;
        const auto is = [&](std::string_view suffix) {
            return each.object == derived_name({table, field.field.name}, suffix);
        };
        if (is("length"))
            return bounds(field, "min_length", gone ? Json() : bound_json(rule, ">= "),
                          "max_length", gone ? Json() : bound_json(rule, "<= "));
        if (is("range"))
            return bounds(field, "min_value", gone ? Json() : bound_json(rule, ">= "), "max_value",
                          gone ? Json() : bound_json(rule, "<= "));
        if (is("scale"))
            return bounds(field, "decimal_places", gone ? Json() : bound_json(rule, "<= "), {}, {});
        if (is("pattern") && gone) return apply(field, Json::object({{"pattern", Json()}}));
        if (is("pattern")) return "no pattern can be read out of it";
        for (const ValidationRule& each_rule : field.field.rules) {
            if (each.object != rule_constraint(adoption_.definition.entity, field.field, each_rule))
                continue;
            return gone ? without_rule(field, each_rule.name) : "no rule can be read out of it";
        }
        if (is("allowed") && gone) return apply(field, Json::object({{"allowed_values", Json()}}));
        return "belongs to the field's type";
    }

    std::string without_rule(const FieldDefinition& field, const std::string& name) {
        Field changed = field.field;
        std::erase_if(changed.rules, [&](const ValidationRule& rule) { return rule.name == name; });
        return apply(field, Json::object({{"validation_rules", rules_as_written(changed)}}));
    }

    std::string bounds(const FieldDefinition& field, std::string_view low, const Json& lowest,
                       std::string_view high, const Json& highest) {
        const Uuid id = field.field.id;
        Json changes = Json::object();
        changes.set(low, lowest);
        if (!high.empty()) changes.set(high, highest);
        const bool none = lowest.is_null() && highest.is_null();
        (void)apply(field, changes);
        const Field& after = require_field(definition(), id.to_string()).field;
        const bool length = low == "min_length" && after.max_length && highest.is_null();
        const bool scale = low == "decimal_places" && after.decimal_places && lowest.is_null();
        if (length || (none && scale)) return "fields of that type always have such a rule";
        return {};
    }

    // Fields and indexes that are new -------------------------------------------------------------

    std::string add_column(const Difference& each) {
        Json members = field_members_of_type(each.actual);
        if (members.is_null()) return "no field is of the type " + each.actual;
        const ColumnState& column = *input_.actual.column(each.object);
        if (column.generated) return "is generated; a calculated field says its formula";
        members.set("name", text(each.object));
        members.set("is_required", Json::boolean(column.not_null));
        if (column.default_sql) {
            const Json said =
                default_members(*column.default_sql, members.find("field_type")->text());
            if (said.is_null()) return "no field has the default " + *column.default_sql;
            for (const auto& [key, value] : said.members())
                if (!value.is_null()) members.set(key, value);
        }
        Faults faults;
        add_field(definition(), new_id_(), members, faults);
        faults.raise("no field can be like it");
        FieldDefinition& added = definition().fields.back();
        if (!added.display_order)
            added.display_order = static_cast<int>(definition().fields.size());
        adoption_.fields.insert(each.object);
        return {};
    }

    // "CREATE INDEX name ON schema.table USING btree (city, name DESC)" of plain columns, and a search
    // index: "... USING gin (title pgwright.search_ops)".
    std::string add_index_of(const Difference& each) {
        std::string plain = "no definition says such an index";
        const std::string& sql = each.actual;
        const bool search = sql.find(kGin) != std::string::npos;
        const std::string_view method = search ? kGin : kBtree;
        const std::size_t open = sql.find(method);
        if (!sql.starts_with("CREATE INDEX ") || open == std::string::npos || !sql.ends_with(')'))
            return plain;
        std::string list = sql.substr(open + method.size());
        list.pop_back();
        Json keys = Json::array();
        for (std::size_t at = 0; at <= list.size();) {
            const std::size_t comma = std::min(list.find(", ", at), list.size());
            const std::string item = list.substr(at, comma - at);
            const Json key = search ? searched_key(item) : key_of(item);
            if (key.is_null()) return plain;
            keys.items().push_back(key);
            at = comma + 2;
        }
        return define_index(each, search ? IndexMethod::search : IndexMethod::btree,
                            std::move(keys));
    }

    Json searched_key(const std::string& item) {
        const std::size_t space = item.find(' ');
        const FieldDefinition* const field = field_of(item.substr(0, space));
        if (field == nullptr || space == std::string::npos) return {};
        const std::string wanted = "pgwright." + std::string(search_class(field->field));
        return item.substr(space + 1) == wanted ? text(field->field.name) : Json();
    }

    Json key_of(std::string key) {
        Json json = Json::object();
        const auto take_word = [&](std::string_view word) {
            if (!key.ends_with(word)) return false;
            key.resize(key.size() - word.size());
            return true;
        };
        if (take_word(" NULLS LAST")) json.set("nulls", text("last"));
        if (take_word(" NULLS FIRST")) json.set("nulls", text("first"));
        if (take_word(" DESC")) json.set("order", text("desc"));
        if (field_of(key) == nullptr) return {};
        json.set("field", text(key));
        return json;
    }

    std::string define_index(const Difference& each, IndexMethod method, Json keys) {
        const std::string& table = definition().entity.table;
        std::string name = each.object;
        if (name.starts_with(table + '_')) name.erase(0, table.size() + 1);
        if (name.ends_with("_ix")) name.resize(name.size() - 3);
        Faults faults;
        add_index(definition(), new_id_(),
                  Json::object({{"name", text(name)},
                                {"index_type", text(index_method_name(method))},
                                {"field_names", std::move(keys)}}),
                  faults);
        faults.raise("no index definition can be like it");
        const std::string wanted = derived_name({table, name}, "ix");
        if (wanted != each.object) rename_index(each.object, wanted);
        return {};
    }

    void rename_index(const std::string& from, const std::string& to) {
        const std::string& schema = input_.design.entity.schema;
        const auto sql = [&](const std::string& old_name, const std::string& name) {
            return "ALTER INDEX " + quote_qualified(schema, old_name) + " RENAME TO " +
                   quote_identifier(name) + ';';
        };
        adoption_.renames.push_back({"rename_index", to, "Rename " + from + " to " + to,
                                     sql(from, to), sql(to, from), "SHARE UPDATE EXCLUSIVE",
                                     Risk::safe});
    }

    std::string remove_index_of(const Difference& each) {
        const std::string& table = definition().entity.table;
        for (const IndexDefinition& index : definition().indexes) {
            if (derived_name({table, index.name}, "ix") != each.object) continue;
            remove_index(definition(), Uuid(index.id));
            return {};
        }
        const FieldDefinition* const field = field_of(each.field);
        if (field == nullptr) return "the system needs it";
        if (field->field.reference) return "every lookup has its index";
        const char* const member = field->field.unique ? "is_unique" : "is_indexed";
        return apply(*field, Json::object({{member, Json::boolean(false)}}));
    }

    const DriftInput& input_;
    Uuid (*new_id_)();
    Adoption adoption_;
};

}  // namespace

Json field_members_of_type(std::string_view sql_type) {
    const TypeWords words = take_apart(sql_type);
    const auto* const found = std::ranges::find(kTypeWords, words.base, &Words::first);
    if (found == kTypeWords.end()) return {};
    const FieldTypeInfo& type = info(field_type_of(found->second));
    Json members = Json::object();
    if (words.array) {
        if (!type.is_item) return {};
        members.set("field_type", text("array"));
        members.set("item_type", text(type.name));
        return members;
    }
    members.set("field_type", text(type.name));
    if (type.type == FieldType::string && words.modifiers.size() == 1)
        members.set("max_length", number(words.modifiers[0]));
    if (type.type == FieldType::decimal && words.modifiers.size() == 2)
        members.set("decimal_places", number(words.modifiers[1]));
    // What has no length is no string of at most 255.
    if (type.type == FieldType::string && words.modifiers.empty())
        members.set("field_type", text("text"));
    return members;
}

Json field_members_of_default(std::string_view sql, std::string_view field_type) {
    const auto expression = [](std::string_view word) {
        return Json::object({{"default_expression", text(word)}});
    };
    if (sql == "now()" || sql == "CURRENT_TIMESTAMP") return expression("now");
    if (sql == "pgwright.user_id()") return expression("current_user_id");
    if (sql == "pgwright.uuid_v7()") return expression("new_uuid");
    if (sql == "((now() AT TIME ZONE 'UTC'::text))::date") return expression("today");
    const auto quoted = literal(sql);
    if (!quoted && !is_number(sql) && sql != "true" && sql != "false") return {};
    Json value = as_value(field_type, quoted.value_or(std::string(sql)));
    if (value.is_null()) return {};
    return Json::object({{"default_value", std::move(value)}});
}

Adoption adopt_database(const EntityDefinition& definition, const DriftInput& input,
                        const std::vector<Difference>& differences, Uuid (*new_id)()) {
    return Adopter(definition, input, new_id).adopt(differences);
}

}  // namespace pgwright::core
