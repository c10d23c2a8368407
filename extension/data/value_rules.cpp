// SQL: the rules of values that no operator of the server says, for CHECK constraints: is_list,
// items_have_length, items_have_scale, items_match, matches_json_schema. The same rules as in
// core/value_check.cpp, which tells them before; these hold for everybody.
#include "pg/guard.hpp"
#include "pg/immortal.hpp"
#include "pg/value.hpp"

#include "core/json_schema.hpp"
#include "core/model.hpp"
#include "core/utf8.hpp"

namespace {

namespace core = pgwright::core;
namespace pg = pgwright::pg;

ArrayType* array_of(Datum datum) {
    return pg::call([datum] { return DatumGetArrayTypeP(datum); });
}

// JSON knows neither lower bounds nor, for the items of a list, rectangles.
bool is_list(ArrayType* array) {
    if (array->ndim == 0) return true;
    const int* const length_and_lower_bound = reinterpret_cast<const int*>(array + 1);
    return array->ndim == 1 && length_and_lower_bound[1] == 1 &&
           static_cast<std::size_t>(length_and_lower_bound[0]) <= core::kMaxArrayItems &&
           !pg::call([array] { return array_contains_nulls(array); });
}

// Whether the rule, which may raise, holds for every item of an array whose items are of variable
// length and aligned as integers: text and numeric. Nulls are is_list()'s business.
template <class Rule>
bool all_items(Datum datum, Oid type, Rule&& rule) {
    ArrayType* const array = array_of(datum);
    struct {
        Datum* values;
        bool* nulls;
        int count;
    } items{};
    pg::call([&] {
        deconstruct_array(array, type, -1, false, TYPALIGN_INT, &items.values, &items.nulls,
                          &items.count);
    });
    for (int i = 0; i < items.count; ++i) {
        if (!items.nulls[i] && !rule(items.values[i])) return false;
    }
    return true;
}

// The backend's cache of compiled schemas. Key: the bytes of the jsonb, so nothing makes an entry
// wrong. Bound: kMaxSchemas, then emptied. Owner: this function.
const core::JsonSchema& compiled(Datum schema) {
    constexpr std::size_t kMaxSchemas = 64;
    static pg::Immortal<std::unordered_map<std::string, std::shared_ptr<const core::JsonSchema>>>
        cache;
    std::string key(pg::varlena_view(schema));
    const auto found = cache->find(key);
    if (found != cache->end()) return *found->second;
    core::JsonWriter text;
    pg::write_json(text, schema, pg::TypeOutput::of(JSONBOID));
    auto made = core::JsonSchema::compile(core::parse_json(text.view()));
    if (cache->size() >= kMaxSchemas) cache->clear();
    return *cache->emplace(std::move(key), std::move(made)).first->second;
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_is_list) { return pg::bool_datum(is_list(array_of(args.datum(0)))); }

PGWRIGHT_FUNCTION(pgwright_items_have_length) {
    const std::int32_t lowest = args.integer(1);
    const std::int32_t highest = args.integer(2);
    return pg::bool_datum(all_items(args.datum(0), TEXTOID, [=](Datum item) {
        const auto length =
            static_cast<std::int64_t>(core::count_characters(pg::varlena_view(item)));
        return length >= lowest && length <= highest;
    }));
}

PGWRIGHT_FUNCTION(pgwright_items_have_scale) {
    const std::int32_t places = args.integer(1);
    return pg::bool_datum(all_items(args.datum(0), NUMERICOID, [=](Datum item) {
        return pg::call([=] {
            // Of NaN and the infinities there is none.
            FmgrInfo* const none = nullptr;
            LOCAL_FCINFO(fcinfo, 1);
            InitFunctionCallInfoData(*fcinfo, none, 1, InvalidOid, nullptr, nullptr);
            fcinfo->args[0].value = item;
            fcinfo->args[0].isnull = false;
            const Datum scale = numeric_min_scale(fcinfo);
            return fcinfo->isnull || DatumGetInt32(scale) <= places;
        });
    }));
}

PGWRIGHT_FUNCTION(pgwright_items_match) {
    const Datum pattern = args.datum(1);
    return pg::bool_datum(all_items(args.datum(0), TEXTOID, [=](Datum item) {
        return pg::call([=] {
            return DatumGetBool(
                DirectFunctionCall2Coll(textregexeq, DEFAULT_COLLATION_OID, item, pattern));
        });
    }));
}

PGWRIGHT_FUNCTION(pgwright_matches_json_schema) {
    const core::JsonSchema& schema = compiled(args.datum(1));
    core::JsonWriter document;
    pg::write_json(document, args.datum(0), pg::TypeOutput::of(JSONBOID));
    return pg::bool_datum(!schema.fault_of(document.view()));
}
