// The rules of definitions that hold whatever way they came: typed in, loaded from the catalog to be
// published, made by an importer. Each rule is one function.
#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "core/definition_reader.hpp"
#include "core/expression.hpp"
#include "core/identifier.hpp"
#include "core/index_definition.hpp"
#include "core/json_schema.hpp"
#include "core/regular_expression.hpp"
#include "core/validation_rule.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

// One field, the beginning of its path, and where the faults go.
struct Subject {
    const Field& field;
    std::string_view path;
    Faults& faults;

    // Of the values, or of an array's items: whose rules they are.
    [[nodiscard]] const FieldTypeInfo& type() const { return info(field.scalar_type()); }
    void fault(std::string_view key, std::string message) const {
        add_once(faults, std::string(path).append(key), std::move(message));
    }
    void not_for_type(std::string_view key) const {
        const std::string array = field.is_array() ? "array of " : "";
        fault(key, "is not for a field of type " + array + std::string(type().name));
    }
};

void check_label(const Subject& subject) {
    const std::size_t length = count_characters(subject.field.label);
    if (length == 0 && !subject.field.name.empty()) subject.fault("label", "is required");
    if (length > kMaxLabelLength)
        subject.fault("label",
                      "must be at most " + std::to_string(kMaxLabelLength) + " characters");
}

void check_length(const Subject& subject) {
    const auto& [min, max] = std::tie(subject.field.min_length, subject.field.max_length);
    if (!subject.type().has_length) {
        if (min) subject.not_for_type("min_length");
        if (max) subject.not_for_type("max_length");
        return;
    }
    // A type with a form has a length beyond which nothing has that form.
    const bool open = subject.type().pattern.empty() && subject.field.type != FieldType::rich_text;
    const int limit = open ? kMaxFieldLength : *subject.type().default_max_length;
    if (max && (*max < 1 || *max > limit))
        subject.fault("max_length", "must be from 1 to " + std::to_string(limit));
    if (min && (*min < 0 || *min > max.value_or(limit))) {
        subject.fault("min_length", max ? "must not be negative or greater than max_length"
                                        : "must be from 0 to " + std::to_string(limit));
    }
}

bool is_bound_of(const Field& field, std::string_view digits) {
    if (info(field.scalar_type()).value_class == ValueClass::numeric)
        return is_decimal_text(digits);
    if (field.scalar_type() == FieldType::integer)
        return is_integer_text(digits, std::numeric_limits<std::int32_t>::min(),
                               std::numeric_limits<std::int32_t>::max());
    return is_integer_text(digits, std::numeric_limits<std::int64_t>::min(),
                           std::numeric_limits<std::int64_t>::max());
}

void check_bound(const Subject& subject, std::string_view key,
                 const std::optional<std::string>& bound) {
    if (!bound) return;
    if (!subject.type().has_range) {
        subject.not_for_type(key);
    } else if (!is_bound_of(subject.field, *bound)) {
        subject.fault(key, "must be a value of type " + std::string(subject.type().name));
    }
}

void check_range(const Subject& subject) {
    const auto& min = subject.field.min_value;
    const auto& max = subject.field.max_value;
    check_bound(subject, "min_value", min);
    check_bound(subject, "max_value", max);
    if (min && max && is_decimal_text(*min) && is_decimal_text(*max) &&
        compare_decimals(*min, *max) > 0) {
        subject.fault("min_value", "must not be greater than max_value");
    }
}

void check_scale(const Subject& subject) {
    const auto& places = subject.field.decimal_places;
    if (!places) return;
    if (!subject.type().has_scale) subject.not_for_type("decimal_places");
    if (*places < 0 || *places > kMaxDecimalPlaces) {
        subject.fault("decimal_places", "must be from 0 to " + std::to_string(kMaxDecimalPlaces));
    }
}

