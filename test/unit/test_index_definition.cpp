// Definitions of indexes: what they may say, their rows, and the SQL they become.
#include <catch2/catch.hpp>

#include "core/condition.hpp"
#include "core/index_definition.hpp"
#include "core/rename_plan.hpp"
#include "design_samples.hpp"

using namespace pgwright::core;

namespace {

const std::string kFields =
    R"({"name":"city","field_type":"string","max_length":50},{"name":"notes","field_type":"text"},
       {"name":"rank","field_type":"integer"},{"name":"extra","field_type":"json"},
       {"name":"long","field_type":"string","max_length":600})";

std::string faults_of(const std::string& indexes) {
    Faults faults;
    parse_entity_definition(
        parse_json(R"({"name":"deal","fields":[)" + kFields + R"(],"indexes":[)" + indexes + "]}"),
        faults);
    std::string text;
    for (const Fault& fault : faults.list())
        text += (text.empty() ? "" : "; ") + fault.field + ' ' + fault.message;
    return text;
}

std::string sql_of(const std::string& index, const std::string& trigram = "public") {
    Faults faults;
    const auto parts =
        definition_indexes_of(sample::design_of(kFields, {}, index), trigram, faults);
    return faults.empty() ? parts.front().create_sql(parts.front().name)
                          : faults.list().front().field + ' ' + faults.list().front().message;
}

}  // namespace

TEST_CASE("an index becomes what its definition says", "[index]") {
    CHECK(
        sql_of(R"({"name":"by_city","field_names":["city",
              {"field":"rank","order":"desc","nulls":"last"},{"field":"created_at","nulls":"last"}]})") ==
        R"sql(CREATE INDEX "deal_by_city_ix" ON "t_demo"."deal" ("city", "rank" DESC NULLS LAST, "created_at");)sql");
    CHECK(
        sql_of(R"({"name":"one_city","field_names":["city"],"is_unique":true,
              "condition":{"field":"rank","operator":"in","value":[1,2]}})") ==
        R"sql(CREATE UNIQUE INDEX "deal_one_city_ix" ON "t_demo"."deal" ("city") WHERE "deleted_at" IS NULL AND "rank" = ANY (ARRAY['1', '2']::integer[]);)sql");
    CHECK(
        sql_of(R"({"name":"words","index_type":"gin","field_names":["notes","extra"]})") ==
        R"sql(CREATE INDEX "deal_words_ix" ON "t_demo"."deal" USING gin ("notes" "public"."gin_trgm_ops", "extra");)sql");
    CHECK(
        sql_of(R"({"name":"recent","index_type":"hash","field_names":["notes"],
              "condition":{"field":"created_at","operator":"gte","value":"2024-05-01"}})") ==
        R"sql(CREATE INDEX "deal_recent_ix" ON "t_demo"."deal" USING hash ("notes") WHERE "created_at" >= '2024-05-01T00:00:00Z'::timestamp with time zone;)sql");
    CHECK(sql_of(R"({"name":"words","index_type":"gist","field_names":["notes"]})", "") ==
          "indexes[0].field_names[0] needs the extension pg_trgm, which is not installed");
}

TEST_CASE("a search index holds words, of rich texts those between the tags", "[index]") {
    const std::string fields =
        kFields + R"(,{"name":"body","field_type":"rich_text"},{"name":"mail","field_type":"email"},
                     {"name":"stage","field_type":"enum","allowed_values":["open"]})";
    const Design design = sample::design_of(
        fields, {},
        R"({"name":"i","field_names":["city"]},{"name":"words","index_type":"search","field_names":["body","notes","mail","stage"]})");
    Faults faults;
    const auto parts = definition_indexes_of(design, "", faults);  // without pg_trgm
    CHECK(faults.empty());
    CHECK(
        parts.at(1).create_sql("x") ==
        R"sql(CREATE INDEX "x" ON "t_demo"."deal" USING gin ("body" "pgwright"."search_markup_ops", "notes" "pgwright"."search_ops", "mail" "pgwright"."search_ops", "stage" "pgwright"."search_ops");)sql");
    CHECK(design.entity.search_fields ==
          std::vector<std::string>{"body", "notes", "mail", "stage"});
    CHECK(sample::design_of(fields).entity.search_fields.empty());
}

