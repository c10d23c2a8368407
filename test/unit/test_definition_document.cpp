// Definitions as documents: what goes in comes out, from a draft and from the catalog's rows.
#include <catch2/catch.hpp>

#include "core/definition_row.hpp"
#include "edited_definition.hpp"

using namespace pgwright::core;
using sample::document_of;
using sample::order;

namespace {

EntityDefinition again(const EntityDefinition& definition) {
    return parse_document(definition_document(definition));
}

const Field& field(EntityDefinition& definition, const std::string& name) {
    return require_field(definition, name).field;
}

std::string refusal_of(const std::string& document) {
    try {
        parse_document(parse_json(document));
    } catch (const Failure& failure) {
        CHECK(failure.code() == Code::server_error);
        return failure.message();
    }
    return {};
}

}  // namespace

TEST_CASE("a document gives the definition that made it", "[document]") {
    const EntityDefinition definition = order();
    CHECK(document_of(again(definition)) == document_of(definition));
    CHECK(document_of(again(again(definition))) == document_of(definition));
}

TEST_CASE("a document that is read is a good definition still", "[document]") {
    Faults faults;
    check_entity(again(order()), faults);
    CHECK(sample::text_of(faults.list()) == "");
}

TEST_CASE("ids, schema and tenant come through", "[document]") {
    EntityDefinition read = again(order());
    CHECK(read.entity.id == sample::id_of("order_line"));
    CHECK(read.entity.tenant_id == sample::id_of("tenant"));
    CHECK(read.entity.schema == "t_demo");
    CHECK(field(read, "price").id == sample::id_of("price"));
    CHECK(require_index(read, "open").id == sample::id_of("open"));
}

TEST_CASE("lookups keep their target and what becomes of the record", "[document]") {
    EntityDefinition read = again(order());
    const FieldDefinition& buyer = require_field(read, "buyer");
    REQUIRE(buyer.field.reference);
    CHECK(buyer.field.reference->entity_id.to_string() == "00000000-0000-7000-8000-00000000b0b0");
    CHECK(buyer.field.reference->on_delete == ReferentialAction::cascade);
    CHECK(buyer.field.reference->on_update == ReferentialAction::restrict_);
    CHECK(buyer.reference_field == "email");
    CHECK(buyer.relationship_type == "many-to-one");
    const FieldDefinition& photo = require_field(read, "photo");
    REQUIRE(photo.field.reference);
    CHECK(photo.field.reference->entity_id.to_string() == kFilesEntityId);
}

TEST_CASE("an edit beside a lookup leaves the lookup alone", "[document]") {
    EntityDefinition read = again(order());
    CHECK(sample::change_field(read, "price", R"({"label":"Cost"})") == "");
    EntityDefinition reread = again(read);
    CHECK(field(reread, "buyer").reference->on_delete == ReferentialAction::cascade);
}

TEST_CASE("defaults that are documents stay documents", "[document]") {
    EntityDefinition read = again(order());
    CHECK(field(read, "extra").default_value == R"({"a":[1]})");
    CHECK(field(read, "extra").json_schema == parse_json(R"({"type":"object"})"));
    CHECK(field(read, "tags").default_value == R"(["a","b"])");
    CHECK(field(read, "tags").item_type == FieldType::string);
    CHECK(field(read, "quantity").default_value == "1");
    for (const auto* json : {R"("text")", R"("null")", "true", "12", R"("12")", "[]"}) {
        EntityDefinition definition = order();
        require_field(definition, "extra").field.default_value = json;
        EntityDefinition reread = again(definition);
        CHECK(field(reread, "extra").default_value == json);
    }
}

TEST_CASE("labels of allowed values, orders and conditions come through", "[document]") {
    EntityDefinition read = again(order());
    CHECK(require_field(read, "status").allowed_values ==
          parse_json(R"([{"value":"new","label":"New"},"paid"])"));
    CHECK(field(read, "status").allowed_values.size() == 2);
    const IndexDefinition& open = require_index(read, "open");
    CHECK(open.keys[1].descending);
    CHECK(open.keys[1].nulls_first == false);
    CHECK(open.condition == order().indexes[0].condition);
    CHECK(require_index(read, "by_tag").method == IndexMethod::gin);
}

TEST_CASE("the language and the search index come through", "[document]") {
    EntityDefinition definition = order();
    CHECK(again(definition).entity.search_language.empty());
    definition.entity.search_language = "danish";
    definition.indexes[1].method = IndexMethod::search;
    definition.indexes[1].keys = {{"code", false, std::nullopt}, {"status", false, std::nullopt}};
    EntityDefinition read = again(definition);
    CHECK(read.entity.search_language == "danish");
    CHECK(search_fields_of(read.indexes) == std::vector<std::string>{"code", "status"});
    // Said of nothing too: what a draft takes away is not the published version's.
    definition.entity.search_language.clear();
    const Json document = definition_document(definition);
    REQUIRE(document.find("entity")->find("search_language") != nullptr);
    CHECK(document.find("entity")->find("search_language")->is_null());
}

TEST_CASE("a document made of rows reads the same", "[document]") {
    Json document = definition_document(order());
    for (auto* const list : {"fields", "indexes"}) {
        Json rows = *document.find(list);
        for (Json& row : rows.items()) {
            row.set("created_at", Json::string("2026-11-21T09:00:00+00:00"));
            row.set("created_by", Json());
            row.set("is_deleted", Json::boolean(false));
        }
        document.set(list, std::move(rows));
    }
    Json entity = *document.find("entity");
    entity.set("origin", Json::string("generated"));
    entity.set("status", Json::string("published"));
    entity.set("version", Json::number("3"));
    entity.set("deleted_at", Json());
    document.set("entity", std::move(entity));
    const EntityDefinition read = parse_document(document);
    CHECK(document_of(read) == document_of(order()));
    CHECK(read.entity.version == 3);
    CHECK(read.entity.generated);
}

TEST_CASE("an imported entity keeps its key and its fields' own names", "[document]") {
    Json document = definition_document(order());
    Json entity = *document.find("entity");
    entity.set("origin", Json::string("imported"));
    entity.set("key_fields", parse_json(R"(["Code","Line No"])"));
    document.set("entity", std::move(entity));
    EntityDefinition read = parse_document(document);
    CHECK_FALSE(read.entity.generated);
    CHECK(read.entity.key == std::vector<std::string>{"Code", "Line No"});
}

TEST_CASE("what is no document is refused", "[document]") {
    CHECK(refusal_of("{}") == "a stored definition cannot be read: it has no entity");
    CHECK(refusal_of("[]") == "a stored definition cannot be read: it has no entity");
    CHECK(refusal_of(R"({"entity":{"id":"no"}})") ==
          "a stored definition cannot be read: id is no UUID");
    CHECK(refusal_of(R"({"entity":{"id":"00000000-0000-7000-8000-000000000001"},"fields":[{}]})") ==
          "a stored definition cannot be read: id is no UUID");
}

TEST_CASE("a row as written has no member that the server computes", "[document]") {
    const EntityDefinition definition = order();
    const Json written = field_as_written(field_row(definition.fields[1], definition.entity, 1));
    for (const auto* key :
         {"id", "entity_id", "tenant_id", "data_type", "is_nullable", "is_system"})
        CHECK(written.find(key) == nullptr);
    CHECK(written.find("min_value")->text() == "0");
    const Json head = entity_as_written(entity_row(definition));
    for (const auto* key : {"id", "tenant_id", "schema_name"}) CHECK(head.find(key) == nullptr);
}
