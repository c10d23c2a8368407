// Checks the values of comparisons; see condition_value.hpp.
#include "core/condition_value.hpp"

#include <algorithm>

#include "core/regular_expression.hpp"
#include "core/search_query.hpp"
#include "core/text_match.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {

namespace {

using Fault = std::optional<ValueFault>;

constexpr std::size_t kMaxToldValues = 20;  // of an enum, in a message

// The field without its rules: a filter may ask for a value that no record may have, as long as the
// column's type can hold it.
Field bare(const Field& field) {
    Field stripped;
    stripped.type = field.type;
    stripped.type_oid = field.type_oid;
    stripped.item_type = field.item_type;
    return stripped;
}

Field item_of(const Field& array) {
    Field item;
    item.type = array.scalar_type();
    item.type_oid = array.scalar_oid();
    return item;
}

std::optional<std::string> document_value_fault(const Json& value) {
    if (!value.is_string() && !value.is_number() && !value.is_boolean())
        return "must be a text, a number, true or false";
    if (value.is_number() && !is_decimal_text(value.text()))
        return "must hold no number of over " + std::to_string(kMaxNumberDigits) + " digits";
    return std::nullopt;
}

// Checks one value after the other and makes each what the compiler binds.
class Values {
  public:
    Values(const OperatorInfo& op, const Compared& compared)
        : compared_(compared),
          of_items_(compared.field.is_array() && op.family != Family::equality),
          ordered_(op.family == Family::order || op.family == Family::range),
          told_(compared.field),
          field_(of_items_ ? item_of(compared.field) : bare(compared.field)) {}

    std::optional<std::string> take(const Json& value) {
        taken_ = value;
        if (value.is_null()) return "must not be null";
        if (compared_.in_document) return document_fault();
        if (field_.value_class() == ValueClass::boolean) spell_boolean();
        if (auto fault = fault_of_value(field_, taken_)) return for_people(*std::move(fault));
        return unknown_value();
    }
    Json taken() { return std::move(taken_); }

  private:
    [[nodiscard]] std::optional<std::string> document_fault() const {
        if (ordered_ && taken_.is_boolean()) return "must be a text or a number";
        return document_value_fault(taken_);
    }

    // The strings "true" and "false" become booleans.
    void spell_boolean() {
        const std::string& text = taken_.text();
        if (taken_.is_string() && (text == "true" || text == "false"))
            taken_ = Json::boolean(text == "true");
    }

    [[nodiscard]] bool can_tell() const noexcept {
        return told_.type == FieldType::enum_ && !told_.allowed_values.empty() &&
               told_.allowed_values.size() <= kMaxToldValues;
    }

    std::string for_people(std::string fault) const {
        return can_tell() ? allowed_rule(told_) : std::move(fault);
    }

    [[nodiscard]] std::optional<std::string> unknown_value() const {
        const bool known =
            !compared_.known_values || ordered_ || told_.type != FieldType::enum_ ||
            told_.allowed_values.empty() ||
            std::ranges::find(told_.allowed_values, taken_) != told_.allowed_values.end();
        if (known) return std::nullopt;
        return can_tell() ? allowed_rule(told_) : "is not one of the values of " + told_.name;
    }

