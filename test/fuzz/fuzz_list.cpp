// Lists, groups and cursors: what is accepted compiles, its text holds every parameter and nothing of the
// request, and a cursor that was written is read back as it was.
#include <string>

#include "check.hpp"
#include "core/aggregate.hpp"
#include "core/cursor.hpp"
#include "core/error.hpp"
#include "core/list_request.hpp"
#include "unit/shop.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

ListContext context() {
    ListContext made;
    made.conditions = sample::shop_context();
    made.find_related = sample::find_in_shop;
    return made;
}

void check_text(const Statement& statement) {
    int open = 0;
    bool quoted = false;
    for (const char c : statement.sql) {
        check(static_cast<unsigned char>(c) >= ' ' && static_cast<unsigned char>(c) < 127);
        if (c == '\'') quoted = !quoted;
        if (quoted) continue;
        check(c != ';' && c != '\\');
        open += c == '(' ? 1 : c == ')' ? -1 : 0;
        check(open >= 0);
    }
    check(open == 0 && !quoted);
    for (std::size_t i = 1; i <= statement.parameters.size(); ++i)
        check(statement.sql.find("$" + std::to_string(i)) != std::string::npos);
}

void check_cursor(const ReadList& list) {
    const std::vector<SortKey> order = complete_sort(sample::purchase(), list.request);
    Position position;
    position.backward = order.size() % 2 == 0;
    for (std::size_t i = 0; i < order.size(); ++i)
        position.values.push_back(order[i].field->value_class() == ValueClass::boolean
                                      ? Json::boolean(i % 2 == 0)
                                      : Json::string(std::to_string(i)));
    const Position read =
        read_cursor(write_cursor(list.fingerprint, position), list.fingerprint, order);
    check(read.values == position.values && read.backward == position.backward);
}

void check_list(const Json& json) {
    const ReadList list = read_list(parse_list_document(json), sample::purchase(), context());
    check_text(compile_list(sample::purchase(), list.request));
    check_text(compile_rows(sample::purchase(), list.request));
    if (list.by_cursor) check_cursor(list);
}

void check_groups(const Json& json) {
    AggregateRequest groups = read_aggregate(json, sample::purchase(), context());
    check_text(compile_list(*groups.groups, groups.list.request, std::move(groups.table)));
}

void try_as_cursor(std::string_view text) {
    ListRequest request;
    (void)read_cursor(text, "0000000000000000", complete_sort(sample::purchase(), request));
}

template <typename Body>
void refused_or_done(const Body& body) {
    try {
        body();
    } catch (const Failure& failure) {
        check(failure.code() == Code::validation_error);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = pgwright::fuzz::text_of(data, size);
    refused_or_done([&] { try_as_cursor(text); });
    refused_or_done([&] {
        const Json json = parse_json(text);
        refused_or_done([&] { check_list(json); });
        refused_or_done([&] { check_groups(json); });
    });
    return 0;
}