// A B-tree refuses an entry over a third of a page, long after the definition was accepted.
void check_index(const Subject& subject) {
    const Field& field = subject.field;
    for (const auto& [key, wanted] :
         {std::pair{"is_unique", field.unique}, std::pair{"is_indexed", field.indexed}}) {
        if (!wanted) continue;
        const bool is_document =
            field.type == FieldType::json || field.type == FieldType::rich_text;
        if (is_document || (field.is_array() && key == std::string_view("is_unique"))) {
            subject.not_for_type(key);
            continue;
        }
        if (subject.type().has_length &&
            field.max_length.value_or(kMaxFieldLength) > kMaxIndexedLength) {
            subject.fault(key,
                          "needs a max_length of at most " + std::to_string(kMaxIndexedLength));
        }
    }
}

void check_pattern(const Subject& subject) {
    const Field& field = subject.field;
    if (!field.pattern) return;
    if (!takes_pattern(field)) return subject.not_for_type("pattern");
    try {
        (void)RegularExpression::compile(*field.pattern);
    } catch (const Failure& failure) {
        subject.fault("pattern", failure.faults().front().message);
    }
}

void check_default_value(const Subject& subject) {
    if (!subject.field.default_value) return;
    const auto value = value_from_text(subject.field, *subject.field.default_value);
    if (!value) {
        if (subject.field.is_array()) return subject.fault("default_value", "must be an array");
        const bool boolean = subject.type().value_class == ValueClass::boolean;
        return subject.fault("default_value",
                             boolean ? "must be true or false" : "must be a JSON document");
    }
    if (auto fault = fault_of_value(subject.field, *value))
        subject.fault("default_value", *std::move(fault));
}

// The words that are no expressions.
struct DefaultWord {
    std::string_view name;
    std::array<FieldType, 3> types;
};
constexpr std::array<DefaultWord, 4> kDefaultWords = {{
    {"now", {FieldType::datetime, FieldType::date, FieldType::time}},
    {"today", {FieldType::date, FieldType::date, FieldType::date}},
    {"current_user_id", {FieldType::uuid, FieldType::lookup, FieldType::lookup}},
    {"new_uuid", {FieldType::uuid, FieldType::uuid, FieldType::uuid}},
}};

void check_as_expression(const Subject& subject, const std::string& text) {
    Faults faults;
    try {
        const Expression expression = parse_expression(text);
        const std::set<std::string> used = fields_of(expression);
        if (!used.empty())
            return subject.fault("default_expression",
                                 "must not use fields, as \"" + std::string(echo(*used.begin())) +
                                     "\"; it must be an expression without them, or one of: now, "
                                     "today, current_user_id, new_uuid");
        check_assignable(check_expression(expression, {}, "", faults), subject.field, "", faults);
    } catch (const Failure& failure) {
        return subject.fault("default_expression", failure.faults().front().message);
    }
    const std::string path = std::string(subject.path).append("default_expression");
    for (const Fault& fault : faults.list()) subject.faults.add(path, fault.message);
}

void check_default_expression(const Subject& subject) {
    const Field& field = subject.field;
    if (!field.default_expression) return;
    const auto* const found = std::find_if(
        kDefaultWords.begin(), kDefaultWords.end(),
        [&](const DefaultWord& each) { return each.name == *field.default_expression; });
    if (found == kDefaultWords.end()) {
        check_as_expression(subject, *field.default_expression);
    } else if (std::find(found->types.begin(), found->types.end(), field.type) ==
               found->types.end()) {
        subject.not_for_type("default_expression");
    }
    if (field.default_value)
        subject.fault("default_expression", "must not be given along with default_value");
}

