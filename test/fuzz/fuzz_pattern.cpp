// Patterns of fields: whatever is taken is written out as something that is taken too and means the same, and
// matching a text ends. The first line is the pattern, the rest the text.
#include <string_view>

#include "check.hpp"
#include "core/error.hpp"
#include "core/regular_expression.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = pgwright::fuzz::text_of(data, size);
    const std::size_t line = input.find('\n');
    if (line == std::string_view::npos) return 0;
    const std::string_view text = input.substr(line + 1);
    try {
        const auto expression = RegularExpression::compile(input.substr(0, line));
        const bool matches = expression->matches(text);
        if (expression->text().size() > kMaxFieldPatternBytes) return 0;
        const auto again = RegularExpression::compile(expression->text());
        check(again->text() == expression->text());
        check(again->matches(text) == matches);
    } catch (const Failure& failure) {
        check(failure.code() == Code::validation_error && failure.faults().size() == 1);
    }
    return 0;
}
