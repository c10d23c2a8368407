#include "pg/memory.hpp"

namespace pgwright::pg {

void* allocate(std::size_t bytes) {
    if (!AllocSizeIsValid(bytes))
        throw Error(ERRCODE_PROGRAM_LIMIT_EXCEEDED, "value exceeds the limit of 1 GB");
    void* chunk = palloc_extended(bytes, MCXT_ALLOC_NO_OOM);
    if (chunk == nullptr) throw std::bad_alloc();
    return chunk;
}

OwnedContext::OwnedContext(const char* name, ::MemoryContext parent)
    : context_(call([&] {
          return AllocSetContextCreateInternal(parent, name, ALLOCSET_START_SMALL_SIZES);
      })) {}

OwnedContext::~OwnedContext() {
    // At exit the server has freed, or is about to free, everything.
    if (context_ == nullptr || proc_exit_inprogress) return;
    ::MemoryContext context = context_;
    call_or_end_session([context] { MemoryContextDelete(context); });
}

void OwnedContext::reset() {
    ::MemoryContext context = context_;
    call([context] { MemoryContextReset(context); });
}

}  // namespace pgwright::pg
