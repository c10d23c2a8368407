// SQL: numeric_among(), = ANY for numbers under row security. Marked LEAKPROOF: comparing two numbers
// raises no error, whatever they are. A list that is the same for all rows is sorted once.
#include "pg/guard.hpp"
#include "pg/planner.hpp"

#include <algorithm>

namespace {

namespace pg = pgwright::pg;

// Plain data in the server's memory, which goes with the expression.
struct List {
    Datum* first;
    Datum* last;
    bool has_null;
};

struct Answer {
    bool found;
    bool unknown;
};

// What follows runs under the inward guard and holds nothing with a destructor.

bool less(Datum left, Datum right) {
    return DatumGetInt32(DirectFunctionCall2(numeric_cmp, left, right)) < 0;
}

List sorted(Datum array) {
    Datum* values = nullptr;
    bool* nulls = nullptr;
    int count = 0;
    deconstruct_array(DatumGetArrayTypePCopy(array), NUMERICOID, -1, false, TYPALIGN_INT, &values,
                      &nulls, &count);
    int kept = 0;
    for (int i = 0; i < count; ++i)
        if (!nulls[i]) values[kept++] = values[i];
    std::sort(values, values + kept, less);
    return {values, values + kept, kept < count};
}

List* kept(FmgrInfo* function, Datum array) {
    MemoryContext before = MemoryContextSwitchTo(function->fn_mcxt);
    List* const list = static_cast<List*>(palloc(sizeof(List)));
    *list = sorted(array);
    MemoryContextSwitchTo(before);
    return list;
}

List list_of(FunctionCallInfo fcinfo) {
    FmgrInfo* const function = fcinfo->flinfo;
    if (function->fn_extra == nullptr) {
        if (!get_fn_expr_arg_stable(function, 1)) return sorted(fcinfo->args[1].value);
        function->fn_extra = kept(function, fcinfo->args[1].value);
    }
    return *static_cast<const List*>(function->fn_extra);
}

Answer look_up(FunctionCallInfo fcinfo) {
    const List list = list_of(fcinfo);
    const bool found = std::binary_search(list.first, list.last, fcinfo->args[0].value, less);
    return {found, !found && list.has_null};
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_numeric_among) {
    FunctionCallInfo fcinfo = args.fcinfo();
    const Answer answer = pg::call([fcinfo] { return look_up(fcinfo); });
    return answer.unknown ? pg::return_null(args) : pg::bool_datum(answer.found);
}
