// SQL: what GIN asks of the operator classes search_ops and search_markup_ops (sql/36_search.sql). How
// keys find texts is core/search_keys.hpp's business; this carries it over.
#include "pg/guard.hpp"

extern "C" {
#include <access/gin.h>
}

#include <algorithm>

#include "core/markup_text.hpp"
#include "data/search_cache.hpp"

namespace {

namespace core = pgwright::core;
namespace data = pgwright::data;
namespace pg = pgwright::pg;
using core::Found;

Datum key_datum(std::string_view key) {
    return pg::bytea_datum({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
}

template <class T>
T* allocate(std::size_t count) {
    return static_cast<T*>(pg::allocate(sizeof(T) * std::max<std::size_t>(count, 1)));
}

template <class T>
T& out(const pg::Arguments& args, int i) {
    return *reinterpret_cast<T*>(DatumGetPointer(args.datum(i)));
}

Datum keys_of(std::string_view value, const pg::Arguments& args) {
    const std::vector<std::string> keys = core::search_keys(value);
    auto* const datums = allocate<Datum>(keys.size());
    std::ranges::transform(keys, datums, key_datum);
    out<int32>(args, 1) = static_cast<int32>(keys.size());
    return PointerGetDatum(datums);
}

// How a query whose keys were answered so is decided; the answers may be GIN's two or three.
template <class Answer>
Found decide(const pg::Arguments& args, Found (*found)(Answer)) {
    const core::SearchProbe& probe = data::prepared_search(args.text(2)).probe;
    const auto* const answers = reinterpret_cast<const Answer*>(DatumGetPointer(args.datum(0)));
    std::vector<Found> has(probe.keys().size());
    std::transform(answers, answers + has.size(), has.begin(), found);
    return probe.decide(has);
}

Found of_boolean(bool answer) { return answer ? Found::yes : Found::no; }

Found of_ternary(GinTernaryValue answer) {
    if (answer == GIN_MAYBE) return Found::maybe;
    return answer == GIN_TRUE ? Found::yes : Found::no;
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_search_gin_keys) { return keys_of(args.text(0), args); }

PGWRIGHT_FUNCTION(pgwright_search_gin_keys_of_markup) {
    return keys_of(core::text_of_markup(args.text(0)), args);
}

PGWRIGHT_FUNCTION(pgwright_search_gin_probe) {
    const std::vector<core::SearchProbe::Key>& keys =
        data::prepared_search(args.text(0)).probe.keys();
    auto* const datums = allocate<Datum>(keys.size());
    auto* const partial = allocate<bool>(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        datums[i] = key_datum(keys[i].text);
        partial[i] = keys[i].is_beginning;
    }
    out<int32>(args, 1) = static_cast<int32>(keys.size());
    out<bool*>(args, 3) = partial;
    return PointerGetDatum(datums);
}

PGWRIGHT_FUNCTION(pgwright_search_gin_consistent) {
    const Found found = decide<bool>(args, of_boolean);
    out<bool>(args, 5) = found != Found::yes;
    return pg::bool_datum(found != Found::no);
}

PGWRIGHT_FUNCTION(pgwright_search_gin_triconsistent) {
    const Found found = decide<GinTernaryValue>(args, of_ternary);
    return GinTernaryValueGetDatum(found == Found::yes     ? GIN_TRUE
                                   : found == Found::maybe ? GIN_MAYBE
                                                           : GIN_FALSE);
}

// 0: the key begins so; above: no key behind it does.
PGWRIGHT_FUNCTION(pgwright_search_gin_compare_partial) {
    const std::string_view beginning = pg::varlena_view(args.datum(0));
    return pg::integer_datum(pg::varlena_view(args.datum(1)).starts_with(beginning) ? 0 : 1);
}
