// SQL: search in texts (sql/36_search.sql). The functions are marked LEAKPROOF: none raises an error that
// depends on a text, a query or there being a row.
#include "pg/guard.hpp"
#include "pg/planner.hpp"

#include "core/error.hpp"
#include "core/markup_text.hpp"
#include "core/stemmer.hpp"
#include "data/search_cache.hpp"

namespace {

namespace core = pgwright::core;
namespace data = pgwright::data;
namespace pg = pgwright::pg;

Datum matches(std::string_view value, std::string_view query) {
    core::SearchMatcher& matcher = data::prepared_search(query).matcher;
    matcher.read(value);
    return pg::bool_datum(matcher.matches());
}

struct Texts {
    Datum* values = nullptr;
    bool* nulls = nullptr;
    int count = 0;
};

Texts texts_of(Datum array) {
    return pg::call([array] {
        Texts texts;
        deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT,
                          &texts.values, &texts.nulls, &texts.count);
        return texts;
    });
}

// Of the text at that place among the record's.
double weight_of(int place) {
    constexpr double kStep = 0.25;
    return 1 / (1 + kStep * place);
}

[[noreturn]] void refuse(std::string field, std::string message) {
    throw core::Failure(core::Code::validation_error, "the search is not valid",
                        {{std::move(field), std::move(message)}});
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_search_matches) { return matches(args.text(0), args.text(1)); }

PGWRIGHT_FUNCTION(pgwright_search_matches_markup) {
    return matches(core::text_of_markup(args.text(0)), args.text(1));
}

PGWRIGHT_FUNCTION(pgwright_markup_text) {
    return pg::text_datum(core::text_of_markup(args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_search_rank) {
    core::SearchMatcher& matcher = data::prepared_search(args.text(0)).matcher;
    const Texts texts = texts_of(args.datum(1));
    for (int i = 0; i < texts.count; ++i)
        if (!texts.nulls[i]) matcher.read(pg::varlena_view(texts.values[i]), weight_of(i));
    return pg::integer_datum(matcher.rank());
}

PGWRIGHT_FUNCTION(pgwright_search_query) {
    const std::string_view typed = args.optional_text(0).value_or("");
    const std::string_view language = args.optional_text(1).value_or("");
    if (!language.empty() && !core::is_search_language(language))
        refuse("language", "is not one of pgwright.search_languages()");
    const core::SearchQuery query = core::parse_search(typed, language);
    if (auto fault = core::search_fault(typed, query)) refuse("query", *std::move(fault));
    return pg::text_datum(core::search_text(query));
}

PGWRIGHT_FUNCTION(pgwright_search_languages) {
    std::vector<Datum> names;
    for (const std::string_view name : core::search_languages())
        names.push_back(pg::text_datum(name));
    const auto count = static_cast<int>(names.size());
    return PointerGetDatum(pg::call(
        [&] { return construct_array(names.data(), count, TEXTOID, -1, false, TYPALIGN_INT); }));
}
