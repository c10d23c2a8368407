// SQL: row_tag, what tells the versions of a row apart: where a version lies and which transaction wrote
// it. A transaction writes no two versions to one place, and a place is used again by a later transaction
// alone; so a row that was changed, also back to what it was, has another tag. Tags end with a rewrite
// of the table, which costs a client one more read.
//
// Leakproof and without errors: it may be asked of rows that a policy hides. Scrambled, because neither
// number is a client's business.
#include "pg/guard.hpp"

namespace {

// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators): one to
// one, so that different versions within a block of transactions never share a tag.
std::uint64_t scrambled(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_row_tag) {
    const auto writer = static_cast<std::uint64_t>(DatumGetTransactionId(args.datum(0)));
    const auto* const place = reinterpret_cast<ItemPointerData*>(DatumGetPointer(args.datum(1)));
    const std::uint64_t block = ItemPointerGetBlockNumberNoCheck(place);
    const std::uint64_t offset = ItemPointerGetOffsetNumberNoCheck(place);
    const std::uint64_t tag = scrambled(scrambled(block << 16U | offset) ^ writer);
    return Int64GetDatum(static_cast<std::int64_t>(tag));
}
