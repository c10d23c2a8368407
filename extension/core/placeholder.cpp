// The placeholders of conditions; see placeholder.hpp.
#include "core/placeholder.hpp"

#include <algorithm>
#include <array>

namespace pgwright::core {

namespace {

using Kind = Placeholder::Kind;

constexpr std::uint32_t kTimestampOid = 1114;

constexpr std::array<Placeholder, 13> kPlaceholders = {{
    {"{current_user_id}", Kind::uuid, "(SELECT pgwright.user_id())"},
    {"{current_tenant_id}", Kind::uuid, "(SELECT pgwright.tenant_id())"},
    {"{current_user_email}", Kind::text, "(SELECT pgwright.user_email())"},
    {"{current_user_department}", Kind::text, "(SELECT pgwright.user_department())"},
    {"{current_user_roles}", Kind::text, "(SELECT pgwright.role_names())", true},
    {"{now}", Kind::datetime, "(SELECT now())"},
    {"{today}", Kind::date, "(SELECT (now() AT TIME ZONE 'UTC')::date)"},
    {"{yesterday}", Kind::date, "(SELECT (now() AT TIME ZONE 'UTC')::date - 1)"},
    {"{tomorrow}", Kind::date, "(SELECT (now() AT TIME ZONE 'UTC')::date + 1)"},
    {"{start_of_week}", Kind::date, "(SELECT date_trunc('week', now() AT TIME ZONE 'UTC')::date)"},
    {"{start_of_month}", Kind::date,
     "(SELECT date_trunc('month', now() AT TIME ZONE 'UTC')::date)"},
    {"{start_of_quarter}", Kind::date,
     "(SELECT date_trunc('quarter', now() AT TIME ZONE 'UTC')::date)"},
    {"{start_of_year}", Kind::date, "(SELECT date_trunc('year', now() AT TIME ZONE 'UTC')::date)"},
}};

std::string as_moment(const std::string& value, Kind kind, const Field& field) {
    const bool local = field.type_oid == kTimestampOid;  // a column without a zone, meant in UTC
    if (kind == Kind::date) {
        const std::string midnight = value + "::timestamp";
        return local ? midnight : "(" + midnight + " AT TIME ZONE 'UTC')";
    }
    if (kind != Kind::datetime) return {};
    return local ? "(" + value + " AT TIME ZONE 'UTC')" : value;
}

}  // namespace

std::string Placeholder::sql_for(const Field& field) const {
    const std::string value = is_list ? std::string(sql) + "::text[]" : std::string(sql);
    switch (field.value_class()) {
        case ValueClass::text:
            return kind == Kind::uuid ? value + "::text" : kind == Kind::text ? value : "";
        case ValueClass::uuid: return kind == Kind::uuid ? value : "";
        case ValueClass::datetime: return as_moment(value, kind, field);
        case ValueClass::date:
            if (kind == Kind::datetime) return "(" + value + " AT TIME ZONE 'UTC')::date";
            return kind == Kind::date ? value : "";
        default: return "";
    }
}

const Placeholder* find_placeholder(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(kPlaceholders, text, &Placeholder::name);
    return found == kPlaceholders.end() ? nullptr : found;
}

}  // namespace pgwright::core
