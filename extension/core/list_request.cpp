// Reads list requests; see list_request.hpp.
#include "core/list_request.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/collect_faults.hpp"
#include "core/cursor.hpp"
#include "core/error.hpp"
#include "core/selection.hpp"
#include "core/text_list.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {

namespace {

constexpr std::int64_t kMaxPage = std::numeric_limits<std::int32_t>::max();

class ListReader {
  public:
    ListReader(const ListArguments& arguments, const Entity& entity, const ListContext& context)
        : arguments_(arguments), entity_(entity), context_(context) {}

    ReadList read() {
        read_page();
        read_count();
        collect(faults_, [&] { read_selection(); });
        collect(faults_, [&] { read_sort(); });
        collect(faults_, [&] { read_search(); });
        collect(faults_, [&] { read_filter(); });
        list_.request.distinct = arguments_.distinct;
        list_.request.with_deleted = arguments_.include_deleted;
        if (arguments_.distinct) check_distinct();
        if (arguments_.include_deleted && !entity_.soft_delete)
            faults_.add("include_deleted", "records of this entity are deleted for good");
        if (list_.by_cursor && faults_.empty()) collect(faults_, [&] { read_cursor_position(); });
        faults_.raise("the request is not valid");
        return std::move(list_);
    }

  private:
    // A page_size of 0 or a page before the first is a fault, not an empty answer.
    std::int64_t bounded(std::int64_t value, std::int64_t highest, std::string_view name) {
        if (value < 1) faults_.add(name, "must be at least 1");
        if (value > highest) faults_.add(name, "must be at most " + std::to_string(highest));
        return value;
    }

    void read_page() {
        list_.page = bounded(arguments_.page.value_or(1), kMaxPage, "page");
        list_.page_size =
            bounded(arguments_.page_size.value_or(25), context_.max_page_size, "page_size");
        list_.by_cursor = arguments_.cursor.has_value();
        if (list_.by_cursor && arguments_.page)
            faults_.add("page", "cannot be given with a cursor");
        list_.request.limit = list_.page_size;
        if (faults_.empty() && !list_.by_cursor)
            list_.request.offset = (list_.page - 1) * list_.page_size;
    }

    void read_count() {
        static constexpr std::array<std::string_view, 3> kNames = {"exact", "planned", "none"};
        const std::string given = arguments_.count.value_or(list_.by_cursor ? "none" : "exact");
        const auto* const found = std::ranges::find(kNames, given);
        if (found == kNames.end())
            return faults_.add("count", "must be one of: exact, planned, none");
        list_.count = static_cast<Count>(found - kNames.begin());
        list_.request.counts = list_.count == Count::exact;
        list_.looks_ahead = list_.by_cursor || !list_.request.counts;
        if (list_.looks_ahead) ++list_.request.limit;
    }

    void read_selection() {
        list_.request.selection =
            parse_selection(arguments_.fields, arguments_.expand,
                            {entity_, context_.find_related, context_.conditions});
    }

    void read_sort() {
        list_.request.sort = arguments_.sort.is_null() ? parse_sort(entity_.default_sort, entity_)
                                                       : parse_sort(arguments_.sort, entity_,
                                                                    context_.find_related, "sort");
    }

    // What is found best comes first, unless the request orders it.
    void read_search() {
        if (!arguments_.search || trim(*arguments_.search).empty()) return;
        list_.request.search = core::read_search(*arguments_.search, entity_);
        if (!arguments_.sort.is_null() || arguments_.distinct) return;
        std::vector<SortKey>& sort = list_.request.sort;
        sort.insert(sort.begin(), {&search_rank_field(), true});
    }

    void read_filter() {
        std::vector<Condition> both;
        const auto add = [&](const Json& json, std::string_view name) {
            if (json.is_null()) return;
            collect(faults_, [&] {
                both.push_back(parse_condition(json, entity_, name, context_.conditions));
            });
        };
        add(arguments_.filters, "filters");
        add(arguments_.filter, "filter");
        add(arguments_.having, "having");
        if (both.empty()) return;
        if (both.size() == 1) {
            list_.request.filter = std::move(both.front());
        } else {
            list_.request.filter.emplace().children = std::move(both);
        }
    }

