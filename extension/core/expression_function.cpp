#include "core/expression_function.hpp"

#include <algorithm>

namespace pgwright::core::expression {
namespace {

using A = Accepts;
using G = Gives;
using F = Form;

constexpr int kMaxText = 10485760;  // characters: what a field holds at most
constexpr int kMaxPadding = 10000;
constexpr int kMaxScale = 1000;

// What PostgreSQL has no immutable or no total form of is a function of the extension's own
// (sql/35_expression.sql).
// clang-format off
constexpr std::array<Function, 50> kFunctions = {{
    // name          arguments         accepts                            gives        form           SQL
    {"abs",          1, false, {A::number},                               G::first,    F::pattern,    "abs($1)"},
    {"ceil",         1, false, {A::number},                               G::integer,  F::pattern,    "ceil($1)"},
    {"floor",        1, false, {A::number},                               G::integer,  F::pattern,    "floor($1)"},
    {"round",        1, false, {A::number},                               G::integer,  F::pattern,    "round($1)"},
    {"round",        2, false, {A::number, A::count},                     G::numeric,  F::pattern,    "round($1, $2)", true, -kMaxScale, kMaxScale},
    {"sqrt",         1, false, {A::number},                               G::numeric,  F::pattern,    "pgwright.expression_sqrt($1)"},
    {"power",        2, false, {A::number, A::number},                    G::numeric,  F::pattern,    "pgwright.expression_power($1, $2)"},
    {"mod",          2, false, {A::number, A::number},                    G::common,   F::pattern,    "mod($1, nullif($2, 0))"},
    {"sign",         1, false, {A::number},                               G::integer,  F::pattern,    "sign($1)"},
    {"least",        2, true,  {A::ordered},                              G::common,   F::variadic,   "least"},
    {"greatest",     2, true,  {A::ordered},                              G::common,   F::variadic,   "greatest"},

    {"length",       1, false, {A::text},                                 G::length,   F::pattern,    "length($1)"},
    {"upper",        1, false, {A::text},                                 G::text,     F::pattern,    "upper($1)"},
    {"lower",        1, false, {A::text},                                 G::text,     F::pattern,    "lower($1)"},
    {"trim",         1, false, {A::text},                                 G::text,     F::pattern,    "btrim($1)"},
    {"left",         2, false, {A::text, A::count},                       G::text,     F::pattern,    "left($1, $2)", true, 0, kMaxText},
    {"right",        2, false, {A::text, A::count},                       G::text,     F::pattern,    "right($1, $2)", true, 0, kMaxText},
    {"substring",    2, false, {A::text, A::count},                       G::text,     F::pattern,    "substring($1, $2)", true, 1, kMaxText},
    {"substring",    3, false, {A::text, A::count, A::count},             G::text,     F::pattern,    "left(substring($1, $2), $3)", true, 0, kMaxText},
    {"replace",      3, false, {A::text, A::text, A::text},               G::text,     F::pattern,    "replace($1, $2, $3)"},
    {"concat",       1, true,  {A::any},                                  G::text,     F::concat,     ""},
    {"contains",     2, false, {A::text, A::text},                        G::boolean,  F::pattern,    "(strpos($1, $2) > 0)"},
    {"starts_with",  2, false, {A::text, A::text},                        G::boolean,  F::pattern,    "starts_with($1, $2)"},
    {"ends_with",    2, false, {A::text, A::text},                        G::boolean,  F::pattern,    "starts_with(reverse($1), reverse($2))"},
    {"pad_left",     2, false, {A::text, A::count},                       G::text,     F::pattern,    "pgwright.expression_pad_left($1, $2, ' ')", true, 0, kMaxPadding},
    {"pad_left",     3, false, {A::text, A::count, A::text},              G::text,     F::pattern,    "pgwright.expression_pad_left($1, $2, $3)", true, 0, kMaxPadding},
    {"pad_right",    2, false, {A::text, A::count},                       G::text,     F::pattern,    "pgwright.expression_pad_right($1, $2, ' ')", true, 0, kMaxPadding},
    {"pad_right",    3, false, {A::text, A::count, A::text},              G::text,     F::pattern,    "pgwright.expression_pad_right($1, $2, $3)", true, 0, kMaxPadding},
    {"position",     2, false, {A::text, A::text},                        G::length,   F::pattern,    "strpos($1, $2)"},

    {"year",         1, false, {A::instant},                              G::integer,  F::pattern,    "extract(year FROM $1)"},
    {"month",        1, false, {A::instant},                              G::integer,  F::pattern,    "extract(month FROM $1)"},
    {"day",          1, false, {A::instant},                              G::integer,  F::pattern,    "extract(day FROM $1)"},
    {"hour",         1, false, {A::clock},                                G::integer,  F::pattern,    "extract(hour FROM $1)"},
    {"minute",       1, false, {A::clock},                                G::integer,  F::pattern,    "extract(minute FROM $1)"},
    {"day_of_week",  1, false, {A::instant},                              G::integer,  F::pattern,    "extract(isodow FROM $1)"},
    {"date_add",     3, false, {A::day, A::integer, A::unit},             G::first,    F::date_add,   ""},
    {"date_diff",    3, false, {A::instant, A::instant, A::unit},         G::integer,  F::date_diff,  ""},
    {"date_trunc",   2, false, {A::day, A::unit},                         G::first,    F::date_trunc, ""},
    {"to_date",      1, false, {A::dated},                                G::date,     F::to_date,    ""},
    {"today",        0, false, {},                                        G::date,     F::pattern,    "(now() AT TIME ZONE 'UTC')::date", false},
    {"now",          0, false, {},                                        G::datetime, F::pattern,    "now()", false},

    {"if",           3, false, {A::boolean, A::common, A::common},        G::common,   F::pattern,    "CASE WHEN $1 THEN $2 ELSE $3 END"},
    {"coalesce",     2, true,  {A::common},                               G::common,   F::variadic,   "coalesce"},
    {"nullif",       2, false, {A::ordered, A::ordered},                  G::common,   F::pattern,    "nullif($1, $2)"},
    {"is_null",      1, false, {A::any},                                  G::boolean,  F::pattern,    "(#1 IS NULL)"},
    {"is_not_null",  1, false, {A::any},                                  G::boolean,  F::pattern,    "(#1 IS NOT NULL)"},

    {"to_text",      1, false, {A::any},                                  G::text,     F::to_text,    ""},
    {"to_number",    1, false, {A::plain},                                G::numeric,  F::to_number,  ""},
    {"to_integer",   1, false, {A::plain},                                G::integer,  F::to_integer, ""},
    {"to_boolean",   1, false, {A::plain},                                G::boolean,  F::to_boolean, ""},
}};

constexpr std::array<Unit, 8> kUnits = {{
    {"second",  false, "secs",  1, "1",      2147483647},
    {"minute",  false, "mins",  1, "60",     2147483647},
    {"hour",    false, "hours", 1, "3600",   87600000},
    {"day",     true,  "days",  1, "86400",  3650000},
    {"week",    true,  "days",  7, "604800", 520000},
    {"month",   true,  "",      1, "",       120000},
    {"quarter", true,  "",      3, "",       40000},
    {"year",    true,  "",      12, "",      10000},
}};
// clang-format on

}  // namespace

std::span<const Function> functions() noexcept { return kFunctions; }

const Function* find_function(std::string_view name, std::size_t arguments) noexcept {
    const auto* const found =
        std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Function& each) {
            return each.name == name &&
                   (each.variadic ? arguments >= each.arguments : arguments == each.arguments);
        });
    return found == kFunctions.end() ? nullptr : found;
}

bool is_function(std::string_view name) noexcept {
    return std::any_of(kFunctions.begin(), kFunctions.end(),
                       [&](const Function& each) { return each.name == name; });
}

std::span<const Unit> units() noexcept { return kUnits; }

const Unit* find_unit(std::string_view name) noexcept {
    const auto* const found = std::find_if(kUnits.begin(), kUnits.end(),
                                           [&](const Unit& each) { return each.name == name; });
    return found == kUnits.end() ? nullptr : found;
}

}  // namespace pgwright::core::expression
