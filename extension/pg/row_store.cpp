// A tuple store as an ephemeral named relation, as the server's own transition tables are.
#include "pg/row_store.hpp"

namespace pgwright::pg {

RowStore::RowStore(const char* name, std::span<const StoreColumn> columns)
    : memory_("pgwright rows"), name_(name), connection_(Spi::current()) {
    const ContextSwitch inside(memory_.get());
    call([&] {
        descriptor_ = CreateTemplateTupleDesc(static_cast<int>(columns.size()));
        AttrNumber number = 0;
        for (const StoreColumn& column : columns)
            TupleDescInitEntry(descriptor_, ++number, column.name.c_str(), column.type, -1, 0);
        rows_ = tuplestore_begin_heap(false, false, work_mem);
    });
}

// After an error the subtransaction's abort may have taken the connection along, and its names with it.
RowStore::~RowStore() {
    call_or_end_session([this] {
        if (published_ && Spi::current() == connection_) SPI_unregister_relation(name_);
        tuplestore_end(rows_);
    });
}

void RowStore::add(Datum* values, bool* nulls) {
    call([this, values, nulls] { tuplestore_putvalues(rows_, descriptor_, values, nulls); });
    ++count_;
}

void RowStore::publish() {
    relation_.md.name = const_cast<char*>(name_);
    relation_.md.reliddesc = InvalidOid;
    relation_.md.tupdesc = descriptor_;
    relation_.md.enrtype = ENR_NAMED_TUPLESTORE;
    relation_.md.enrtuples = count_;
    relation_.reldata = rows_;
    const int code = call([this] { return SPI_register_relation(&relation_); });
    if (code < 0)
        throw Error(ERRCODE_INTERNAL_ERROR, std::string("SPI: ") + SPI_result_code_string(code));
    published_ = true;
}

}  // namespace pgwright::pg