// Its value comes from its formula and from nowhere else; check_formulas() looks at that.
void check_calculated(const Subject& subject) {
    const Field& field = subject.field;
    if (!field.is_calculated()) return;
    const bool scalar = field.type != FieldType::lookup && field.type != FieldType::json &&
                        field.type != FieldType::other && !field.item_type;
    if (!scalar)
        subject.fault("field_type", "must not be " + std::string(subject.type().name) +
                                        " for a calculated field");
    for (const auto& [key, given] :
         {std::pair{"is_required", field.required},
          std::pair{"default_value", field.default_value.has_value()},
          std::pair{"default_expression", field.default_expression.has_value()}}) {
        if (given) subject.fault(key, "is not for a calculated field");
    }
    if (!field.readonly) subject.fault("is_readonly", "must be true for a calculated field");
}

void check_writable(const Subject& subject) {
    if (subject.field.readonly && subject.field.must_be_given()) {
        subject.fault("is_readonly",
                      "needs a default, because the field is required and nobody may write it");
    }
}

// Of the same value, whatever its digits: 1 and 1.0.
bool same_value(const Field& field, const Json& a, const Json& b) {
    return info(field.scalar_type()).has_range ? compare_decimals(a.text(), b.text()) == 0
                                               : a.text() == b.text();
}

// nullopt: as it should be. Values are checked without the list they are in.
std::optional<std::string> allowed_value_fault(const Field& unlisted, const Json& value) {
    if (value.is_null()) return "must not be null";
    if (unlisted.allowed_values.empty() && info(unlisted.type).has_range && !value.is_number())
        return "must be a number";
    const bool is_enum = unlisted.type == FieldType::enum_;
    if (is_enum && (value.text().empty() || count_characters(value.text()) > kMaxEnumLength))
        return "must be text of 1 to " + std::to_string(kMaxEnumLength) + " characters";
    return fault_of_value(unlisted, value);
}

bool sort_before(const Field& field, const Json& a, const Json& b) {
    return info(field.scalar_type()).has_range ? compare_decimals(a.text(), b.text()) < 0
                                               : a.text() < b.text();
}

void check_duplicates(const Subject& subject) {
    std::vector<const Json*> values;
    for (const Json& each : subject.field.allowed_values) values.push_back(&each);
    std::sort(values.begin(), values.end(),
              [&](const Json* a, const Json* b) { return sort_before(subject.field, *a, *b); });
    const auto twin = std::adjacent_find(
        values.begin(), values.end(),
        [&](const Json* a, const Json* b) { return same_value(subject.field, *a, *b); });
    if (twin != values.end())
        subject.fault("allowed_values",
                      "holds the same value twice: " + std::string(echo((*twin)->text())));
}

void check_allowed_values(const Subject& subject) {
    const auto& values = subject.field.allowed_values;
    if (values.empty()) {
        if (subject.field.type == FieldType::enum_)
            subject.fault("allowed_values", "is required for an enum");
        return;
    }
    const bool is_text = subject.type().value_class == ValueClass::text;
    if ((!is_text && !subject.type().has_range) || subject.field.type == FieldType::rich_text)
        return subject.not_for_type("allowed_values");
    if (values.size() > kMaxAllowedValues) {
        return subject.fault("allowed_values",
                             "must be at most " + std::to_string(kMaxAllowedValues) + " values");
    }
    Field unlisted = subject.field;
    unlisted.allowed_values.clear();
    unlisted.type = subject.field.scalar_type();
    unlisted.item_type.reset();
    set_type_oids(unlisted);
    bool good = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto fault = allowed_value_fault(unlisted, values[i]);
        if (!fault) continue;
        good = false;
        subject.fault("allowed_values[" + std::to_string(i) + "]", *std::move(fault));
    }
    if (good) check_duplicates(subject);
}

void check_item_type(const Subject& subject) {
    const auto& item = subject.field.item_type;
    if (!subject.field.is_array()) {
        if (item) subject.fault("item_type", "is for arrays only");
    } else if (!item) {
        subject.fault("item_type", "is required for an array");
    } else if (!info(*item).is_item) {
        subject.fault("item_type",
                      "must be a type of single values, not " + std::string(info(*item).name));
    }
}

