// SQL: contains_text() and its kin, ILIKE for needles under row security. They are marked LEAKPROOF, so
// the server runs them on rows that a policy hides: none may raise an error that depends on a value or
// on there being a row. Hence no pattern language, no collation that is refused, and no text that is too
// long to be folded: such a text is not found (ILIKE runs out of memory there).
#include "pg/guard.hpp"
#include "pg/planner.hpp"

#include "core/text_match.hpp"

namespace {

namespace core = pgwright::core;
namespace pg = pgwright::pg;
using core::Anchor;

// Folding takes up to four bytes per byte, in one piece of memory.
constexpr std::size_t kMaxFolded = MaxAllocSize / 4 - 1;
constexpr std::size_t kMaxNeedle = kMaxFolded / 2 - 2;  // each character may need an escape

// The length is known without reading a text that is stored out of line.
bool is_longer(Datum text, std::size_t limit) {
    return pg::call([text] { return toast_raw_datum_size(text); }) - VARHDRSZ > limit;
}

// Palloc'd in the current memory context.
std::string_view fold(std::string_view text, Oid collation) {
    const char* const folded =
        pg::call([&] { return str_tolower(text.data(), text.size(), collation); });
    return folded;
}

// Without a collation that all arguments agree on, lower() would refuse.
Oid collation_of(const pg::Arguments& args) noexcept {
    const Oid collation = args.fcinfo()->fncollation;
    return OidIsValid(collation) ? collation : DEFAULT_COLLATION_OID;
}

std::string folded_needle(const pg::Arguments& args, Anchor anchor) {
    const std::string pattern = core::like_pattern(args.text(1), anchor);
    return core::needle_of(fold(pattern, collation_of(args)), anchor);
}

// A needle that is the same for all rows is folded once and lives as long as the expression.
std::string_view needle_for(const pg::Arguments& args, Anchor anchor) {
    FmgrInfo* const function = args.fcinfo()->flinfo;
    if (function->fn_extra != nullptr) return static_cast<const char*>(function->fn_extra);
    const std::string needle = folded_needle(args, anchor);
    const bool stable = pg::call([&] { return get_fn_expr_arg_stable(function, 1); });
    char* const kept = pg::call([&] {
        return MemoryContextStrdup(stable ? function->fn_mcxt : CurrentMemoryContext,
                                   needle.c_str());
    });
    if (stable) function->fn_extra = kept;
    return kept;
}

int character_length(const char* character) {
    return pg_encoding_mblen(GetDatabaseEncoding(), character);
}

// In UTF-8, and where a character is a byte, no character is found inside another.
core::CharacterLength character_lengths() {
    const bool apart = GetDatabaseEncoding() == PG_UTF8 || pg_database_encoding_max_length() == 1;
    return apart ? nullptr : character_length;
}

Datum match(const pg::Arguments& args, Anchor anchor) {
    if (is_longer(args.datum(0), kMaxFolded) || is_longer(args.datum(1), kMaxNeedle))
        return pg::bool_datum(false);
    const std::string_view needle = needle_for(args, anchor);
    const std::string_view text = fold(args.text(0), collation_of(args));
    const bool found = core::matches(text, needle, anchor, character_lengths());
    pfree(const_cast<char*>(text.data()));
    return pg::bool_datum(found);
}

Anchor anchor_of(bool any_before, bool any_after) noexcept {
    if (any_before && any_after) return Anchor::anywhere;
    return any_after ? Anchor::start : Anchor::end;
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_contains_text) { return match(args, Anchor::anywhere); }

PGWRIGHT_FUNCTION(pgwright_starts_with_text) { return match(args, Anchor::start); }

PGWRIGHT_FUNCTION(pgwright_ends_with_text) { return match(args, Anchor::end); }

PGWRIGHT_FUNCTION(pgwright_like_pattern) {
    return pg::text_datum(
        core::like_pattern(args.text(0), anchor_of(args.boolean(1), args.boolean(2))));
}
