// Relationships as people define them, and the lookups and junctions they make.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/relationship.hpp"

using namespace pgwright::core;

namespace {

const std::string kEnds = R"("source_entity":"customer","target_entity":"order")";
const RelationshipEnds kNames = {"customer", "deal", "Customer", "Deal", "c-id", "d-id"};

std::string faults_of(const std::string& json) {
    Faults faults;
    (void)parse_relationship_definition(parse_json(json), faults);
    std::string text;
    for (const Fault& fault : faults.list())
        text += (text.empty() ? "" : "; ") + fault.field + ' ' + fault.message;
    return text;
}

RelationshipDefinition defined(const std::string& members,
                               const std::string& kind = "one-to-many") {
    const std::string json = R"({"name":"orders","relationship_type":")" + kind + "\"," + kEnds +
                             (members.empty() ? "" : ",") + members + "}";
    CHECK(faults_of(json) == "");
    Faults faults;
    return parse_relationship_definition(parse_json(json), faults);
}

std::string change_faults(const std::string& json) {
    Faults faults;
    check_relationship_changes(parse_json(json), faults);
    std::string text;
    for (const Fault& fault : faults.list()) text += fault.field + ';';
    return text;
}

std::string text(const Json& json, const char* key) {
    const Json* const member = json.find(key);
    return member == nullptr ? "-" : member->text();
}

}  // namespace

TEST_CASE("a relationship needs a name, a kind and two ends", "[relationship]") {
    CHECK(faults_of("{}") ==
          "name is required; relationship_type is required; source_entity is required; "
          "target_entity is required");
    CHECK(faults_of("[]") == " must be an object");
}

TEST_CASE("what is not said of a relationship has a default", "[relationship]") {
    const RelationshipDefinition relationship = defined("");
    CHECK(relationship.label == "orders");
    CHECK(relationship.kind == RelationshipKind::one_to_many);
    CHECK(relationship.active);
    CHECK(relationship.display_in_source);
    CHECK(relationship.display_in_target);
    CHECK(relationship.metadata == Json::object());
    CHECK_FALSE(relationship.on_delete);
}

TEST_CASE("the kinds have the names people give", "[relationship]") {
    for (const auto* kind : {"one-to-many", "one-to-one", "many-to-many"})
        CHECK(relationship_kind_name(defined("", kind).kind) == kind);
}

TEST_CASE("all faults of a relationship are told", "[relationship]") {
    CHECK(faults_of(R"({"name":"Bad name","relationship_type":"many","source_entity":1,
              "target_entity":"a","target_entity_id":"b","on_delete":"DROP","color":"red","id":"x",
              "target_field_name":"select","is_active":"yes","metadata":[]})")
              .find("target_entity_id is given twice, as target_entity too") != std::string::npos);
    Faults faults;
    (void)parse_relationship_definition(
        parse_json(R"({"name":"Bad name","relationship_type":"many","source_entity":1,
              "target_entity":"a","on_delete":"DROP","color":"red","id":"x",
              "target_field_name":"select","is_active":"yes","metadata":[]})"),
        faults);
    std::vector<std::string> fields;
    for (const Fault& fault : faults.list()) fields.push_back(fault.field);
    std::sort(fields.begin(), fields.end());
    CHECK(fields == std::vector<std::string>{"color", "id", "is_active", "metadata", "name",
                                             "on_delete", "relationship_type", "source_entity",
                                             "target_field_name"});
}

TEST_CASE("junctions belong to many-to-many alone, and field names to the others",
          "[relationship]") {
    CHECK(faults_of(R"({"name":"r","relationship_type":"one-to-one",)" + kEnds +
                    R"(,"junction_table_name":"j","junction_source_field":"a"})") ==
          "junction_table_name is for many-to-many relationships only; "
          "junction_source_field is for many-to-many relationships only");
    CHECK(faults_of(R"({"name":"r","relationship_type":"many-to-many",)" + kEnds +
                    R"(,"target_field_name":"a","on_delete":"SET NULL"})") ==
          "target_field_name is not for a many-to-many relationship; "
          "on_delete a link cannot outlive one of its ends; use CASCADE or RESTRICT");
}

TEST_CASE("one-to-many makes a lookup named after its source", "[relationship]") {
    const Json lookup = lookup_definition(defined(""), kNames);
    CHECK(
        lookup.dump() ==
        R"({"name":"customer_id","label":"Customer","field_type":"lookup","reference_entity_id":"c-id",)"
        R"("relationship_type":"many-to-one","on_delete":"NO ACTION","on_update":"NO ACTION"})");
    const Json named = lookup_definition(
        defined(R"("target_field_name":"buyer","on_delete":"SET NULL","on_update":"CASCADE")"),
        kNames);
    CHECK(text(named, "name") == "buyer");
    CHECK(text(named, "on_delete") == "SET NULL");
    CHECK(text(named, "on_update") == "CASCADE");
}

