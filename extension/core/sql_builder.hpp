// What the compiler's statements are put together from. A builder collects the parameters of one
// statement; its functions return text that holds quoted identifiers of the entity and numbers of
// parameters, and nothing that came from a request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition.hpp"
#include "core/model.hpp"
#include "core/query.hpp"
#include "core/text_match.hpp"

namespace pgwright::core {

// Types of the server by their OIDs (pg_type.dat), which never change.
inline constexpr std::uint32_t kBooleanOid = 16;
inline constexpr std::uint32_t kBigintOid = 20;
inline constexpr std::uint32_t kIntegerOid = 23;
inline constexpr std::uint32_t kTextOid = 25;
inline constexpr std::uint32_t kVarcharOid = 1043;
inline constexpr std::uint32_t kNumericOid = 1700;
inline constexpr std::uint32_t kBooleanArrayOid = 1000;
inline constexpr std::uint32_t kTextArrayOid = 1009;
inline constexpr std::uint32_t kUuidOid = 2950;
inline constexpr std::uint32_t kDateOid = 1082;
inline constexpr std::uint32_t kTimestampOid = 1114;
inline constexpr std::uint32_t kTimestamptzOid = 1184;
inline constexpr std::uint32_t kJsonbOid = 3802;
inline constexpr std::uint32_t kJsonbArrayOid = 3807;
inline constexpr std::uint32_t kTimestamptzArrayOid = 1185;

// What tells the versions of a row of r apart.
inline constexpr std::string_view kRowTag = "pgwright.row_tag(r.\"xmin\", r.\"ctid\")";

class SqlBuilder {
  public:
    // Values become parameters and columns are those of the alias r; or, for what is kept in the
    // catalog and has neither (a partial index), literals with their type and bare columns.
    enum class Values : std::uint8_t { parameters, literals };

    // The entity must outlive the statement, whose columns point into it.
    explicit SqlBuilder(const Entity& entity, Values values = Values::parameters)
        : entity_(entity), values_(values) {}
    // Of a part of a statement that has so many parameters already; see adopt().
    SqlBuilder(const Entity& entity, std::size_t parameters_before)
        : entity_(entity), values_(Values::parameters), parameters_before_(parameters_before) {}
    // Literals, with columns of that alias: for policies, whose sub-selects have columns of their own.
    SqlBuilder(const Entity& entity, std::string alias)
        : entity_(entity), values_(Values::literals), alias_(std::move(alias)) {}

    // Each adds a parameter and returns its name: "$1".
    std::string bind(std::uint32_t type_oid, Json value);
    std::string bind(const Field& field, Json value);
    std::string bind_list(std::uint32_t array_oid, std::uint32_t element_oid,
                          std::vector<Json> values);
    std::string bind_list(const Field& field, std::vector<Json> values);

    [[nodiscard]] std::string table() const;   // "schema"."table"
    [[nodiscard]] std::string source() const;  // the table under its alias r
    // In the place of the table: what a WITH of the statement calls by that name.
    void read_from(std::string name) { source_ = std::move(name); }
    // The number of parameters so far, those before it included.
    [[nodiscard]] std::size_t parameters() const noexcept {
        return parameters_before_ + statement_.parameters.size();
    }
    // Takes over the parameters of a part that was built after the last of its own.
    void adopt(SqlBuilder&& part);
    // An expression over r for a field's value, as it is shown; and the same named like the field.
    [[nodiscard]] static std::string shown(const Field& field);
    [[nodiscard]] static std::string item(const Field& field);
    // " > " and so on, or the operator that means the same and reaches an index below a policy.
    [[nodiscard]] std::string comparison_operator(const Field& field, Operator op) const;
    // All fields, which become the statement's columns.
    std::string select_list();
    // The key alone, likewise.
    std::string select_key();
    // The record of that key, as parse_key() gives it; under soft delete a live one, or one that is
    // marked deleted, or either.
    enum class Rows : std::uint8_t { live, deleted, all };
    std::string where_key(const Json& key, Rows rows = Rows::live);
    // The field's column equals that value, a parameter's name or a column of another alias.
    [[nodiscard]] std::string equals(const Field& field, const std::string& value) const;
    // The predicate that soft delete adds; empty without it.
    [[nodiscard]] std::string live() const;
    [[nodiscard]] std::string predicate(const Condition& condition);

    Statement finish(std::string sql);

  private:
    [[nodiscard]] bool literal() const noexcept { return values_ == Values::literals; }
    [[nodiscard]] std::string reference(const Field& field) const;
    [[nodiscard]] std::string comparable(const Field& field) const;
    std::string select(const Field& field);
    [[nodiscard]] std::string text_reference(const Field& field) const;
    std::string bind_text(std::string text);

    // Predicates: predicate.cpp.
    std::string junction(const Condition& condition, std::string_view word);
    std::string comparison(const Condition& condition);
    std::string compare(const Condition& condition);
    std::string compare(const Condition& condition, Operator op);
    std::string value(const Condition& condition);
    std::string list(const Condition& condition);
    [[nodiscard]] std::string sign(const Field& field, Operator op) const;
    std::string membership(const Condition& condition);
    [[nodiscard]] std::string not_empty(const Field& field) const;
    std::string between(const Condition& condition);
    std::string within(const Condition& condition);
    std::string search(const Field& field, const std::string& needle, Anchor anchor);
    std::string words(const Field& field, const std::string& query);
    std::string pattern(const Field& field, const std::string& text, Operator op);
    std::string of_items(const Condition& condition, Operator op);
    [[nodiscard]] std::string compare_fields(const Condition& condition, Operator op) const;

    // Related records: predicate_related.cpp.
    std::string behind(const Condition& condition, Operator op, std::size_t made);
    std::string related(const Condition& condition);
    std::string scalar(const Operand& operand, std::size_t made);
    [[nodiscard]] std::string sub_alias(char letter, std::size_t level) const;
    template <typename Inside>
    std::string step(const Related& way, const Inside& inside);

    // Values in documents: predicate_document.cpp.
    [[nodiscard]] std::string as_jsonb(const Field& field) const;
    static std::string not_empty_document(const std::string& document);
    std::string bind_document(const Json& value);
    std::string bind_documents(const std::vector<Json>& values);
    std::string bind_path(const std::vector<std::string>& keys);
    std::string in_document(const Condition& condition, Operator op);
    std::string overlaps(const std::string& array, const std::vector<Json>& values);
    std::string text_match(const std::string& value, Operator op);

    const Entity& entity_;
    Values values_;
    std::size_t parameters_before_ = 0;
    std::string source_;
    std::string alias_;      // of the table that columns are of, where it is not the usual one
    std::string other_;      // the field in the place of the current comparison's value
    std::size_t level_ = 0;  // of sub-selects, which number their aliases
    Statement statement_;
};

// Columns of types without a counterpart travel as text, whatever their type.
bool is_foreign(const Field& field) noexcept;
// A checked value as a literal of the field's type: '2024-05-01T00:00:00Z'::timestamp with time zone.
std::string literal(const Field& field, const Json& value);
// The value as the field's column takes it, whatever the session's time zone.
Json parameter_value(const Field& field, Json value);
// A field the caller has checked to exist. Throws Failure(server_error): the compiler drops nothing silently.
const Field& existing_field(const Entity& entity, std::string_view name);

}  // namespace pgwright::core
