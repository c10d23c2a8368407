// Begin, commit and rollback of internal subtransactions. The nest level tells whether the
// subtransaction is still there: an error inside the server may have left deeper ones open.
#include "pg/subtransaction.hpp"

#include "pg/spi.hpp"

namespace pgwright::pg {

namespace {

// Runs under the inward guard.
void roll_back_to(int level) {
    while (GetCurrentTransactionNestLevel() >= level) RollbackAndReleaseCurrentSubTransaction();
}

}  // namespace

Subtransaction::Subtransaction() : context_(CurrentMemoryContext), owner_(CurrentResourceOwner) {
    ::MemoryContext context = context_;
    call([context] {
        BeginInternalSubTransaction(nullptr);
        MemoryContextSwitchTo(context);
    });
    level_ = GetCurrentTransactionNestLevel();
}

Subtransaction::~Subtransaction() {
    if (level_ == 0) return;
    const int level = level_;
    call_or_end_session([level] { roll_back_to(level); });
    leave();
}

void Subtransaction::commit() {
    if (level_ == 0) throw Error(ERRCODE_INTERNAL_ERROR, "the subtransaction is over");
    if (Spi::open_in_subtransaction())
        throw Error(ERRCODE_INTERNAL_ERROR,
                    "an SPI connection is still open in the subtransaction");
    call([] { ReleaseCurrentSubTransaction(); });
    leave();
}

void Subtransaction::rollback() {
    if (level_ == 0) throw Error(ERRCODE_INTERNAL_ERROR, "the subtransaction is over");
    const int level = level_;
    Spi::leave_to_abort();
    call([level] { roll_back_to(level); });
    leave();
}

void Subtransaction::leave() noexcept {
    level_ = 0;
    MemoryContextSwitchTo(context_);
    CurrentResourceOwner = owner_;
}

}  // namespace pgwright::pg
