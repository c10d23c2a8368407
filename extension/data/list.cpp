// Pages of records; see records.hpp.
#include "pg/server.hpp"

#include "data/records.hpp"

#include <algorithm>

#include "core/aggregate.hpp"
#include "core/cursor.hpp"
#include "core/record_key.hpp"
#include "data/execution.hpp"

namespace pgwright::data {

namespace {

using core::Action;
using core::Code;
using core::Count;
using core::Failure;
using core::JsonWriter;
using core::ReadList;

// Whoever reads what he has made and nothing else.
bool reads_own_only(const security::Identity& identity, const core::Entity& entity) {
    const core::PermissionSet& held = identity.permissions;
    return held.scope_of(entity.resource, Action::read) == core::Scope::own && !entity.is_public &&
           !held.is_under_rule(entity.resource, Action::read) &&
           entity.find("created_by") != nullptr;
}

void write_integer(JsonWriter& writer, std::string_view key, std::int64_t value) {
    writer.key(key);
    writer.integer(value);
}

// One executed page, and what is told of it.
class Page {
  public:
    Page(const core::Entity& entity, const ReadList& list, const core::Statement& statement)
        : list_(list), execution_(entity, statement, Access::read) {
        total_ = list.request.counts ? execution_.row(0).integer(0) : -1;
        rows_ = is_empty() ? 0 : execution_.rows();
        const auto size = static_cast<std::size_t>(list.page_size);
        more_ = list.looks_ahead && rows_ > size;
        shown_ = list.looks_ahead ? std::min(rows_, size) : rows_;
    }

    [[nodiscard]] std::int64_t total() const noexcept { return total_; }
    [[nodiscard]] std::size_t shown() const noexcept { return shown_; }
    [[nodiscard]] bool has_more() const noexcept { return more_; }

    void write_items(JsonWriter& writer) const {
        writer.begin_array();
        for (std::size_t i = 0; i < shown_; ++i) execution_.write_object(writer, row(i));
        writer.end_array();
    }

    // The cursor of what follows the page, or comes before it; none at the ends of the list.
    void write_cursors(JsonWriter& writer) const {
        const bool backward = is_backward();
        write_cursor(writer, "next_cursor", backward || more_, false);
        write_cursor(writer, "prev_cursor", backward ? more_ : list_.request.position.has_value(),
                     true);
    }

  private:
    [[nodiscard]] bool is_backward() const {
        return list_.request.position && list_.request.position->backward;
    }

    // Where the statement counts, an empty page is one row of nulls. A record of a view may be nulls
    // throughout, so not its columns tell, but the total or the mark at the end.
    [[nodiscard]] bool is_empty() const {
        if (!list_.request.counts || execution_.rows() != 1) return execution_.rows() == 0;
        if (!list_.request.position) return total_ <= list_.request.offset;
        const pg::Row row = execution_.row(0);
        return row.is_null(row.columns() - 1);
    }

    // In the list's order, also where the statement read backwards.
    [[nodiscard]] pg::Row row(std::size_t i) const {
        return execution_.row(is_backward() ? shown_ - 1 - i : i);
    }

    void write_cursor(JsonWriter& writer, std::string_view name, bool wanted, bool before) const {
        writer.key(name);
        if (!wanted || shown_ == 0) return writer.null();
        const core::Position position{execution_.position_of(row(before ? 0 : shown_ - 1)), before};
        writer.string(core::write_cursor(list_.fingerprint, position));
    }

