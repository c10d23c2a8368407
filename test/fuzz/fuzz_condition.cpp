// parse_condition and the compiler behind it: what is accepted compiles, its text holds every
// parameter and nothing but the entity's names, brackets in pairs and the compiler's own words.
#include <array>

#include "check.hpp"
#include "core/condition_check.hpp"
#include "core/error.hpp"
#include "core/query.hpp"
#include "core/sql_builder.hpp"
#include "unit/sample_entity.hpp"
#include "unit/shop.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

const Entity& product() {
    static const Entity entity = sample::product();
    return entity;
}

// The texts that the compiler itself writes.
constexpr std::array<std::string_view, 20> kOurTexts = {
    "'{\"null\",\"\\\"\\\"\",\"[]\",\"{}\"}'",
    "'1 microsecond'",
    "'1 month'",
    "'3 months'",
    "'7 days'",
    "'1 hour'",
    "'1 year'",
    "'1 day'",
    "'quarter'",
    "'number'",
    "'string'",
    "'array'",
    "'month'",
    "'year'",
    "'week'",
    "'hour'",
    "'UTC'",
    "'day'",
    "''",
    "=>",
};

std::string without_our_texts(std::string sql) {
    for (const std::string_view text : kOurTexts)
        for (std::size_t at = sql.find(text); at != std::string::npos; at = sql.find(text, at))
            sql.erase(at, text.size());
    return sql;
}

bool is_ours(char c) {
    constexpr std::string_view marks = " \"$(),.*:=<>_~@^&#+-[]";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
}

void check_text(const Statement& statement) {
    int open = 0;
    for (const char c : without_our_texts(statement.sql)) {
        check(is_ours(c));
        open += c == '(' ? 1 : c == ')' ? -1 : 0;
        check(open >= 0);
    }
    check(open == 0);
    for (std::size_t i = 1; i <= statement.parameters.size(); ++i) {
        check(statement.sql.find("$" + std::to_string(i)) != std::string::npos);
    }
}

void check_list(const Json& json, const Entity& entity, const ConditionContext& context) {
    ListRequest request;
    request.filter = parse_condition(json, entity, "filters", context);
    check_text(compile_list(entity, request));
    (void)why_never(*request.filter);
}

// The same as the condition of a row rule: nothing bound, and fields of other entities.
void check_rule(const Json& json) {
    const Entity& entity = sample::purchase();
    const ConditionContext context = sample::shop_context();
    SqlBuilder builder(entity, "\"order\"");
    const Condition condition = parse_condition(json, entity, "condition", context);
    const std::string sql = builder.predicate(condition);
    check(sql.find('$') == std::string::npos || json.dump().find('$') != std::string::npos);
    // What is renamed to the same names means the same.
    std::map<Uuid, std::string> names;
    for (const auto& [name, each] : sample::shop())
        for (const Field& field : each->fields) names.emplace(field.id, field.name);
    const Json renamed = rename_fields(json, entity, context, names);
    const Condition again = parse_condition(renamed, entity, "condition", context);
    check(SqlBuilder(entity, "\"order\"").predicate(again) == sql);
    check(fields_of(again) == fields_of(condition));
}

template <typename Check>
void expect_fault_or_success(std::string_view text, const Check& run) {
    try {
        run(parse_json(text));
    } catch (const Failure& failure) {
        check(failure.code() == Code::validation_error);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = pgwright::fuzz::text_of(data, size);
    expect_fault_or_success(text, check_rule);
    expect_fault_or_success(text, [](const Json& json) { check_list(json, product(), {}); });
    expect_fault_or_success(text, [](const Json& json) {
        check_list(json, sample::purchase(), sample::shop_context());
    });
    return 0;
}
