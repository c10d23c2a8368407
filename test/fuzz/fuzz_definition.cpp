// Definitions and their edits. An input is a sequence of lines, each an act: a letter, a byte that
// chooses a field or an index where the act needs one, and JSON. Whatever is given, a definition stays
// one that check_entity() accepts, a refused act leaves it alone, and its document says all of it.
#include <string>
#include <string_view>

#include "check.hpp"
#include "core/definition_document.hpp"
#include "core/definition_edit.hpp"
#include "core/error.hpp"
#include "unit/order_text.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

Uuid next_id() {
    static std::uint32_t count = 0;
    const std::string digits = std::to_string(1'000'000'000 + ++count % 1'000'000'000);
    return *Uuid::parse("00000000-0000-7000-8000-00" + digits.substr(0, 10));
}

// As the catalog does it; every name is somebody's here.
void resolve(EntityDefinition& definition) {
    for (FieldDefinition& each : definition.fields) {
        auto& reference = each.field.reference;
        if (!each.reference_entity) continue;
        const auto id = Uuid::parse(*each.reference_entity);
        reference.emplace().entity_id = id.value_or(definition.entity.id);
        reference->on_delete = each.on_delete.value_or(reference->on_delete);
        reference->on_update = each.on_update.value_or(reference->on_update);
    }
}

std::optional<EntityDefinition> defined(const Json& json) {
    Faults faults;
    EntityDefinition definition = parse_entity_definition(json, faults);
    if (!faults.empty()) return std::nullopt;
    definition.entity.id = next_id();
    definition.entity.tenant_id = next_id();
    definition.entity.schema = "t_fuzz";
    for (FieldDefinition& each : definition.fields) each.field.id = next_id();
    for (IndexDefinition& each : definition.indexes) each.id = next_id();
    resolve(definition);
    return definition;
}

void check_good(const EntityDefinition& definition) {
    Faults faults;
    check_entity(definition, faults);
    check(faults.empty());
    const Json document = definition_document(definition);
    const EntityDefinition read = parse_document(parse_json(document.dump(), 2 * kMaxJsonDepth));
    check(definition_document(read) == document);
    check_entity(read, faults);
    check(faults.empty());
}

template <typename List>
Uuid chosen(const List& list, unsigned char which) {
    const auto& item = list[which % list.size()];
    if constexpr (requires { item.field; })
        return item.field.id;
    else
        return item.id;
}

void remove(EntityDefinition& definition, const Uuid& id, Faults& faults) {
    try {
        remove_field(definition, id);
    } catch (const Failure& failure) {
        check(failure.code() == Code::conflict && !failure.faults().empty());
        faults.add("", failure.message());
    }
}

void act(EntityDefinition& definition, char letter, unsigned char which, const Json& json,
         Faults& faults) {
    const bool has_fields = !definition.fields.empty();
    const bool has_indexes = !definition.indexes.empty();
    if (letter == 'e') change_entity(definition, json, Lifecycle::never_published, faults);
    if (letter == 'p') change_entity(definition, json, Lifecycle::published, faults);
    if (letter == 'f') add_field(definition, next_id(), json, faults);
    if (letter == 'c' && has_fields)
        change_field(definition, chosen(definition.fields, which), json, faults);
    if (letter == 'r' && has_fields) remove(definition, chosen(definition.fields, which), faults);
    if (letter == 'i') add_index(definition, next_id(), json, faults);
    if (letter == 'd' && has_indexes)
        change_index(definition, chosen(definition.indexes, which), json, faults);
    if (letter == 'x' && has_indexes) remove_index(definition, chosen(definition.indexes, which));
}

// Every fourth definition is read from its document before it is edited, as drafts are.
void edit(EntityDefinition& definition, std::string_view line) {
    const auto which = static_cast<unsigned char>(line[1]);
    const Json json = parse_json(line.substr(2));
    if (line[0] == 'n') {
        if (auto made = defined(json)) definition = std::move(*made);
        return;
    }
    if (which % 4 == 0) definition = parse_document(definition_document(definition));
    const Json before = definition_document(definition);
    Faults faults;
    act(definition, line[0], which, json, faults);
    if (!faults.empty()) return check(definition_document(definition) == before);
    resolve(definition);
    check_good(definition);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const EntityDefinition order = defined(parse_json(sample::order_text())).value();
    std::string_view text = pgwright::fuzz::text_of(data, size);
    EntityDefinition definition = order;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.size() < 3) continue;
        try {
            edit(definition, line);
        } catch (const Failure& failure) {  // of parse_json() alone
            check(failure.code() == Code::validation_error && failure.faults().empty());
        }
    }
    return 0;
}
