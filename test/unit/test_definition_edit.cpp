// Changes of a definition: what is merged, what follows a rename or a new type, what is refused.
#include "edited_definition.hpp"

using namespace pgwright::core;
using sample::add_field;
using sample::add_index;
using sample::change_entity;
using sample::change_field;
using sample::change_index;
using sample::order;
using sample::remove_field;

namespace {

const Field& field(EntityDefinition& definition, const std::string& name) {
    return require_field(definition, name).field;
}

}  // namespace

// Merging ----------------------------------------------------------------------------------------

TEST_CASE("members that are not given stay as they are", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "price", R"({"label":"Unit price"})") == "");
    const Field& price = field(definition, "price");
    CHECK(price.label == "Unit price");
    CHECK(price.min_value == "0");
    CHECK(price.max_value == "9999");
    CHECK(price.decimal_places == 2);
    CHECK(price.id == sample::id_of("price"));
}

TEST_CASE("a null takes a member away", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "price", R"({"max_value":null,"label":null})") == "");
    CHECK_FALSE(field(definition, "price").max_value);
    CHECK(field(definition, "price").min_value == "0");
    CHECK(field(definition, "price").label == "Price");
}

TEST_CASE("any field can get another label, whatever its type", "[edit]") {
    for (const auto* name :
         {"code", "price", "quantity", "total", "status", "buyer", "photo", "tags", "extra"}) {
        EntityDefinition definition = order();
        EntityDefinition expected = order();
        require_field(expected, name).field.label = "Anything";
        CAPTURE(name);
        CHECK(change_field(definition, name, R"({"label":"Anything"})") == "");
        CHECK(sample::document_of(definition) == sample::document_of(expected));
    }
}

TEST_CASE("a change that changes nothing leaves the document alone", "[edit]") {
    for (const auto* name :
         {"code", "price", "quantity", "total", "status", "buyer", "photo", "tags", "extra"}) {
        EntityDefinition definition = order();
        CAPTURE(name);
        CHECK(change_field(definition, name, "{}") == "");
        CHECK(sample::document_of(definition) == sample::document_of(order()));
    }
    EntityDefinition definition = order();
    CHECK(change_entity(definition, "{}") == "");
    CHECK(change_index(definition, "open", "{}") == "");
    CHECK(sample::document_of(definition) == sample::document_of(order()));
}

TEST_CASE("of two members that say the same the given one wins", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "code", R"({"is_nullable":true})") == "");
    CHECK_FALSE(field(definition, "code").required);
    CHECK(change_field(definition, "quantity", R"({"default_expression":"1 + 1"})") == "");
    CHECK_FALSE(field(definition, "quantity").default_value);
    CHECK(field(definition, "quantity").default_expression == "1 + 1");
    CHECK(change_field(definition, "quantity", R"({"default_value":3})") == "");
    CHECK_FALSE(field(definition, "quantity").default_expression);
    CHECK(field(definition, "quantity").default_value == "3");
    CHECK(change_field(definition, "buyer", R"({"relationship_type":"one-to-one"})") == "");
    CHECK(field(definition, "buyer").unique);
    CHECK(change_field(definition, "buyer", R"({"is_unique":false})") == "");
    CHECK_FALSE(field(definition, "buyer").unique);
    CHECK(change_field(definition, "code", R"({"is_nullable":true,"is_required":true})") ==
          "is_nullable contradicts is_required");
}

TEST_CASE("a field keeps its place unless it is given another", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "quantity", R"({"label":"Pieces"})") == "");
    CHECK(require_field(definition, "quantity").display_order == 7);
    CHECK(change_field(definition, "quantity", R"({"display_order":2})") == "");
    CHECK(require_field(definition, "quantity").display_order == 2);
    CHECK_FALSE(require_field(definition, "price").display_order);
}

TEST_CASE("a calculated field becomes a plain one without its formula", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "total",
                       R"({"is_calculated":false,"calculation_formula":null})") == "");
    CHECK_FALSE(field(definition, "total").is_calculated());
    CHECK_FALSE(field(definition, "total").readonly);
}

// Renames ----------------------------------------------------------------------------------------

TEST_CASE("a new name goes into formulas, indexes, conditions and settings", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "price", R"({"name":"unit_price"})") == "");
    CHECK(change_field(definition, "quantity", R"({"name":"pieces"})") == "");
    CHECK(change_field(definition, "status", R"({"name":"state"})") == "");
    CHECK(change_field(definition, "code", R"({"name":"number"})") == "");
    CHECK(field(definition, "total").formula == "unit_price * pieces");
    CHECK(definition.primary_field == "number");
    CHECK(definition.default_sort_field == "unit_price");
    const IndexDefinition& index = require_index(definition, "open");
    CHECK(index.keys[0].field == "number");
    CHECK(index.keys[1].field == "unit_price");
    CHECK(index.keys[1].descending);
    CHECK(index.condition ==
          parse_json(
              R"({"operator":"AND","conditions":[{"field":"state","operator":"eq","value":"new"},
                  {"operator":"NOT","conditions":[{"field":"pieces","operator":"in","value":[0,5]}]}]})"));
    CHECK(field(definition, "unit_price").id == sample::id_of("price"));
}

