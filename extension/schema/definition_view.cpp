#include "schema/definition_view.hpp"

#include <charconv>

#include "core/definition_document.hpp"
#include "schema/definition.hpp"

namespace pgwright::schema {

using core::Code;
using core::Failure;
using core::Json;

namespace {

Json list(std::string_view records, const core::Uuid& entity, std::string_view sort) {
    Json filter = where("entity_id", entity);
    filter.set("is_deleted", Json::boolean(false));
    return core::parse_json(definition_list_json(records, filter, sort));
}

const Json* with(const Json& items, std::string_view key, std::string_view value) {
    for (const Json& item : items.items()) {
        const Json* const found = item.find(key);
        if (found != nullptr && found->text() == value) return &item;
    }
    return nullptr;
}

std::string pick(const Json& items, std::string_view name_or_id, const char* missing) {
    const Json* item = with(items, "name", name_or_id);
    if (item == nullptr) item = with(items, "id", name_or_id);
    if (item == nullptr) throw Failure(Code::resource_not_found, missing);
    return item->dump();
}

// What a row has and a document does not, as a row that is not there yet would have it.
Json blank_row(const Json& entity) {
    Json row = Json::object();
    for (const auto* key : {"id", "entity_id", "tenant_id", "name"}) row.set(key, Json());
    row.set("entity_id", *entity.find("id"));
    for (const auto* key : {"created_at", "updated_at", "created_by", "updated_by"})
        row.set(key, *entity.find(key));
    row.set("is_deleted", Json::boolean(false));
    return row;
}

Json laid_over(const Json& rows, const Json& documents, const Json& entity) {
    Json result = Json::array();
    for (const Json& document : documents.items()) {
        const Json* const row = with(rows, "id", document.find("id")->text());
        Json item = row == nullptr ? blank_row(entity) : *row;
        for (const auto& [key, value] : document.members()) item.set(key, value);
        result.items().push_back(std::move(item));
    }
    return result;
}

std::optional<int> number_of(std::string_view version) {
    int number = 0;
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), number);
    if (error != std::errc() || end != version.data() + version.size()) return std::nullopt;
    return number;
}

}  // namespace

DefinitionView::DefinitionView(const security::Identity& identity, std::string_view name_or_id,
                               std::optional<std::string_view> version) {
    const auto stored = read_stored_entity(identity.tenant_id(), name_or_id);
    if (!stored) throw Failure(Code::resource_not_found, "there is no entity of that name");
    draft_version_ = stored->status == "draft" ? stored->version : stored->draft_version;
    read_rows(stored->id);
    if (version) choose(*stored, *version);
}

void DefinitionView::choose(const StoredEntity& stored, std::string_view version) {
    if (version == stored.status) return;
    if (version == "draft" && stored.draft)
        return lay_over(*stored.draft, stored.draft_version, "draft");
    const auto number = number_of(version);
    if (!number && version != "draft" && version != "published")
        throw Failure(Code::validation_error, "unknown version",
                      {{"version", "must be draft, published or a number"}});
    if (!number) throw Failure(Code::resource_not_found, "the entity has no such version");
    if (*number == stored.version) return;
    if (stored.draft && *number == stored.draft_version)
        return lay_over(*stored.draft, stored.draft_version, "draft");
    lay_over(read_version(stored.id, *number), *number, "superseded");
}

DefinitionView::DefinitionView(const Draft& draft) {
    draft_version_ = draft.is_open() ? draft.version() : 0;
    read_rows(draft.stored.id);
    if (draft.stored.draft_version != 0) lay_over(draft.definition, draft.version(), "draft");
}

void DefinitionView::read_rows(const core::Uuid& id) {
    entity_ = core::parse_json(definition_json("entity_definitions", id));
    fields_ = list("field_definitions", id, "display_order,name");
    indexes_ = list("index_definitions", id, "name");
}

void DefinitionView::lay_over(const core::EntityDefinition& definition, int version,
                              std::string_view status) {
    const Json document = core::definition_document(definition);
    for (const auto& [key, value] : document.find("entity")->members()) entity_.set(key, value);
    entity_.set("version", Json::number(std::to_string(version)));
    entity_.set("status", Json::string(std::string(status)));
    fields_ = laid_over(fields_, *document.find("fields"), entity_);
    indexes_ = laid_over(indexes_, *document.find("indexes"), entity_);
}

std::string DefinitionView::entity() const {
    Json whole = entity_;
    whole.set("draft_version",
              draft_version_ == 0 ? Json() : Json::number(std::to_string(draft_version_)));
    whole.set("fields", fields_);
    whole.set("indexes", indexes_);
    return whole.dump();
}

std::string DefinitionView::field(std::string_view name_or_id) const {
    return pick(fields_, name_or_id, "the entity has no such field");
}

std::string DefinitionView::index(std::string_view name_or_id) const {
    return pick(indexes_, name_or_id, "the entity has no such index");
}

}  // namespace pgwright::schema
