// parse_sort: keys are distinct sortable fields within the limit.
#include <set>

#include "check.hpp"
#include "core/error.hpp"
#include "core/query.hpp"
#include "unit/sample_entity.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Entity product = sample::product();
    try {
        std::set<const Field*> seen;
        for (const SortKey& key : parse_sort(pgwright::fuzz::text_of(data, size), product)) {
            check(key.field != nullptr && info(key.field->type).sortable &&
                  seen.insert(key.field).second);
        }
        check(seen.size() <= kMaxSortKeys);
    } catch (const Failure& failure) {
        check(failure.code() == Code::validation_error && failure.faults().size() <= kMaxSortKeys);
    }
    return 0;
}
