// Bundles: what is read of them, what is wrong with them, and how they meet what is there.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/schema_bundle.hpp"
#include "design_samples.hpp"

using namespace pgwright::core;

namespace {

std::string bundle_of(const std::string& entities, const std::string& relationships = "") {
    return R"({"format":"pgwright-schema","version":1,"entities":[)" + entities +
           R"(],"relationships":[)" + relationships + "]}";
}

std::vector<std::string> faults_of(const std::string& text) {
    Faults faults;
    (void)parse_bundle(parse_json(text), faults);
    std::vector<std::string> words;
    for (const Fault& fault : faults.list()) words.push_back(fault.field + ": " + fault.message);
    return words;
}

constexpr const char* kDeal =
    R"({"status":"published","entity":{"name":"deal"},"fields":[
        {"id":"0189d5c0-0000-7000-8000-000000000011","name":"title","field_type":"string"},
        {"name":"city_id","field_type":"lookup","reference_entity":"city"}]})";

Uuid next_id() { return sample::id_of("new"); }

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a bundle's definitions are read with their ids and names", "[bundle]") {
    Faults faults;
    const Bundle bundle = parse_bundle(parse_json(bundle_of(kDeal)), faults);
    CHECK(faults.empty());
    const BundleEntity* const deal = bundle.find("deal");
    REQUIRE(deal != nullptr);
    CHECK(deal->status == "published");
    CHECK(deal->definition.fields[0].field.id.to_string() ==
          "0189d5c0-0000-7000-8000-000000000011");
    CHECK(deal->definition.fields[1].reference_entity == "city");
    CHECK(!deal->draft);
    CHECK(bundle.find("city") == nullptr);
}

TEST_CASE("what no bundle is", "[bundle]") {
    CHECK(faults_of("7") == Words{"bundle: must be an object"});
    CHECK(faults_of("{}") == Words{"format: must be pgwright-schema"});
    CHECK(faults_of(R"({"format":"pgwright-schema","version":9})") ==
          Words{"version: is not a version that can be read; this is version 1"});
    CHECK(faults_of(R"({"format":"pgwright-schema","version":1,"entities":{}})") ==
          Words{"entities: and relationships must be arrays"});
}

TEST_CASE("every fault of a bundle is told with its path", "[bundle]") {
    const std::string bad =
        R"({"status":"lost","entity":{"name":"Bad Name"},"fields":[
            {"name":"a","field_type":"string","max_length":0},{"id":"x","name":"b","field_type":"odd"}],
            "draft":{"entity":{"name":"deal"},"fields":[{"name":"a","field_type":"string","min_length":9,"max_length":3}]}})";
    const Words found = faults_of(bundle_of(std::string(kDeal) + ',' + bad));
    const auto told = [&](const char* path) {
        return std::ranges::any_of(found,
                                   [&](const std::string& each) { return each.starts_with(path); });
    };
    CHECK(told("entities[1].status: "));
    CHECK(told("entities[1].entity.name: "));
    CHECK(told("entities[1].fields[0].max_length: "));
    CHECK(told("entities[1].fields[1].field_type: "));
    CHECK(told("entities[1].draft.fields[0]."));
    CHECK(faults_of(bundle_of(std::string(kDeal) + ',' + kDeal)) ==
          Words{"entities[1].entity.name: is given twice"});
}

TEST_CASE("rows become what anybody could have written", "[bundle]") {
    const Uuid city = sample::id_of("city");
    const Json rows = parse_json(
        R"({"entity":{"id":"x","name":"deal","status":"published","version":3,"description":null},
            "fields":[{"id":"f1","name":"city_id","field_type":"lookup","reference_entity_id":")" +
        city.to_string() + R"("}],"indexes":[]})");
    CHECK(
        bundle_document(rows, {{city, "city"}}).dump() ==
        R"({"entity":{"name":"deal"},"fields":[{"id":"f1","name":"city_id","field_type":"lookup",)"
        R"("reference_entity":"city"}],"indexes":[]})");
}

TEST_CASE("fields meet those that are there by id, then by name", "[bundle]") {
    Faults faults;
    const Bundle bundle = parse_bundle(
        parse_json(bundle_of(R"({"status":"published","entity":{"name":"deal"},"fields":[
            {"id":"0189d5c0-0000-7000-8000-000000000011","name":"title","field_type":"string"},
            {"name":"qty","field_type":"integer"},{"name":"fresh","field_type":"date"}]})")),
        faults);
    REQUIRE(faults.empty());
    EntityDefinition there = bundle.entities[0].definition;
    there.entity.table = "deals";
    there.fields.pop_back();
    there.fields[0].field.name = "heading";
    there.fields[1].field.id = sample::id_of("qty");
    const EntityDefinition laid = laid_over(bundle.entities[0].definition, there, &next_id);
    CHECK(laid.entity.table == "deals");
    CHECK(laid.fields[0].field.id == there.fields[0].field.id);
    CHECK(laid.fields[0].field.name == "title");
    CHECK(laid.fields[1].field.id == sample::id_of("qty"));
    CHECK(laid.fields[2].field.id == sample::id_of("new"));
}