    const ReadList& list_;
    Execution execution_;
    std::int64_t total_;
    std::size_t rows_ = 0, shown_ = 0;
    bool more_ = false;
};

// A value that only the server can judge, and that stands in a cursor alone, is the cursor's fault.
Page read_page(const core::Entity& entity, const ReadList& list, const core::Statement& statement) {
    try {
        return {entity, list, statement};
    } catch (const Failure& failure) {
        if (list.request.position && failure.code() == Code::validation_error)
            core::refuse_cursor();
        throw;
    }
}

// The planner's estimate, put right by what the page itself shows.
std::int64_t planned_total(const core::Entity& entity, const ReadList& list,
                           const core::ListRequest& request, const Page& page) {
    const auto seen = request.offset + static_cast<std::int64_t>(page.shown());
    if (!list.by_cursor && !page.has_more() && (page.shown() > 0 || request.offset == 0))
        return seen;
    const std::int64_t estimate = estimate_rows(core::compile_rows(entity, request));
    return std::max(estimate, seen + (page.has_more() ? 1 : 0));
}

void write_totals(JsonWriter& writer, const ReadList& list, std::int64_t total) {
    if (list.count != Count::none) {
        write_integer(writer, "total", total);
        if (list.count == Count::planned) {
            writer.key("total_is_estimate");
            writer.boolean(true);
        }
    }
    if (!list.by_cursor) write_integer(writer, "page", list.page);
    write_integer(writer, "page_size", list.page_size);
    if (list.count != Count::none && !list.by_cursor)
        write_integer(writer, "pages", (total + list.page_size - 1) / list.page_size);
}

// Records related to one that is not there, or that the caller does not see, are not there either.
void require_parent(const core::Within& within) {
    const core::Statement statement = core::compile_exists(*within.parent, within.key);
    if (Execution(*within.parent, statement, Access::read).rows() == 0)
        throw Failure(Code::resource_not_found, "there is no such record");
}

std::string describe(const ReadList& list, const Page& page, std::int64_t total) {
    JsonWriter writer;
    writer.begin_object();
    writer.key("items");
    page.write_items(writer);
    write_totals(writer, list, total);
    if (list.looks_ahead && !list.by_cursor) {
        writer.key("has_more");
        writer.boolean(page.has_more());
    }
    if (list.by_cursor) page.write_cursors(writer);
    writer.end_object();
    return std::string(writer.view());
}

}  // namespace

std::string list_records(const security::Identity& identity, const core::Entity& entity,
                         const ReadList& list) {
    require_read(identity, entity);
    core::ListRequest request = list.request;
    if (request.with_deleted) require_deleted(identity, entity);
    if (reads_own_only(identity, entity)) request.author = identity.user_id();
    const core::Statement statement = core::compile_list(entity, request);
    const Page page = read_page(entity, list, statement);
    if (request.within && page.shown() == 0) require_parent(*request.within);
    return describe(
        list, page,
        list.count == Count::planned ? planned_total(entity, list, request, page) : page.total());
}

std::string list_related(const security::IdentityPointer& identity,
                         const std::shared_ptr<const core::Entity>& entity, std::string_view id,
                         std::string_view relationship, const core::ListArguments& arguments,
                         const core::ListContext& context) {
    require_read(*identity, *entity);
    core::Json key = core::parse_key(*entity, id);
    auto related = context.find_related(*entity, relationship);
    if (!related) throw Failure(Code::resource_not_found, "there is no such relationship");
    const std::shared_ptr<const core::Entity> target = related->target;
    core::ListArguments within = arguments;
    within.place = entity->id.to_string() + " " + std::string(relationship) + " " + key.dump();
    ReadList list = core::read_list(within, *target, context);
    list.request.within = core::Within{entity.get(), std::move(key), *std::move(related)};
    return list_records(*identity, *target, list);
}

std::string aggregate_records(const security::Identity& identity, const core::Entity& entity,
                              const core::Json& document, const core::ListContext& context) {
    require_read(identity, entity);
    std::optional<core::Uuid> author;
    if (reads_own_only(identity, entity)) author = identity.user_id();
    core::AggregateRequest aggregate = core::read_aggregate(document, entity, context, author);
    const core::Statement statement =
        core::compile_list(*aggregate.groups, aggregate.list.request, std::move(aggregate.table));
    const Page page(*aggregate.groups, aggregate.list, statement);
    if (aggregate.list.count == Count::planned)
        throw Failure(Code::validation_error, "the aggregate is not valid",
                      {{"count", "must be exact or none"}});
    return describe(aggregate.list, page, page.total());
}

}  // namespace pgwright::data
