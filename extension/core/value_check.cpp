// The check of values and records. What it accepts, the column's type and the constraints made by the
// planner accept too; the conditions are written to be the same (length_rule, pattern.hpp, ...).
#include "core/value_check.hpp"

#include <algorithm>
#include <limits>

#include "core/json_schema.hpp"
#include "core/pattern.hpp"
#include "core/record_key.hpp"
#include "core/regular_expression.hpp"
#include "core/rich_text.hpp"

namespace pgwright::core {
namespace {

constexpr std::size_t kMaxUnknownFields = 20;  // faults of one record for fields it does not have

constexpr std::uint32_t kSmallintOid = 21;
constexpr std::uint32_t kIntegerOid = 23;
constexpr std::uint32_t kTimestampOid = 1114;

// What one value is checked as: the field, or an item of an array field.
struct Scalar {
    explicit Scalar(const Field& of)
        : field(of),
          type(of.scalar_type()),
          type_oid(of.scalar_oid()),
          value_class(of.is_array() ? info(type).value_class : of.value_class()) {}

    const Field& field;
    FieldType type;
    std::uint32_t type_oid;
    ValueClass value_class;
    bool matched = true;  // by its pattern, which takes too long here for texts of megabytes
};

template <typename Integer>
std::optional<std::string> integer_fault(std::string_view digits) {
    constexpr Integer lowest = std::numeric_limits<Integer>::min();
    constexpr Integer highest = std::numeric_limits<Integer>::max();
    if (is_integer_text(digits, lowest, highest)) return std::nullopt;
    if (!is_decimal_text(digits) || significant_scale(digits) > 0) return "must be an integer";
    if (digits.find_first_of(".eE") != std::string_view::npos)
        return "must be an integer without a decimal point or an exponent";
    return "must be an integer from " + std::to_string(lowest) + " to " + std::to_string(highest);
}

std::optional<std::string> integer_fault(const Scalar& field, const Json& value) {
    if (!value.is_number() && !value.is_string()) return "must be an integer";
    const bool small = field.type_oid == kSmallintOid;
    const bool plain =
        field.type_oid == kIntegerOid || (field.type_oid == 0 && field.type == FieldType::integer);
    if (small) return integer_fault<std::int16_t>(value.text());
    return plain ? integer_fault<std::int32_t>(value.text())
                 : integer_fault<std::int64_t>(value.text());
}

static_assert(kMaxNumberDigits == 1000, "a message below says so");

// jsonb keeps numbers as numeric.
bool has_bounded_numbers(const Json& value) noexcept {
    if (value.is_number()) return is_decimal_text(value.text());
    return std::all_of(value.items().begin(), value.items().end(), has_bounded_numbers) &&
           std::all_of(value.members().begin(), value.members().end(),
                       [](const auto& member) { return has_bounded_numbers(member.second); });
}

std::optional<std::string> unless(bool right, const char* message) {
    return right ? std::nullopt : std::optional<std::string>(message);
}

std::optional<std::string> datetime_fault(const Scalar& field, const Json& value) {
    // The server would ignore an offset without a word.
    if (field.type_oid == kTimestampOid) {
        return unless(value.is_string() && is_local_datetime_text(value.text()),
                      "must be a date and time without a time zone (YYYY-MM-DDTHH:MM:SS)");
    }
    return unless(value.is_string() && is_datetime_text(value.text()),
                  "must be a date and time (ISO 8601)");
}

std::optional<std::string> type_fault(const Scalar& field, const Json& value) {
    const bool string = value.is_string();
    const std::string& text = value.text();
    switch (field.value_class) {
        case ValueClass::text:
        case ValueClass::array:
        case ValueClass::other: return unless(string, "must be text");
        case ValueClass::integer: return integer_fault(field, value);
        case ValueClass::numeric:
            return unless((string || value.is_number()) && is_decimal_text(text),
                          "must be a number");
        case ValueClass::boolean: return unless(value.is_boolean(), "must be true or false");
        case ValueClass::date:
            return unless(string && is_date_text(text), "must be a date (YYYY-MM-DD)");
        case ValueClass::time:
            return unless(string && is_time_text(text), "must be a time (HH:MM:SS)");
        case ValueClass::datetime: return datetime_fault(field, value);
        case ValueClass::uuid: return unless(string && Uuid::parse(text), "must be a UUID");
        case ValueClass::json:
            return unless(has_bounded_numbers(value), "must hold no number of over 1000 digits");
    }
    return std::nullopt;
}

bool has_length(const Field& field, std::string_view text) noexcept {
    if (!field.min_length && !field.max_length) return true;
    const std::size_t length = count_characters(text);
    return length >= static_cast<std::size_t>(field.min_length.value_or(0)) &&
           (!field.max_length || length <= static_cast<std::size_t>(*field.max_length));
}

bool has_format(FieldType type, std::string_view text) noexcept {
    switch (type) {
        case FieldType::email: return is_email(text);
        case FieldType::url: return is_url(text);
        case FieldType::phone: return is_phone(text);
        default: return true;
    }
}

bool has_pattern(const Scalar& scalar, std::string_view text) {
    const auto& matcher = scalar.field.matcher;
    return !scalar.matched || matcher == nullptr || matcher->matches(text);
}

bool is_quickly_matched(const Field& field, std::size_t bytes) {
    return field.matcher == nullptr || field.matcher->is_quick(bytes);
}

bool is_in_range(const Field& field, std::string_view digits) noexcept {
    return (!field.min_value || compare_decimals(digits, *field.min_value) >= 0) &&
           (!field.max_value || compare_decimals(digits, *field.max_value) <= 0);
}

bool has_scale(const Field& field, std::string_view digits) noexcept {
    return !field.decimal_places ||
           significant_scale(digits) <= static_cast<std::size_t>(*field.decimal_places);
}

bool is_allowed(const Field& field, std::string_view text, bool is_number) noexcept {
    return field.allowed_values.empty() ||
           std::any_of(field.allowed_values.begin(), field.allowed_values.end(),
                       [&](const Json& allowed) {
                           return is_number ? compare_decimals(text, allowed.text()) == 0
                                            : text == allowed.text();
                       });
}

// Lengths of its own hold for what will be stored.
std::optional<std::string> rich_text_rule_fault(const Field& field, std::string_view html) {
    if (auto fault = rich_text_fault(html)) return fault;
    const bool limited =
        field.min_length || field.max_length != info(field.type).default_max_length;
    if (!limited) return std::nullopt;
    try {
        if (has_length(field, sanitize_rich_text(html))) return std::nullopt;
        return length_rule(field);
    } catch (const Failure& failure) {
        return failure.message();
    }
}

// Of a value that is of the field's type.
std::optional<std::string> rule_fault(const Scalar& scalar, std::string_view text) {
    const Field& field = scalar.field;
    const ValueClass value_class = scalar.value_class;
    const bool is_number = value_class == ValueClass::integer || value_class == ValueClass::numeric;
    if (scalar.type == FieldType::rich_text) return rich_text_rule_fault(field, text);
    if (value_class == ValueClass::text) {
        if (!has_length(field, text)) return length_rule(field);
        if (!has_format(scalar.type, text)) return format_rule(field);
        if (!has_pattern(scalar, text)) return pattern_rule(field);
    }
    if (is_number) {
        if (!is_in_range(field, text)) return range_rule(field);
        if (!has_scale(field, text)) return scale_rule(field);
    }
    if ((is_number || value_class == ValueClass::text) && !is_allowed(field, text, is_number))
        return allowed_rule(field);
    return std::nullopt;
}

std::optional<std::string> schema_fault(const Field& field, const Json& value) {
    if (field.json_schema.is_null()) return std::nullopt;
    const auto schema = field.schema ? field.schema : JsonSchema::compile(field.json_schema);
    return schema->fault_of(value.dump());
}

std::optional<std::string> scalar_fault(const Scalar& scalar, const Json& value) {
    if (auto fault = type_fault(scalar, value)) return fault;
    if (scalar.value_class == ValueClass::json) return schema_fault(scalar.field, value);
    return rule_fault(scalar, value.text());
}

// What is wrong with a value, and where in it: "[2]", or nothing for the whole.
struct ValueFault {
    std::string place, message;
};

std::optional<ValueFault> array_fault(const Field& field, const Json& value) {
    if (!value.is_array()) return ValueFault{"", "must be an array"};
    if (value.items().size() > kMaxArrayItems)
        return ValueFault{"", "must have at most " + std::to_string(kMaxArrayItems) + " items"};
    Scalar item(field);
    std::size_t bytes = 0;
    for (const Json& each : value.items()) bytes += each.is_string() ? each.text().size() : 0;
    item.matched = is_quickly_matched(field, bytes);
    for (std::size_t i = 0; i < value.items().size(); ++i) {
        const Json& each = value.items()[i];
        auto fault = each.is_null() ? std::optional<std::string>("must not be null")
                                    : scalar_fault(item, each);
        if (fault) return ValueFault{"[" + std::to_string(i) + "]", *std::move(fault)};
    }
    return std::nullopt;
}

std::optional<ValueFault> find_fault(const Field& field, const Json& value) {
    if (value.is_null())
        return field.required ? std::optional(ValueFault{"", "is required"}) : std::nullopt;
    if (field.is_array()) return array_fault(field, value);
    Scalar scalar(field);
    scalar.matched = !value.is_string() || is_quickly_matched(field, value.text().size());
    auto fault = scalar_fault(scalar, value);
    return fault ? std::optional(ValueFault{"", *std::move(fault)}) : std::nullopt;
}

}  // namespace

std::optional<std::string> fault_of_value(const Field& field, const Json& value) {
    const auto fault = find_fault(field, value);
    if (!fault) return std::nullopt;
    return fault->place.empty() ? fault->message : "item " + fault->place + " " + fault->message;
}

std::optional<Json> value_from_text(const Field& field, const std::string& text) {
    const ValueClass value_class = info(field.type).value_class;
    if (value_class == ValueClass::boolean) {
        if (text != "true" && text != "false") return std::nullopt;
        return Json::boolean(text == "true");
    }
    if (value_class != ValueClass::json && value_class != ValueClass::array)
        return Json::string(text);
    try {
        return parse_json(text);
    } catch (const Failure&) {
        return std::nullopt;
    }
}

void check_value(const Field& field, const Json& value, Faults& faults, int index) {
    if (auto fault = find_fault(field, value))
        faults.add(field.name + fault->place, std::move(fault->message), index);
}

void check_record(const Entity& entity, const Json& data, WriteKind kind, Faults& faults,
                  int index) {
    if (!data.is_object()) return faults.add("", "must be an object", index);
    std::vector<bool> given(entity.fields.size());
    std::size_t unknown = 0;
    for (const auto& [name, value] : data.members()) {
        const Field* const field = entity.find(name);
        if (field == nullptr) {
            if (unknown++ < kMaxUnknownFields)
                faults.add(echo(name), "is not a field of " + entity.name, index);
            continue;
        }
        given[static_cast<std::size_t>(field - entity.fields.data())] = true;
        if (field->is_calculated()) {
            faults.add(field->name, "is calculated", index);
        } else if (field->system || field->readonly) {
            faults.add(field->name, "is read-only", index);
        } else if (kind == WriteKind::update && is_key_field(entity, *field)) {
            faults.add(field->name, "identifies the record and cannot be changed", index);
        } else {
            check_value(*field, value, faults, index);
        }
    }
    if (kind == WriteKind::update) return;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (!given[i] && entity.fields[i].must_be_given())
            faults.add(entity.fields[i].name, "is required", index);
    }
}

}  // namespace pgwright::core
