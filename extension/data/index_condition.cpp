// Support functions of the leakproof operators (sql/36_leakproof.sql): when the planner asks how an
// index could serve a call, they answer with the server's own operator of that index. The index then
// decides by the operator it was made for; the call itself stays what the policy's rows are tested by.
//
// All of it runs under the inward guard and holds nothing with a destructor.
#include "pg/guard.hpp"
#include "pg/planner.hpp"

#include "core/text_match.hpp"

namespace {

namespace core = pgwright::core;
namespace pg = pgwright::pg;
using core::Anchor;
using Request = SupportRequestIndexCondition;

// What the call compares: the operand that is the index's column, and the other.
struct Operands {
    Expr* column = nullptr;
    Expr* value = nullptr;
};

List* arguments_of(Node* call) {
    if (IsA(call, OpExpr)) return castNode(OpExpr, call)->args;
    return IsA(call, FuncExpr) ? castNode(FuncExpr, call)->args : NIL;
}

// Without a value when it may change while the index is read.
Operands operands_of(const Request* request) {
    List* const arguments = arguments_of(request->node);
    if (list_length(arguments) != 2 || request->indexarg > 1) return {};
    auto* const column = static_cast<Expr*>(list_nth(arguments, request->indexarg));
    auto* const value = static_cast<Expr*>(list_nth(arguments, 1 - request->indexarg));
    if (!is_pseudo_constant_for_index(request->root, reinterpret_cast<Node*>(value),
                                      request->index))
        return {};
    return {column, value};
}

Expr* comparison(Oid op, const Operands& operands, Oid collation) {
    return make_opclause(op, BOOLOID, false, operands.column, operands.value, InvalidOid,
                         collation);
}

Datum asked(const pg::Arguments& args, List* (*answer)(Request*)) {
    auto* const node = reinterpret_cast<Node*>(DatumGetPointer(args.datum(0)));
    if (!IsA(node, SupportRequestIndexCondition)) return PointerGetDatum(nullptr);
    auto* const request = reinterpret_cast<Request*>(node);
    return PointerGetDatum(pg::call([&] { return answer(request); }));
}

// Numbers -----------------------------------------------------------------------------------------

enum class Side : std::uint8_t { neither, below, above };

struct Comparison {
    Oid function;  // of the server's operator
    Oid commuted;
    Side bound;  // on which side of the value the numbers lie
};

// The member of the index's family that the function is behind, whatever the access method numbers it.
Oid member(const Request* request, Oid function) {
    for (StrategyNumber strategy = 1; strategy <= BTMaxStrategyNumber; ++strategy) {
        const Oid op = get_opfamily_member(request->opfamily, NUMERICOID, NUMERICOID,
                                           static_cast<int16>(strategy));
        if (OidIsValid(op) && get_opcode(op) == function) return op;
    }
    return InvalidOid;
}

Expr* numeric_constant(const char* text) {
    const Datum value = DirectFunctionCall3(numeric_in, CStringGetDatum(text),
                                            ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
    return reinterpret_cast<Expr*>(makeConst(NUMERICOID, -1, InvalidOid, -1, value, false, false));
}

// The planner prices an index scan by the server's operator, of which it may not know the statistics
// under a policy: it takes a range with one end for a third of the table and one with two ends for
// 0.005 of it. Halfway between the two (as a ratio) the second guess becomes the better one.
constexpr double kFewRows = 0.04;

bool selects_few(const Request* request) {
    return !contain_var_clause(
               static_cast<Node*>(list_nth(arguments_of(request->node), 1 - request->indexarg))) &&
           clause_selectivity(request->root, request->node, 0, JOIN_INNER, nullptr) < kFewRows;
}

// The other end of a range, which every number is within: NaN is the greatest number.
List* with_other_end(const Request* request, const Operands& operands, Side bound, List* found) {
    const bool below = bound == Side::below;
    const Oid op = member(request, below ? F_NUMERIC_GE : F_NUMERIC_LE);
    if (!OidIsValid(op)) return found;
    const Operands end{operands.column, numeric_constant(below ? "-Infinity" : "NaN")};
    return lappend(found, comparison(op, end, InvalidOid));
}

List* numeric_condition(Request* request, const Comparison& wanted) {
    const Operands operands = operands_of(request);
    const bool turned = request->indexarg == 1;
    const Oid op = member(request, turned ? wanted.commuted : wanted.function);
    if (operands.value == nullptr || !OidIsValid(op)) return NIL;
    request->lossy = false;
    List* const found = list_make1(comparison(op, operands, InvalidOid));
    if (turned || wanted.bound == Side::neither || request->index->relam != BTREE_AM_OID ||
        !selects_few(request))
        return found;
    return with_other_end(request, operands, wanted.bound, found);
}

List* numeric_eq_condition(Request* request) {
    return numeric_condition(request, {F_NUMERIC_EQ, F_NUMERIC_EQ, Side::neither});
}
List* numeric_lt_condition(Request* request) {
    return numeric_condition(request, {F_NUMERIC_LT, F_NUMERIC_GT, Side::below});
}
List* numeric_le_condition(Request* request) {
    return numeric_condition(request, {F_NUMERIC_LE, F_NUMERIC_GE, Side::below});
}
List* numeric_gt_condition(Request* request) {
    return numeric_condition(request, {F_NUMERIC_GT, F_NUMERIC_LT, Side::above});
}
List* numeric_ge_condition(Request* request) {
    return numeric_condition(request, {F_NUMERIC_GE, F_NUMERIC_LE, Side::above});
}

// In the first column alone: the planner, who sees a call and no list, takes the rows to come in the
// index's order, which a list in a later column would break.
List* numeric_among_condition(Request* request) {
    const Operands operands = operands_of(request);
    const Oid op = member(request, F_NUMERIC_EQ);
    if (operands.value == nullptr || request->indexarg != 0 || !OidIsValid(op) ||
        request->indexcol != 0 || !request->index->amsearcharray)
        return NIL;
    auto* const any = makeNode(ScalarArrayOpExpr);
    any->opno = op;
    any->useOr = true;
    any->args = list_make2(operands.column, operands.value);
    any->location = -1;
    request->lossy = false;
    return list_make1(any);
}

// Text --------------------------------------------------------------------------------------------

Expr* boolean_constant(bool value) { return reinterpret_cast<Expr*>(makeBoolConst(value, false)); }

// pgwright.like_pattern(), looked up without asking for a right on the schema: who plans a view that
// others made needs none.
Oid pattern_function() {
    const Oid types[] = {TEXTOID, BOOLOID, BOOLOID};
    const Oid schema = get_namespace_oid("pgwright", true);
    return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("like_pattern"),
                           PointerGetDatum(buildoidvector(types, 3)), ObjectIdGetDatum(schema));
}

// The pattern is computed when the index is read; folded to a constant when the value is one, because
// the planner knows what a constant pattern costs.
Expr* pattern_of(PlannerInfo* root, Expr* value, Anchor anchor) {
    const Oid function = pattern_function();
    if (!OidIsValid(function)) return nullptr;
    List* const arguments = list_make3(value, boolean_constant(anchor != Anchor::start),
                                       boolean_constant(anchor != Anchor::end));
    Node* const call =
        reinterpret_cast<Node*>(makeFuncExpr(function, TEXTOID, arguments, DEFAULT_COLLATION_OID,
                                             DEFAULT_COLLATION_OID, COERCE_EXPLICIT_CALL));
    return reinterpret_cast<Expr*>(eval_const_expressions(root, call));
}

// The range that the server makes of a prefix without letters in an index that is sorted by bytes.
List* prefix_range(Request* request, Expr* pattern_match) {
    Request inner = *request;
    inner.funcid = F_TEXTICLIKE;
    inner.node = reinterpret_cast<Node*>(pattern_match);
    inner.indexarg = 0;
    return reinterpret_cast<List*>(
        DatumGetPointer(OidFunctionCall1(F_TEXTICLIKE_SUPPORT, PointerGetDatum(&inner))));
}

// ILIKE refuses collations that find different bytes equal; an index must not bring that error back.
bool may_use_pattern(Oid collation) {
    return OidIsValid(collation) && get_collation_isdeterministic(collation);
}

List* text_condition(Request* request, Anchor anchor) {
    const Operands operands = operands_of(request);
    const Oid collation = exprInputCollation(request->node);
    if (operands.value == nullptr || request->indexarg != 0 || !may_use_pattern(collation))
        return NIL;
    Expr* const pattern = pattern_of(request->root, operands.value, anchor);
    if (pattern == nullptr) return NIL;
    Expr* const match = comparison(OID_TEXT_ICLIKE_OP, {operands.column, pattern}, collation);
    request->lossy = true;
    if (!op_in_opfamily(OID_TEXT_ICLIKE_OP, request->opfamily))
        return anchor == Anchor::start ? prefix_range(request, match) : NIL;
    return request->indexcollation == collation ? list_make1(match) : NIL;
}

List* contains_condition(Request* request) { return text_condition(request, Anchor::anywhere); }
List* starts_condition(Request* request) { return text_condition(request, Anchor::start); }
List* ends_condition(Request* request) { return text_condition(request, Anchor::end); }

// Arrays ------------------------------------------------------------------------------------------

List* array_condition(Request* request, Oid op) {
    const Operands operands = operands_of(request);
    const Oid collation = exprInputCollation(request->node);
    if (operands.value == nullptr || request->indexarg != 0 ||
        !op_in_opfamily(op, request->opfamily) || request->indexcollation != collation)
        return NIL;
    request->lossy = false;
    return list_make1(comparison(op, operands, collation));
}

List* array_contains_condition(Request* request) {
    return array_condition(request, OID_ARRAY_CONTAINS_OP);
}
List* array_overlaps_condition(Request* request) {
    return array_condition(request, OID_ARRAY_OVERLAP_OP);
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_array_contains_support) { return asked(args, array_contains_condition); }
PGWRIGHT_FUNCTION(pgwright_array_overlaps_support) { return asked(args, array_overlaps_condition); }
PGWRIGHT_FUNCTION(pgwright_numeric_eq_support) { return asked(args, numeric_eq_condition); }
PGWRIGHT_FUNCTION(pgwright_numeric_lt_support) { return asked(args, numeric_lt_condition); }
PGWRIGHT_FUNCTION(pgwright_numeric_le_support) { return asked(args, numeric_le_condition); }
PGWRIGHT_FUNCTION(pgwright_numeric_gt_support) { return asked(args, numeric_gt_condition); }
PGWRIGHT_FUNCTION(pgwright_numeric_ge_support) { return asked(args, numeric_ge_condition); }
PGWRIGHT_FUNCTION(pgwright_numeric_among_support) { return asked(args, numeric_among_condition); }
PGWRIGHT_FUNCTION(pgwright_contains_text_support) { return asked(args, contains_condition); }
PGWRIGHT_FUNCTION(pgwright_starts_with_text_support) { return asked(args, starts_condition); }
PGWRIGHT_FUNCTION(pgwright_ends_with_text_support) { return asked(args, ends_condition); }