TEST_CASE("one-to-one makes a unique lookup", "[relationship]") {
    const Json lookup = lookup_definition(defined("", "one-to-one"), kNames);
    CHECK(text(lookup, "relationship_type") == "one-to-one");
    Faults faults;
    Json field = lookup;
    field.set("reference_entity_id", Json::string("00000000-0000-7000-8000-000000000001"));
    CHECK(parse_field_definition(field, "", faults).field.unique);
    CHECK(faults.empty());
}

TEST_CASE("many-to-many makes a junction whose links are unique and required", "[relationship]") {
    const Json junction = junction_definition(defined("", "many-to-many"), kNames);
    CHECK(text(junction, "name") == "customer_deal");
    CHECK_FALSE(junction.find("supports_soft_delete")->as_boolean());
    const Json::Array& fields = junction.find("fields")->items();
    REQUIRE(fields.size() == 2);
    CHECK(text(fields[0], "name") == "customer_id");
    CHECK(text(fields[0], "reference_entity_id") == "c-id");
    CHECK(text(fields[1], "name") == "deal_id");
    CHECK(text(fields[1], "reference_entity_id") == "d-id");
    for (const Json& field : fields) {
        CHECK(field.find("is_required")->as_boolean());
        CHECK(text(field, "on_delete") == "CASCADE");
    }
    CHECK(junction.find("indexes")->dump() ==
          R"([{"name":"link","field_names":["customer_id","deal_id"],"is_unique":true}])");
}

TEST_CASE("a junction with itself tells its two ends apart", "[relationship]") {
    const RelationshipEnds self = {"person", "person", "Person", "Person", "p-id", "p-id"};
    const Json junction = junction_definition(defined("", "many-to-many"), self);
    CHECK(text(junction, "name") == "person_person");
    CHECK(text(junction.find("fields")->items()[0], "name") == "person_id");
    CHECK(text(junction.find("fields")->items()[1], "name") == "related_person_id");
}

TEST_CASE("a junction takes the names it is given", "[relationship]") {
    const Json junction = junction_definition(
        defined(R"("junction_table_name":"watches","junction_source_field":"who",
                   "junction_target_field":"what","on_delete":"RESTRICT")",
                "many-to-many"),
        kNames);
    CHECK(text(junction, "name") == "watches");
    CHECK(junction.find("indexes")->items()[0].find("field_names")->dump() == R"(["who","what"])");
    CHECK(text(junction.find("fields")->items()[0], "on_delete") == "RESTRICT");
}

TEST_CASE("the made definitions are good ones", "[relationship]") {
    const RelationshipEnds ends = {"customer",
                                   "deal",
                                   "Customer",
                                   "Deal",
                                   "00000000-0000-7000-8000-000000000001",
                                   "00000000-0000-7000-8000-000000000002"};
    Faults faults;
    (void)parse_field_definition(lookup_definition(defined(""), ends), "", faults);
    (void)parse_entity_definition(junction_definition(defined("", "many-to-many"), ends), faults);
    for (const Fault& fault : faults.list()) FAIL_CHECK(fault.field + " " + fault.message);
}

TEST_CASE("the names of long entities still make good names", "[relationship]") {
    const std::string source(60, 's');
    const std::string target(60, 't');
    const RelationshipEnds ends = {source,
                                   target,
                                   "S",
                                   "T",
                                   "00000000-0000-7000-8000-000000000001",
                                   "00000000-0000-7000-8000-000000000002"};
    Faults faults;
    (void)parse_field_definition(lookup_definition(defined(""), ends), "", faults);
    (void)parse_entity_definition(junction_definition(defined("", "many-to-many"), ends), faults);
    for (const Fault& fault : faults.list()) FAIL_CHECK(fault.field + " " + fault.message);
    const RelationshipEnds self = {source, source, "S", "S", ends.source_id, ends.source_id};
    (void)parse_entity_definition(junction_definition(defined("", "many-to-many"), self), faults);
    for (const Fault& fault : faults.list()) FAIL_CHECK(fault.field + " " + fault.message);
}

TEST_CASE("the ends, the kind and the name of a relationship cannot be changed", "[relationship]") {
    CHECK(change_faults(
              R"({"label":"a","description":"b","target_field_name":"c","on_delete":"CASCADE",
              "on_update":"CASCADE","is_active":false,"display_in_source":false,
              "display_in_target":false,"metadata":{}})") == "");
    CHECK(change_faults(R"({"name":"x","relationship_type":"one-to-one","source_entity":"y",
              "junction_table_name":"z","color":1})") ==
          "name;relationship_type;source_entity;junction_table_name;color;");
    CHECK(change_faults("[]") == ";");
}