    // Equal records are told by what is shown of them alone, so that alone orders them.
    void check_distinct() {
        Selection& selection = list_.request.selection;
        if (selection.all)
            return faults_.add("fields", "must name the fields that records are to differ in");
        if (!selection.expansions.empty()) faults_.add("expand", "cannot be used with distinct");
        for (const Field* const field : selection.fields) {
            if (field->value_class() == ValueClass::json)
                faults_.add("fields", "\"" + field->name + "\" cannot be compared for distinct");
        }
        if (arguments_.sort.is_null()) list_.request.sort.clear();
        for (const SortKey& key : list_.request.sort) {
            if (!key.path.empty() ||
                std::ranges::find(selection.fields, key.field) == selection.fields.end())
                faults_.add("sort", "must be of the selected fields with distinct; \"" +
                                        key.field->name + "\" is not");
        }
    }

    // What must not change between pages. The caller's rights may.
    [[nodiscard]] std::string query() const {
        std::string text = entity_.id.to_string() + arguments_.place;
        for (const Json* const part : {&arguments_.sort, &arguments_.filters, &arguments_.filter})
            text.append("\n").append(part->dump());
        if (arguments_.sort.is_null()) text += entity_.default_sort;
        if (arguments_.distinct) text.append("\n").append(arguments_.fields.dump());
        if (list_.request.search) text.append("\n").append(*arguments_.search);
        return text + (arguments_.include_deleted ? "\ndeleted" : "");
    }

    void read_cursor_position() {
        list_.request.keeps_position = true;
        const std::vector<SortKey> order = complete_sort(entity_, list_.request);
        if (entity_.key.empty() && !list_.request.distinct)
            return faults_.add("cursor", "records of this entity have no key to continue from");
        for (const SortKey& key : order) {
            if (list_.request.distinct && !is_sortable(*key.field))
                faults_.add("fields",
                            "\"" + key.field->name + "\" is no place to continue from by a cursor");
        }
        list_.fingerprint = fingerprint(query());
        if (faults_.empty() && !arguments_.cursor->empty())
            list_.request.position = read_cursor(*arguments_.cursor, list_.fingerprint, order);
    }

    const ListArguments& arguments_;
    const Entity& entity_;
    const ListContext& context_;
    ReadList list_;
    Faults faults_;
};

// Kinds of the document's members.
class DocumentReader {
  public:
    explicit DocumentReader(const Json& document) : document_(document) {}

    const Json* member(std::string_view name) {
        known_.push_back(name);
        const Json* const found = document_.find(name);
        return found == nullptr || found->is_null() ? nullptr : found;
    }
    std::optional<std::int64_t> integer(std::string_view name) {
        const Json* const found = member(name);
        if (found == nullptr) return std::nullopt;
        constexpr std::int64_t highest = 1000000000000000000;
        if (found->is_number() && is_integer_text(found->text(), -highest, highest))
            return std::stoll(found->text());
        faults_.add(name, "must be an integer");
        return std::nullopt;
    }
    std::optional<std::string> text(std::string_view name) {
        const Json* const found = member(name);
        if (found == nullptr) return std::nullopt;
        if (!found->is_string()) faults_.add(name, "must be a text");
        return found->text();
    }
    bool boolean(std::string_view name) {
        const Json* const found = member(name);
        if (found != nullptr && !found->is_boolean()) faults_.add(name, "must be true or false");
        return found != nullptr && found->as_boolean();
    }
    Json any(std::string_view name) {
        const Json* const found = member(name);
        return found == nullptr ? Json() : *found;
    }
    void finish() {
        for (const auto& [name, value] : document_.members()) {
            if (std::ranges::find(known_, name) == known_.end())
                faults_.add(name, "is not a member of a query");
        }
        faults_.raise("the query is not valid");
    }

  private:
    const Json& document_;
    std::vector<std::string_view> known_;
    Faults faults_;
};

}  // namespace

ReadList read_list(const ListArguments& arguments, const Entity& entity,
                   const ListContext& context) {
    return ListReader(arguments, entity, context).read();
}

ListArguments parse_list_document(const Json& document) {
    if (!document.is_object())
        throw Failure(Code::validation_error, "the query is not valid",
                      {{"query", "must be an object"}});
    DocumentReader reader(document);
    ListArguments arguments;
    arguments.page = reader.integer("page");
    arguments.page_size = reader.integer("page_size");
    arguments.sort = reader.any("sort");
    arguments.filters = reader.any("filters");
    arguments.filter = reader.any("filter");
    arguments.fields = reader.any("fields");
    arguments.expand = reader.any("expand");
    arguments.cursor = reader.text("cursor");
    arguments.count = reader.text("count");
    arguments.search = reader.text("search");
    arguments.distinct = reader.boolean("distinct");
    arguments.include_deleted = reader.boolean("include_deleted");
    reader.finish();
    return arguments;
}

}  // namespace pgwright::core
