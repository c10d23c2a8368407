// The server's protocol for sets by single values; see series.hpp.
#include "pg/series.hpp"

namespace pgwright::pg {

namespace {

ReturnSetInfo* set_info(const Arguments& args) {
    auto* info = reinterpret_cast<ReturnSetInfo*>(args.fcinfo()->resultinfo);
    if (info == nullptr || !IsA(info, ReturnSetInfo) ||
        (info->allowedModes & SFRM_ValuePerCall) == 0)
        throw Error(ERRCODE_FEATURE_NOT_SUPPORTED,
                    "a function that returns a set was called where none can be");
    return info;
}

void destroy(void* series) { delete static_cast<Series*>(series); }

}  // namespace

Series* detail::running_series(const Arguments& args) {
    (void)set_info(args);
    const auto* context = static_cast<FuncCallContext*>(args.fcinfo()->flinfo->fn_extra);
    return context == nullptr ? nullptr : static_cast<Series*>(context->user_fctx);
}

void detail::keep_series(const Arguments& args, std::unique_ptr<Series> series) {
    FunctionCallInfo fcinfo = args.fcinfo();
    FuncCallContext* context = call([fcinfo] { return init_MultiFuncCall(fcinfo); });
    auto* callback = call([context] {
        return static_cast<MemoryContextCallback*>(
            MemoryContextAllocZero(context->multi_call_memory_ctx, sizeof(MemoryContextCallback)));
    });
    callback->func = destroy;
    callback->arg = series.get();
    MemoryContextRegisterResetCallback(context->multi_call_memory_ctx, callback);
    context->user_fctx = series.release();
}

Datum detail::next_of_series(const Arguments& args, Series& series) {
    FunctionCallInfo fcinfo = args.fcinfo();
    const std::optional<Datum> value = series.next();
    set_info(args)->isDone = value ? ExprMultipleResult : ExprEndResult;
    if (value) return *value;
    auto* context = static_cast<FuncCallContext*>(fcinfo->flinfo->fn_extra);
    call([fcinfo, context] { end_MultiFuncCall(fcinfo, context); });
    return return_null(args);
}

}  // namespace pgwright::pg