TEST_CASE("a new name goes into a condition of pairs", "[edit]") {
    EntityDefinition definition = order();
    CHECK(add_index(definition, R"({"name":"fresh","field_names":["code"],
              "condition":{"status":"new","quantity":0}})") == "");
    CHECK(change_field(definition, "status", R"({"name":"state"})") == "");
    CHECK(require_index(definition, "fresh").condition ==
          parse_json(R"({"state":"new","quantity":0})"));
    CHECK(remove_field(definition, "quantity").find("fresh is an index over the field") !=
          std::string::npos);
}

TEST_CASE("a rename leaves values that merely read like the name", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "total",
                       R"({"calculation_formula":"price * 2","label":"price"})") == "");
    CHECK(add_index(definition, R"({"name":"price","field_names":["quantity"],
              "condition":{"field":"code","operator":"eq","value":"price"}})") == "");
    CHECK(change_field(definition, "price", R"({"name":"cost"})") == "");
    CHECK(field(definition, "total").label == "price");
    CHECK(require_index(definition, "price").condition.find("value")->text() == "price");
}

TEST_CASE("a name and a formula are changed in one go", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "total",
                       R"({"name":"sum","calculation_formula":"price * quantity + 1"})") == "");
    CHECK(field(definition, "sum").formula == "price * quantity + 1");
    CHECK(change_field(definition, "sum", R"({"name":"amount","calculation_formula":"price *"})") ==
          "calculation_formula character 8: expects a value, not the end");
}

TEST_CASE("a name that is taken or not allowed is refused", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "price", R"({"name":"quantity"})") ==
          "name is the name of another field too");
    CHECK(change_field(definition, "quantity", R"({"name":"price"})") ==
          "name is the name of another field too");
    CHECK(change_index(definition, "open", R"({"name":"by_tag"})") ==
          "name is the name of another index too");
    CHECK(change_field(definition, "price", R"({"name":"select"})").starts_with("name "));
    CHECK(change_field(definition, "price", R"({"name":null})").starts_with("name is required"));
    CHECK(change_field(definition, "price", R"({"name":"created_at"})").starts_with("name "));
}

// Types ------------------------------------------------------------------------------------------

TEST_CASE("a new type drops what it does not know", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "price", R"({"field_type":"integer"})") == "");
    CHECK_FALSE(field(definition, "price").decimal_places);
    CHECK(field(definition, "price").max_value == "9999");
    CHECK(change_field(definition, "tags", R"({"field_type":"text","default_value":null})") == "");
    CHECK_FALSE(field(definition, "tags").item_type);
    CHECK(change_field(definition, "extra", R"({"field_type":"text","default_value":null})") == "");
    CHECK(field(definition, "extra").json_schema.is_null());
    CHECK(change_field(definition, "buyer", R"({"field_type":"uuid"})") == "");
    CHECK_FALSE(field(definition, "buyer").reference);
    CHECK_FALSE(require_field(definition, "buyer").reference_field);
}

TEST_CASE("what the caller gives with a new type is judged, not dropped", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "price", R"({"field_type":"boolean","max_value":5})")
              .find("max_value ") != std::string::npos);
    CHECK(change_field(definition, "code", R"({"field_type":"integer","max_length":5})")
              .find("max_length ") != std::string::npos);
}

TEST_CASE("a new type brings its own input", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "quantity", R"({"field_type":"text","default_value":null})") !=
          "");
    CHECK(change_field(definition, "extra", R"({"field_type":"text","default_value":null})") == "");
    CHECK(require_field(definition, "extra").input_type ==
          std::string(info(FieldType::text).input_type));
}

TEST_CASE("a plain field becomes a file or a lookup, and a file a plain one", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "extra", R"({"field_type":"file","default_value":null})") == "");
    CHECK(require_field(definition, "extra").reference_entity == kFilesEntityId);
    CHECK(change_field(definition, "photo", R"({"field_type":"text"})") == "");
    CHECK_FALSE(field(definition, "photo").reference);
    CHECK(change_field(definition, "photo", R"({"field_type":"lookup"})") ==
          "reference_entity is required for a lookup");
    CHECK(change_field(definition, "photo",
                       R"({"field_type":"lookup","reference_entity":"people"})") == "");
    CHECK(require_field(definition, "photo").reference_entity == "people");
}