void check_schema(const Subject& subject) {
    const Field& field = subject.field;
    if (field.json_schema.is_null()) return;
    if (field.type != FieldType::json) return subject.not_for_type("json_schema");
    check_json_schema(field.json_schema, std::string(subject.path) + "json_schema", subject.faults);
}

void check_reference(const Subject& subject) {
    const auto& reference = subject.field.reference;
    if (!reference) return;
    if (subject.field.type != FieldType::lookup && subject.field.type != FieldType::file)
        return subject.fault("reference_entity", "is for lookups only");
    for (const auto& [key, action] : {std::pair{"on_delete", reference->on_delete},
                                      std::pair{"on_update", reference->on_update}}) {
        if (subject.field.required && action == ReferentialAction::set_null)
            subject.fault(key, "cannot be SET NULL, because the field is required");
    }
}

std::string lower(std::string_view name) {
    std::string text(name);
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

void check_names(const EntityDefinition& definition, Faults& faults) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < definition.fields.size(); ++i) {
        const std::string& name = definition.fields[i].field.name;
        if (!name.empty() && !names.insert(lower(name)).second) {
            add_once(faults, "fields[" + std::to_string(i) + "].name",
                     "is the name of another field too");
        }
    }
}

// Over all fields of the table: a formula may use created_at.
void check_formulas(const EntityDefinition& definition, Faults& faults) {
    std::vector<std::string> paths(leading_system_fields().size());
    for (std::size_t i = 0; i < definition.fields.size(); ++i)
        paths.push_back("fields[" + std::to_string(i) + "].");
    const std::vector<Field> fields = all_fields(definition);
    paths.resize(fields.size());
    core::check_formulas(fields, paths, faults);
}

void check_field_exists(const EntityDefinition& definition, std::string_view key,
                        const std::optional<std::string>& name, Faults& faults) {
    if (!name) return;
    const std::vector<Field> fields = all_fields(definition);
    if (std::none_of(fields.begin(), fields.end(),
                     [&](const Field& field) { return field.name == *name; })) {
        add_once(faults, std::string(key), "is not a field of the entity");
    }
}

}  // namespace

void check_field(const Field& field, std::string_view path, Faults& faults) {
    const Subject subject{field, path, faults};
    if (auto fault = field_name_fault(field.name)) subject.fault("name", *std::move(fault));
    check_label(subject);
    check_writable(subject);
    check_calculated(subject);
    if (field.type == FieldType::other) return;  // not a type of ours: nothing more to say
    check_item_type(subject);
    if (field.is_array() && (!field.item_type || !info(*field.item_type).is_item)) return;
    check_schema(subject);
    check_length(subject);
    check_pattern(subject);
    check_range(subject);
    check_scale(subject);
    check_index(subject);
    check_allowed_values(subject);
    check_default_value(subject);
    check_default_expression(subject);
    check_reference(subject);
}

void check_entity(const EntityDefinition& definition, Faults& faults) {
    if (auto fault = entity_name_fault(definition.entity.name))
        add_once(faults, "name", *std::move(fault));
    if (definition.entity.table != definition.entity.name) {
        if (auto fault = entity_name_fault(definition.entity.table))
            add_once(faults, "table_name", *std::move(fault));
    }
    if (definition.fields.size() > kMaxFields) {
        return add_once(faults, "fields", "must be at most " + std::to_string(kMaxFields));
    }
    for (std::size_t i = 0; i < definition.fields.size(); ++i) {
        check_field(definition.fields[i].field, "fields[" + std::to_string(i) + "].", faults);
    }
    check_names(definition, faults);
    check_formulas(definition, faults);
    check_rules(definition, faults);
    check_field_exists(definition, "primary_field", definition.primary_field, faults);
    check_field_exists(definition, "default_sort_field", definition.default_sort_field, faults);
    check_indexes(definition, faults);
}

}  // namespace pgwright::core
