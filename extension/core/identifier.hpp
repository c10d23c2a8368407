// Names: which ones people may give, and how generated ones are made and quoted. The only place that
// puts an identifier or a literal into SQL text.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace pgwright::core {

inline constexpr std::size_t kMaxNameBytes = 63;  // NAMEDATALEN - 1

// What is wrong with a name somebody gave, as a message for a person; nothing when it is fine.
// ^[a-z][a-z0-9_]{0,62}$, no SQL reserved word; entities may not take a system entity's or a
// platform area's name or begin with pg_/pgwright; fields may not take a generated column's
// (id, tenant_id, created_at, ...) or a PostgreSQL system column's (ctid, xmin, ...) name.
// The message never repeats the name, which may be a megabyte long. The empty name "is required".
std::optional<std::string> entity_name_fault(std::string_view name);
std::optional<std::string> field_name_fault(std::string_view name);
// Tenants' slugs: the same form, at most 61 bytes because the schema is t_<slug>.
std::optional<std::string> slug_fault(std::string_view slug);

// The words of a text as a name has them: lower case, joined by '_', a capital behind a small letter or
// digit beginning a word. "Order Lines!" is order_lines. May be empty or begin with a digit.
std::string snake_case(std::string_view text);

bool is_reserved_word(
    std::string_view word);  // PostgreSQL's RESERVED_KEYWORD and TYPE_FUNC_NAME_KEYWORD, lower case

// "name", with embedded quotes doubled; always quoted.
std::string quote_identifier(std::string_view name);
std::string quote_qualified(std::string_view schema, std::string_view name);
// 'text', or  E'te\\xt' when it holds a backslash.
std::string quote_literal(std::string_view text);

// Joins the parts with '_'; when over 63 bytes the middle gives way to eight hex digits of a hash of
// the whole (FNV-1a), so the name stays predictable and different inputs stay different. Never cuts
// a UTF-8 character in two.
// derived_name({"company", "email"}, "key") = "company_email_key"
std::string derived_name(std::initializer_list<std::string_view> parts, std::string_view suffix);

// The form with the hash whatever the length: the second choice for a relation's name (an index's),
// because {"sale", "line_no"} and {"sale_line", "no"} join to the same and share one schema.
// hashed_name({"sale_line", "no"}, "key") = "sale_line_no_<hash>_key"
std::string hashed_name(std::initializer_list<std::string_view> parts, std::string_view suffix);

}  // namespace pgwright::core