// Faults -----------------------------------------------------------------------------------------

TEST_CASE("all faults of a request are told, under the names the caller used", "[edit]") {
    EntityDefinition definition = order();
    CHECK(
        change_field(definition, "price", R"({"min_value":10,"max_value":1,"color":"red","id":1})")
            .find("fields[") == std::string::npos);
    const std::string faults = change_field(
        definition, "price", R"({"min_value":10,"max_value":1,"color":"red","is_required":"x"})");
    for (const auto* name : {"min_value ", "color ", "is_required "}) {
        CAPTURE(faults, name);
        CHECK(faults.find(name) != std::string::npos);
    }
}

TEST_CASE("what is not an object is no change", "[edit]") {
    EntityDefinition definition = order();
    for (const auto* json : {"null", "[]", "\"label\"", "1"}) {
        CHECK(change_field(definition, "price", json).starts_with(" must be an object"));
        CHECK(change_entity(definition, json) == " must be an object");
        CHECK(change_index(definition, "open", json) == " must be an object");
        CHECK(add_field(definition, json).find("must be an object") != std::string::npos);
        CHECK(add_index(definition, json).find("must be an object") != std::string::npos);
    }
}

TEST_CASE("a change that would break another part names that part", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "quantity", R"({"field_type":"boolean","default_value":null})")
              .find("fields[3].calculation_formula ") != std::string::npos);
    CHECK(change_field(definition, "tags", R"({"field_type":"boolean","default_value":null})")
              .find("indexes[1].") != std::string::npos);
}

TEST_CASE("a formula must not come back to itself", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_field(definition, "total", R"({"calculation_formula":"total + 1"})")
              .starts_with("calculation_formula "));
    CHECK(add_field(definition, R"({"name":"twice","field_type":"decimal","is_calculated":true,
              "calculation_formula":"total * 2"})") == "");
    CHECK(change_field(definition, "total", R"({"calculation_formula":"twice / 2"})")
              .starts_with("calculation_formula "));
}

// Adding and removing ----------------------------------------------------------------------------

TEST_CASE("an added field comes last and has the id it is given", "[edit]") {
    EntityDefinition definition = order();
    CHECK(add_field(definition, R"({"name":"note","field_type":"text"})") == "");
    CHECK(definition.fields.back().field.name == "note");
    CHECK(definition.fields.back().field.id == sample::id_of("added"));
    CHECK(definition.fields.size() == order().fields.size() + 1);
}

TEST_CASE("an added field's faults have its own names", "[edit]") {
    EntityDefinition definition = order();
    CHECK(add_field(definition, R"({"name":"price","field_type":"text"})") ==
          "name is the name of another field too");
    CHECK(add_field(definition, R"({"name":"note","field_type":"text","max_value":1})")
              .starts_with("max_value "));
    CHECK(add_field(definition, "{}") == "field_type is required; name is required");
}

TEST_CASE("a field that others use stays, and its users are named", "[edit]") {
    EntityDefinition definition = order();
    CHECK(remove_field(definition, "quantity") ==
          "total uses the field in its formula; open is an index over the field");
    CHECK(remove_field(definition, "price") ==
          "total uses the field in its formula; open is an index over the field; "
          "default_sort_field is the field; choose another first");
    CHECK(remove_field(definition, "code") ==
          "open is an index over the field; primary_field is the field; choose another first");
    CHECK(remove_field(definition, "status") == "open is an index over the field");
}

TEST_CASE("a field that nobody uses goes", "[edit]") {
    EntityDefinition definition = order();
    for (const auto* name : {"total", "buyer", "photo", "extra"}) {
        CHECK(remove_field(definition, name).empty());
        CHECK_THROWS_AS(require_field(definition, name), Failure);
    }
    remove_index(definition, require_index(definition, "open").id);
    CHECK(remove_field(definition, "quantity").empty());
}

TEST_CASE("fields and indexes are found by name and by id", "[edit]") {
    EntityDefinition definition = order();
    CHECK(&require_field(definition, "price") ==
          &require_field(definition, sample::id_of("price").to_string()));
    CHECK(&require_index(definition, "open") ==
          &require_index(definition, sample::id_of("open").to_string()));
    for (const auto* name : {"", "Price", "price ", "id", "created_at"})
        CHECK_THROWS_AS(require_field(definition, name), Failure);
}

// The entity -------------------------------------------------------------------------------------

