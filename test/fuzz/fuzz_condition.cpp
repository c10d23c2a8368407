// parse_condition and the compiler behind it: what is accepted compiles, its text holds every
// parameter and nothing but the entity's names, brackets in pairs and the compiler's own words.
#include "check.hpp"
#include "core/error.hpp"
#include "core/query.hpp"
#include "core/sql_builder.hpp"
#include "unit/sample_entity.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

// With ids of its fields' own, by which rules follow names.
Entity with_ids(Entity entity) {
    for (std::size_t i = 0; i < entity.fields.size(); ++i) {
        const std::string digits = std::to_string(100 + i);
        entity.fields[i].id = *Uuid::parse("00000000-0000-7000-8000-000000000" + digits);
    }
    return entity;
}

const Entity& product() {
    static const Entity entity = with_ids(sample::product());
    return entity;
}

bool is_ours(char c) {
    constexpr std::string_view marks = " \"$(),.*:=<>_~@^";
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

namespace {

// The same as the condition of a row rule: placeholders, and fields of the product that it refers to.
ConditionContext rules() {
    ConditionContext context;
    context.placeholders = true;
    context.find_target = [](const Reference&) {
        return std::make_shared<const Entity>(product());
    };
    return context;
}

void check_rule(const Json& json) {
    const Entity& entity = product();
    SqlBuilder builder(entity, "\"product\"");
    const Condition condition = parse_condition(json, entity, "condition", rules());
    const std::string sql = builder.predicate(condition);
    check(sql.find('$') == std::string::npos || json.dump().find('$') != std::string::npos);
    // What is renamed to the same names means the same.
    std::map<Uuid, std::string> names;
    for (const Field& field : entity.fields) names.emplace(field.id, field.name);
    const Json renamed = rename_fields(json, entity, rules(), names);
    const Condition again = parse_condition(renamed, entity, "condition", rules());
    check(SqlBuilder(entity, "\"product\"").predicate(again) == sql);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        check_rule(parse_json(pgwright::fuzz::text_of(data, size)));
    } catch (const Failure& failure) {
        check(failure.code() == Code::validation_error);
    }
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
