// parse_condition and the compiler behind it: what is accepted compiles, its text holds every
// parameter and nothing but the entity's names, brackets in pairs and the compiler's own words.
#include "check.hpp"
#include "core/error.hpp"
#include "core/query.hpp"
#include "unit/sample_entity.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

const Entity& product() {
    static const Entity entity = sample::product();
    return entity;
}

bool is_ours(char c) {
    constexpr std::string_view marks = " \"$(),.*:=<>_";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
}

void check_text(const Statement& statement) {
    int open = 0;
    for (const char c : statement.sql) {
        check(is_ours(c));
        open += c == '(' ? 1 : c == ')' ? -1 : 0;
        check(open >= 0);
    }
    check(open == 0);
    for (std::size_t i = 1; i <= statement.parameters.size(); ++i) {
        check(statement.sql.find("$" + std::to_string(i)) != std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        ListRequest request;
        request.filter =
            parse_condition(parse_json(pgwright::fuzz::text_of(data, size)), product(), "filters");
        check_text(compile_list(product(), request));
    } catch (const Failure& failure) {
        check(failure.code() == Code::validation_error);
    }
    return 0;
}