    Compared compared_;
    bool of_items_;
    bool ordered_;
    const Field& told_;
    Field field_;
    Json taken_;
};

// A text split at its commas, each part without the blanks around it; nothing of an empty text.
Json split(std::string_view text) {
    Json list = Json::array();
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view part = text.substr(0, comma);
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        list.items().push_back(Json::string(std::string(part)));
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    return list;
}

Fault read_all(Values& checked, const Json& list, std::vector<Json>& values) {
    values.reserve(list.items().size());
    for (const Json& item : list.items()) {
        if (auto wrong = checked.take(item))
            return ValueFault{"[" + std::to_string(values.size()) + "]", *std::move(wrong)};
        values.push_back(checked.taken());
    }
    return std::nullopt;
}

Fault read_list(Values& checked, const Compared& compared, const Json& value,
                std::vector<Json>& values) {
    const bool split_it = compared.spelled && value.is_string();
    const Json parts = split_it ? split(value.text()) : Json();
    const Json& list = split_it ? parts : value;
    if (!list.is_array()) return ValueFault{"", "must be an array"};
    if (list.items().size() > kMaxListValues)
        return ValueFault{"", "must have at most " + std::to_string(kMaxListValues) + " values"};
    return read_all(checked, list, values);
}

Fault read_range(Values& checked, const Compared& compared, const Json& value,
                 std::vector<Json>& values) {
    const bool split_it = compared.spelled && value.is_string();
    const Json parts = split_it ? split(value.text()) : Json();
    const Json& range = split_it ? parts : value;
    if (!range.is_array() || range.items().size() != 2)
        return ValueFault{"", "must be an array of two values, the lowest and the highest"};
    if (auto fault = read_all(checked, range, values)) return fault;
    if (compared.in_document && values.front().kind() != values.back().kind())
        return ValueFault{"", "must be two numbers or two texts"};
    return std::nullopt;
}

// Of an array: one item, or a list of them.
Fault read_items(Values& checked, const Compared& compared, const Json& value,
                 std::vector<Json>& values) {
    if (value.is_array() || (compared.spelled && value.is_string()))
        return read_list(checked, compared, value, values);
    if (auto wrong = checked.take(value)) return ValueFault{"", *std::move(wrong)};
    values.push_back(checked.taken());
    return std::nullopt;
}

// Written out for the server. (?i) in front is the server's own: whatever the case of the letters.
Fault read_expression(std::string_view text, std::vector<Json>& values) {
    constexpr std::string_view any_case = "(?i)";
    const bool folds = text.starts_with(any_case);
    if (folds) text.remove_prefix(any_case.size());
    try {
        const auto expression = RegularExpression::compile(text);
        values.push_back(
            Json::string((folds ? std::string(any_case) : std::string()) + expression->text()));
        return std::nullopt;
    } catch (const Failure& failure) {
        return ValueFault{"", failure.faults().front().message};
    }
}

Fault read_pattern(const OperatorInfo& op, const Json& value, std::vector<Json>& values) {
    if (!value.is_string()) return ValueFault{"", "must be text"};
    if (op.family == Family::regular) return read_expression(value.text(), values);
    if (value.text().size() > kMaxLikeLength)
        return ValueFault{"", "must be at most " + std::to_string(kMaxLikeLength) + " bytes"};
    if (auto wrong = like_fault(value.text())) return ValueFault{"", *std::move(wrong)};
    values.push_back(value);
    return std::nullopt;
}

Fault read_search(Values& checked, const Compared& compared, const Json& value,
                  std::vector<Json>& values) {
    const bool of_text = !compared.field.is_array();
    if (of_text && !value.is_string()) return ValueFault{"", "must be text"};
    auto wrong = of_text ? std::nullopt : checked.take(value);
    if (wrong) return ValueFault{"", *std::move(wrong)};
    values.push_back(of_text ? value : checked.taken());
    return std::nullopt;
}

// In the form that the operator @@@ takes.
Fault read_words(const Compared& compared, const Json& value, std::vector<Json>& values) {
    if (!value.is_string()) return ValueFault{"", "must be text"};
    const SearchQuery query = parse_search(value.text(), compared.language);
    if (auto wrong = search_fault(value.text(), query)) return ValueFault{"", *std::move(wrong)};
    values.push_back(Json::string(search_text(query)));
    return std::nullopt;
}

Fault read_count(const OperatorInfo& op, const Json& value, std::vector<Json>& values) {
    if (!op.period.counted || op.period.count)
        return ValueFault{"", "must not be given with " + std::string(op.name)};
    const bool right = (value.is_number() || value.is_string()) &&
                       is_integer_text(value.text(), 0, kMaxPeriodCount);
    if (!right)
        return ValueFault{"", "must be an integer from 0 to " + std::to_string(kMaxPeriodCount)};
    values.push_back(Json::number(value.text()));
    return std::nullopt;
}

}  // namespace

std::optional<ValueFault> read_values(const OperatorInfo& op, const Compared& compared,
                                      const Json& value, std::vector<Json>& values) {
    Values checked(op, compared);
    switch (op.family) {
        case Family::list: return read_list(checked, compared, value, values);
        case Family::range: return read_range(checked, compared, value, values);
        case Family::array: return read_items(checked, compared, value, values);
        case Family::search: return read_search(checked, compared, value, values);
        case Family::pattern:
        case Family::regular: return read_pattern(op, value, values);
        case Family::words: return read_words(compared, value, values);
        case Family::period: return read_count(op, value, values);
        default: break;
    }
    if (auto wrong = checked.take(value)) return ValueFault{"", *std::move(wrong)};
    values.push_back(checked.taken());
    return std::nullopt;
}

}  // namespace pgwright::core
