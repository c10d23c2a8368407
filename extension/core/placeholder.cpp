// The placeholders of conditions; see placeholder.hpp.
#include "core/placeholder.hpp"

#include <algorithm>
#include <array>

namespace pgwright::core {

namespace {

constexpr std::array<Placeholder, 7> kPlaceholders = {{
    {"{current_user_id}", "(SELECT pgwright.user_id())"},
    {"{current_tenant_id}", "(SELECT pgwright.tenant_id())"},
    {"{current_user_email}", "(SELECT pgwright.user_email())"},
    {"{current_user_department}", "(SELECT pgwright.user_department())"},
    {"{current_user_roles}", "(SELECT pgwright.role_names())", true},
    {"{now}", "(SELECT now())"},
    {"{today}", "(SELECT (now() AT TIME ZONE 'UTC')::date)"},
}};

enum class Kind { uuid, text, datetime, date };

Kind kind_of(const Placeholder& placeholder) {
    if (placeholder.name == "{now}") return Kind::datetime;
    if (placeholder.name == "{today}") return Kind::date;
    return placeholder.name.ends_with("_id}") ? Kind::uuid : Kind::text;
}

}  // namespace

std::string Placeholder::sql_for(ValueClass value_class) const {
    const Kind kind = kind_of(*this);
    const std::string value = is_list ? std::string(sql) + "::text[]" : std::string(sql);
    switch (value_class) {
        case ValueClass::text:
            return kind == Kind::uuid ? value + "::text" : kind == Kind::text ? value : "";
        case ValueClass::uuid: return kind == Kind::uuid ? value : "";
        case ValueClass::datetime:
            if (kind == Kind::date) return "(" + value + "::timestamp AT TIME ZONE 'UTC')";
            return kind == Kind::datetime ? value : "";
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