TEST_CASE("an entity's members are merged and the rest stays", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_entity(definition, R"({"label":"Line","category":null,"records_per_page":10})") ==
          "");
    CHECK(definition.entity.label == "Line");
    CHECK_FALSE(definition.category);
    CHECK(definition.records_per_page == 10);
    CHECK(definition.plural_label == "Lines");
    CHECK(definition.entity.id == sample::id_of("order_line"));
    CHECK(definition.fields.size() == order().fields.size());
    CHECK(definition.indexes.size() == 2);
}

TEST_CASE("what was ever published keeps its name and its table", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_entity(definition, R"({"name":"line"})").starts_with("name cannot be changed"));
    CHECK(change_entity(definition, R"({"table_name":"line"})")
              .starts_with("table_name cannot be changed"));
    CHECK(change_entity(definition, R"({"name":"order_line","table_name":"order_line"})") == "");
}

TEST_CASE("a draft's table follows its name, unless it has one of its own", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_entity(definition, R"({"name":"line"})", Lifecycle::never_published) == "");
    CHECK(definition.entity.table == "line");
    CHECK(change_entity(definition, R"({"table_name":"lines"})", Lifecycle::never_published) == "");
    CHECK(change_entity(definition, R"({"name":"row_of_order"})", Lifecycle::never_published) ==
          "");
    CHECK(definition.entity.table == "lines");
}

TEST_CASE("fields and indexes are not changed through the entity", "[edit]") {
    EntityDefinition definition = order();
    CHECK(change_entity(definition, R"({"fields":[],"indexes":[],"primary_field":"nothing"})") ==
          "fields are changed one by one, through the functions of their own; indexes are changed "
          "one "
          "by one, through the functions of their own; primary_field is not a field of the entity");
}

// Indexes ----------------------------------------------------------------------------------------

TEST_CASE("an index is added, changed and removed", "[edit]") {
    EntityDefinition definition = order();
    CHECK(add_index(definition, R"({"name":"cheap","field_names":["price"]})") == "");
    CHECK(change_index(definition, "cheap",
                       R"({"is_unique":true,"field_names":["price","code"]})") == "");
    const IndexDefinition& index = require_index(definition, "cheap");
    CHECK(index.unique);
    CHECK(index.keys.size() == 2);
    CHECK(index.id == sample::id_of("added"));
    CHECK(change_index(definition, "open", R"({"condition":null,"name":"all_of_them"})") == "");
    CHECK(require_index(definition, "all_of_them").condition.is_null());
    remove_index(definition, index.id);
    CHECK_THROWS_AS(require_index(definition, "cheap"), Failure);
}

TEST_CASE("a search index is kept in step with its fields, and there is one", "[edit]") {
    EntityDefinition definition = order();
    CHECK(add_index(definition,
                    R"({"name":"words","index_type":"search","field_names":["code"]})") == "");
    const std::string second = "index_type is a second search index; an entity has one";
    CHECK(change_index(definition, "by_tag", R"({"index_type":"search","field_names":["code"]})") ==
          second);
    CHECK(change_index(definition, "open",
                       R"({"index_type":"search","field_names":["code"],"condition":null})") ==
          second);
    CHECK(change_field(definition, "code", R"({"name":"number"})") == "");
    CHECK(search_fields_of(definition.indexes) == std::vector<std::string>{"number"});
    CHECK(change_field(definition, "number", R"({"field_type":"integer"})")
              .find("is of type integer; a search index is for texts") != std::string::npos);
    CHECK_THROWS_AS(remove_field(definition, field(definition, "number").id), Failure);
    CHECK(change_index(definition, "words", R"({"field_names":["status"]})") == "");
    CHECK(search_fields_of(definition.indexes) == std::vector<std::string>{"status"});
}

TEST_CASE("the language of the texts comes and goes", "[edit]") {
    EntityDefinition definition = order();
    const auto change = [&](const char* json) {
        Faults faults;
        change_entity(definition, parse_json(json), Lifecycle::published, faults);
        return faults.empty() ? std::string() : faults.list().front().field;
    };
    CHECK(change(R"({"search_language":"german"})").empty());
    CHECK(change(R"({"label":"Line"})").empty());
    CHECK(definition.entity.search_language == "german");
    CHECK(change(R"({"search_language":"latin"})") == "search_language");
    CHECK(change(R"({"search_language":null})").empty());
    CHECK(definition.entity.search_language.empty());
}

TEST_CASE("an index's faults have its own names", "[edit]") {
    EntityDefinition definition = order();
    CHECK(add_index(definition, R"({"name":"open","field_names":["nothing"]})") ==
          "field_names[0] is not a field of the entity; name is the name of another index too");
    CHECK(change_index(definition, "by_tag", R"({"index_type":"btree"})")
              .starts_with("field_names[0] "));
    CHECK(change_index(definition, "open",
                       R"({"condition":{"field":"nothing","operator":"eq","value":1}})")
              .starts_with("condition"));
}
