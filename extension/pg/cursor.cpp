// Portals by their names; see cursor.hpp.
#include "pg/cursor.hpp"

namespace pgwright::pg {

namespace {

Portal find(const std::string& name) {
    Portal portal = call([&name] { return SPI_cursor_find(name.c_str()); });
    if (portal == nullptr)
        throw Error(ERRCODE_INVALID_CURSOR_NAME, "the query has been closed meanwhile");
    return portal;
}

}  // namespace

Cursor::Cursor(std::string_view sql, const Params& params) {
    const std::string text(sql);
    ::MemoryContext context = CurrentMemoryContext;
    Portal portal = call([&] {
        Portal opened = SPI_cursor_open_with_args(
            nullptr, text.c_str(), params.count(), const_cast<Oid*>(params.types().data()),
            const_cast<Datum*>(params.values()), params.nulls(), true, 0);
        MemoryContextSwitchTo(context);
        return opened;
    });
    name_ = portal->name;
}

Result Cursor::fetch(long rows) const {
    Portal portal = find(name_);
    ::MemoryContext context = CurrentMemoryContext;
    struct Fetched {
        SPITupleTable* table;
        std::uint64_t count;
    };
    const Fetched fetched = call([=] {
        SPI_cursor_fetch(portal, true, rows);
        MemoryContextSwitchTo(context);
        return Fetched{SPI_tuptable, SPI_processed};
    });
    return {fetched.table, fetched.count};
}

void Cursor::close() const {
    Portal portal = find(name_);
    call([portal] { SPI_cursor_close(portal); });
}

}  // namespace pgwright::pg
