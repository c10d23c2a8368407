// Names people give and names the planner makes. Everything here is a function of its arguments:
// the same definition always gets the same names, so that a constraint's name can be read back.
#include "core/identifier.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/permission.hpp"
#include "core/utf8.hpp"

namespace pgwright::core {
namespace {

// SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T') of PostgreSQL 15, and system_user,
// which 16 added, so that a database can be moved there. Sorted: searched by halves.
constexpr std::array<std::string_view, 101> kReservedWords = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
};
static_assert(std::is_sorted(kReservedWords.begin(), kReservedWords.end()));

// The catalog's own tables, each registered as an entity of type system.
constexpr std::array<std::string_view, 38> kSystemEntities = {
    "tenants",
    "users",
    "sessions",
    "signing_keys",
    "roles",
    "role_permissions",
    "user_roles",
    "entity_definitions",
    "field_definitions",
    "relationship_definitions",
    "index_definitions",
    "entity_migrations",
    "schema_ops",
    "routes",
    "entity_versions",
    "retired_objects",
    "schema_backups",
    "attached_schemas",
    "entity_metadata",
    "user_groups",
    "group_members",
    "group_roles",
    "row_rules",
    "field_rules",
    "entity_access",
    "identity_providers",
    "user_identities",
    "revoked_tokens",
    "failed_logins",
    "security_policies",
    "tenant_members",
    "invitations",
    "api_keys",
    "api_key_usage",
    "refresh_tokens",
    "login_attempts",
    "password_history",
    "files",
};

// Columns pgwright generates; tenant_id only in platform tables, refused everywhere for clarity.
constexpr std::array<std::string_view, 8> kGeneratedColumns = {
    "id",         "tenant_id",  "created_at", "updated_at",
    "created_by", "updated_by", "deleted_at", "deleted_by",
};

constexpr std::array<std::string_view, 6> kServerColumns = {"ctid", "xmin", "xmax",
                                                            "cmin", "cmax", "tableoid"};

constexpr std::size_t kMaxSlugBytes = kMaxNameBytes - 2;  // the schema is t_<slug>
constexpr std::size_t kMaxSuffixBytes = 30;               // leaves room for a prefix and the hash

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool has_name_form(std::string_view name) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    return letter(name.front()) && std::all_of(name.begin(), name.end(), inner);
}

std::optional<std::string> form_fault(std::string_view name, std::size_t max_bytes) {
    if (name.empty()) return "is required";
    if (name.size() > max_bytes)
        return "must be at most " + std::to_string(max_bytes) + " characters";
    if (!has_name_form(name)) return "must begin with a letter a-z and hold only a-z, 0-9 and _";
    return std::nullopt;
}

// Eight hex digits of the parts and the suffix. A zero byte, which no name holds, ends each of them,
// so that parts that join to the same text differ here.
std::string hash_digits(std::initializer_list<std::string_view> parts, std::string_view suffix) {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, 64 bits
    const auto add = [&hash](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
        hash *= 1099511628211ULL;  // the zero byte
    };
    for (const auto part : parts) add(part);
    add(suffix);
    const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32U));
    std::string digits;
    for (unsigned shift = 32; shift > 0;) {
        shift -= 4;
        digits += "0123456789abcdef"[(folded >> shift) & 0xFU];
    }
    return digits;
}

std::string join(std::initializer_list<std::string_view> parts) {
    std::string joined;
    for (const auto part : parts) {
        if (!joined.empty()) joined += '_';
        joined += part;
    }
    return joined;
}

std::string quote(std::string_view text, char mark) {
    std::string quoted(1, mark);
    for (const char c : text) {
        if (c == mark) quoted += mark;
        quoted += c;
    }
    quoted += mark;
    return quoted;
}

}  // namespace

std::optional<std::string> entity_name_fault(std::string_view name) {
    if (auto fault = form_fault(name, kMaxNameBytes)) return fault;
    if (is_reserved_word(name)) return "is a reserved word of SQL";
    if (name.starts_with("pg_") || name.starts_with("pgwright"))
        return "must not begin with pg_ or pgwright";
    if (contains(kSystemEntities, name) || is_platform_area(name))
        return "is the name of a part of the platform";
    return std::nullopt;
}

std::optional<std::string> field_name_fault(std::string_view name) {
    if (auto fault = form_fault(name, kMaxNameBytes)) return fault;
    if (is_reserved_word(name)) return "is a reserved word of SQL";
    if (contains(kGeneratedColumns, name)) return "is the name of a generated column";
    if (contains(kServerColumns, name)) return "is the name of a system column of PostgreSQL";
    return std::nullopt;
}

std::optional<std::string> slug_fault(std::string_view slug) {
    return form_fault(slug, kMaxSlugBytes);
}

bool is_reserved_word(std::string_view word) {
    return std::binary_search(kReservedWords.begin(), kReservedWords.end(), word);
}

std::string quote_identifier(std::string_view name) { return quote(name, '"'); }

std::string quote_qualified(std::string_view schema, std::string_view name) {
    return quote_identifier(schema) + '.' + quote_identifier(name);
}

std::string quote_literal(std::string_view text) {
    if (text.find('\\') == std::string_view::npos) return quote(text, '\'');
    std::string escaped;
    for (const char c : text) {
        if (c == '\\') escaped += c;
        escaped += c;
    }
    return 'E' + quote(escaped, '\'');
}

std::string derived_name(std::initializer_list<std::string_view> parts, std::string_view suffix) {
    std::string name = join(parts);
    if (!suffix.empty()) name.append("_").append(suffix);
    return name.size() <= kMaxNameBytes ? name : hashed_name(parts, suffix);
}

std::string hashed_name(std::initializer_list<std::string_view> parts, std::string_view suffix) {
    std::string tail = '_' + hash_digits(parts, suffix);
    if (!suffix.empty()) tail.append("_").append(clip_utf8(suffix, kMaxSuffixBytes));
    return std::string(clip_utf8(join(parts), kMaxNameBytes - tail.size())) + tail;
}

std::string snake_case(std::string_view text) {
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    std::string name;
    char before = '_';
    for (const char c : text) {
        const char lower = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
        const bool begins_word = is_upper(c) && is_word(before);
        const bool gap = !is_word(lower);
        if ((begins_word || gap) && !name.empty() && name.back() != '_') name += '_';
        if (!gap) name += lower;
        before = c;
    }
    while (!name.empty() && name.back() == '_') name.pop_back();
    return name;
}

}  // namespace pgwright::core