TEST_CASE("a search index of the platform's is over the texts alone", "[index]") {
    const Design design = sample::design_of(
        kFields, {}, R"({"name":"words","index_type":"search","field_names":["notes"]})", "", true);
    Faults faults;
    CHECK(
        definition_indexes_of(design, "", faults).front().create_sql("x") ==
        R"sql(CREATE INDEX "x" ON "pgwright_shared"."deal" USING gin ("notes" "pgwright"."search_ops");)sql");
}

TEST_CASE("a search index is of texts, whole and one", "[index]") {
    const std::string words = R"({"name":"w","index_type":"search","field_names":["notes"])";
    CHECK(faults_of(words + "}") == "");
    CHECK(
        faults_of(words +
                  R"(,"is_unique":true,"condition":{"field":"rank","operator":"eq","value":1}})") ==
        "indexes[0].is_unique is for btree indexes only; "
        "indexes[0].condition is not for a search index, which is over every record");
    CHECK(
        faults_of(
            R"({"name":"w","index_type":"search","field_names":["rank","extra",{"field":"city","order":"desc"}]})") ==
        "indexes[0].field_names[0] is of type integer; a search index is for texts; "
        "indexes[0].field_names[1] is of type json; a search index is for texts; "
        "indexes[0].field_names[2] has no order in a search index");
    CHECK(faults_of(words + R"(},{"name":"v","index_type":"search","field_names":["city"]})") ==
          "indexes[1].index_type is a second search index; an entity has one");
    CHECK(faults_of(R"({"name":"w","index_type":"serach","field_names":["city"]})") ==
          "indexes[0].index_type must be one of: btree, hash, gin, gist, search");
}

TEST_CASE("lists, references and what is not there are not searched", "[index]") {
    Faults faults;
    parse_entity_definition(
        parse_json(
            R"({"name":"deal","fields":[{"name":"tags","field_type":"array","item_type":"string"},
                {"name":"boss","field_type":"lookup","reference_entity":"deal"},{"name":"city","field_type":"text"}],
                "indexes":[{"name":"w","index_type":"search","field_names":["tags","boss","gone","city","city"]}]})"),
        faults);
    std::string text;
    for (const Fault& fault : faults.list())
        text += fault.field.substr(11) + ' ' + fault.message + '\n';
    CHECK(text ==
          "field_names[0] is of type array; a search index is for texts\n"
          "field_names[1] is of type lookup; a search index is for texts\n"
          "field_names[2] is not a field of the entity\n"
          "field_names[4] is named twice\n");
}

TEST_CASE("every fault of an index is told", "[index]") {
    CHECK(faults_of(R"({"name":"ok","field_names":["city"]})") == "");
    CHECK(faults_of(R"({"field_names":[]})") ==
          "indexes[0].name is required; indexes[0].field_names must name at least one field");
    CHECK(faults_of(R"({"name":"order","field_names":["town","city","city"]})") ==
          "indexes[0].name is a reserved word of SQL; "
          "indexes[0].field_names[0] is not a field of the entity; "
          "indexes[0].field_names[2] is named twice");
    CHECK(
        faults_of(
            R"({"name":"h","index_type":"hash","field_names":["city","rank"],"is_unique":true})") ==
        "indexes[0].is_unique is for btree indexes only; "
        "indexes[0].field_names must be one field in a hash index");
    CHECK(
        faults_of(
            R"({"name":"g","index_type":"gin","field_names":[{"field":"rank","order":"desc"}]})") ==
        "indexes[0].field_names[0] has no order in a gin index");
    CHECK(faults_of(R"({"name":"b","field_names":["extra"]})") ==
          "indexes[0].field_names[0] is of type json, which a btree index cannot hold");
    CHECK(faults_of(R"({"name":"b","field_names":["notes"]})") ==
          "indexes[0].field_names[0] makes the index hold more than 640 characters; give it a "
          "smaller max_length");
    CHECK(
        faults_of(
            R"({"name":"b","field_names":["city"],"condition":{"field":"rank","operator":"eq","value":"x"}})") ==
        "indexes[0].condition.value must be an integer");
    CHECK(
        faults_of(
            R"({"name":"b","field_names":["city"],"condition":{"field":"city","operator":"eq","value":"{current_user_id}"}})") ==
        "indexes[0].condition must not depend on the time or the caller");
    CHECK(faults_of(R"({"name":"b","field_names":["city"]},{"name":"b","field_names":["rank"]})") ==
          "indexes[1].name is the name of another index too");
    CHECK(
        faults_of(R"({"name":"b","fields":["city"]})").find("indexes[0].field_names is required") !=
        std::string::npos);
}

TEST_CASE("a definition survives its row", "[index]") {
    const Design design = sample::design_of(
        kFields, {},
        R"({"name":"by_city","index_type":"btree","field_names":["city",{"field":"rank","order":"desc","nulls":"first"}],
            "condition":{"field":"rank","operator":"gt","value":3}})");
    const IndexDefinition& index = design.indexes.front();
    Json row = index_row(index, design.entity);
    CHECK(row.find("is_partial")->as_boolean());
    CHECK(row.find("where_clause")->text() == R"sql("rank" > '3'::integer)sql");
    CHECK(row.find("field_names")->dump() ==
          R"(["city",{"field":"rank","order":"desc","nulls":"first"}])");
    row.set("id", Json::string(index.id.to_string()));
    const IndexDefinition read = read_index_row(row);
    CHECK(read.id == index.id);
    CHECK(index_row(read, design.entity).dump() == index_row(index, design.entity).dump());
}

TEST_CASE("a condition follows its fields to their new names", "[index]") {
    const std::map<std::string, std::string> names = {{"a", "b"}, {"b", "a"}};
    CHECK(
        rename_fields(parse_json(R"({"operator":"AND","conditions":[
              {"field":"a","operator":"eq","value":"a"},{"operator":"NOT","conditions":[{"field":"b","operator":"is_null"}]}]})"),
                      names)
            .dump() ==
        R"({"operator":"AND","conditions":[{"field":"b","operator":"eq","value":"a"},{"operator":"NOT","conditions":[{"field":"a","operator":"is_null"}]}]})");
    CHECK(rename_fields(parse_json(R"({"a":"x","b":null})"), names).dump() ==
          R"({"b":"x","a":null})");
}

TEST_CASE("renames never meet a name in use", "[index]") {
    CHECK(order_renames({{"a", "b"}, {"b", "c"}}, {"a", "b"}) ==
          std::vector<Rename>{{"b", "c"}, {"a", "b"}});
    CHECK(order_renames({{"a", "b"}, {"b", "a"}}, {"a", "b", "_moving_a"}) ==
          std::vector<Rename>{{"a", "_moving_a_2"}, {"b", "a"}, {"_moving_a_2", "b"}});
}

TEST_CASE("the state of a table survives its document", "[index]") {
    TableState state = sample::state_of(sample::design_of(kFields));
    state.columns.front().default_sql = "pgwright.uuid_v7()";
    state.policies.front().active = false;
    CHECK(parse_table_state(parse_json(table_state_json(state).dump())) == state);
    REQUIRE(state.column("city") != nullptr);
    CHECK(state.column("town") == nullptr);
    CHECK(find_object(state.indexes, "deal_pkey") != nullptr);
    CHECK(is_retired_name(retired_name("price", "v3")));
    CHECK(retired_name("price", "v3") == "_retired_price_v3");
    CHECK(retired_name(std::string(63, 'x'), "v3").size() == 63);
    CHECK_FALSE(is_retired_name("retired_price"));
}
