// Differences between a design and its table, their repairs, and definitions that follow the database.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/definition_document.hpp"
#include "core/drift.hpp"
#include "design_samples.hpp"

using namespace pgwright::core;
using sample::design_of;
using sample::state_of;

namespace {

constexpr const char* kFields =
    R"({"name":"title","field_type":"string","max_length":80,"is_indexed":true},
       {"name":"qty","field_type":"integer","default_value":1})";

// With the defaults and the key that the server tells of too.
TableState whole_state_of(const Design& design) {
    TableState state = state_of(design);
    for (const ColumnPart& part : columns_of(design.entity)) {
        const auto column = std::ranges::find(state.columns, part.name, &ColumnState::name);
        if (!part.default_sql.empty()) column->default_sql = part.default_sql;
        column->not_null = part.required || part.name == "id";
    }
    std::ranges::find(state.constraints, "deal_pkey", &ObjectState::name)->definition =
        "PRIMARY KEY (id)";
    return state;
}

struct Situation {
    Design design = design_of(kFields);
    Surroundings surroundings;
    TableState recorded = whole_state_of(design);
    TableState actual = recorded;
    TableAccess access{"pgwright_owner", {}};

    [[nodiscard]] DriftInput input() const {
        return {design, &recorded, actual, access, surroundings, 2};
    }
    [[nodiscard]] std::vector<std::string> found() const {
        std::vector<std::string> words;
        for (const Difference& each : find_differences(input()))
            words.push_back(each.kind + ' ' + each.object);
        return words;
    }
    [[nodiscard]] std::string repair() const {
        return plan_repair(input(), find_differences(input()), false).up_script();
    }
    ColumnState& column(const std::string& name) {
        return *std::ranges::find(actual.columns, name, &ColumnState::name);
    }
};

using Words = std::vector<std::string>;

Uuid next_id() { return sample::id_of("new"); }

EntityDefinition definition_of(const Design& design) {
    EntityDefinition definition;
    definition.entity = design.entity;
    definition.entity.fields.clear();
    definition.indexes = design.indexes;
    for (const Field& field : design.entity.fields) {
        if (field.system) continue;
        FieldDefinition each;
        each.field = field;
        definition.fields.push_back(each);
    }
    return definition;
}

}  // namespace

TEST_CASE("a table that is as its publication left it shows no drift", "[drift]") {
    CHECK(Situation().found().empty());
}

TEST_CASE("what is missing is found by the design", "[drift]") {
    Situation its;
    std::erase_if(its.actual.indexes,
                  [](const ObjectState& index) { return index.name == "deal_title_idx"; });
    CHECK(its.found() == Words{"missing_index deal_title_idx"});
    CHECK(its.repair().starts_with("CREATE INDEX \"deal_title_idx\""));

    its.recorded = its.actual;
    CHECK(its.found() == Words{"missing_index deal_title_idx"});
}

TEST_CASE("what has other words is found by the record", "[drift]") {
    Situation its;
    its.actual.policies.front().definition += " OR true";
    const std::string name = its.actual.policies.front().name;
    CHECK(its.found() == Words{"changed_policy " + name});
    CHECK(its.repair().find("DROP POLICY") < its.repair().find("CREATE POLICY"));
    CHECK(is_protection(find_differences(its.input()).front()));
}

TEST_CASE("what was added stays unless it is removed on purpose", "[drift]") {
    Situation its;
    its.actual.columns.push_back({"color", "text", true, "'red'::text", false});
    CHECK(its.found() == Words{"added_column color"});
    CHECK(its.repair().empty());
    const Migration removal = plan_repair(its.input(), find_differences(its.input()), true);
    REQUIRE(!removal.changes.empty());
    CHECK(removal.changes.front().operation == "retire_column");
    CHECK(removal.changes.front().risk == Risk::destructive);
    CHECK(removal.changes.front().retired == "_retired_color_v2");
}

TEST_CASE("a policy that was added is not left alone", "[drift]") {
    Situation its;
    its.actual.policies.push_back({"hole", "PERMISSIVE r TO PUBLIC USING true", true});
    CHECK(its.repair() == "DROP POLICY \"hole\" ON \"t_demo\".\"deal\";\n");
    its.recorded = its.actual;
    CHECK(its.found() == Words{"added_policy hole"});
}

TEST_CASE("retired columns are no drift", "[drift]") {
    Situation its;
    its.actual.columns.push_back({"_retired_old_v1", "text", false, std::nullopt, false});
    CHECK(its.found().empty());
}

TEST_CASE("a column of no field's type is no drift once it was accepted", "[drift]") {
    Situation its;
    its.actual.columns.push_back({"spot", "point", false, std::nullopt, false});
    CHECK(its.found() == Words{"added_column spot"});
    its.recorded = its.actual;
    CHECK(its.found().empty());
}

TEST_CASE("type, nullability and default of a column", "[drift]") {
    Situation its;
    its.column("qty").not_null = true;
    its.column("qty").default_sql = "9";
    CHECK(its.found() == Words{"changed_nullability qty", "changed_default qty"});
    its.column("qty") = {"qty", "text", false, std::nullopt, false};
    CHECK(its.found() == Words{"changed_type qty", "changed_default qty"});
    its.column("qty").type = "point";
    const auto drift = find_drift(its.input());
    CHECK(drift.front().database.empty());
    CHECK(drift.front().definition.empty());
}

TEST_CASE("protection of the records", "[drift]") {
    Situation its;
    its.actual.forced_row_security = false;
    its.access.owner = "somebody";
    its.access.lacking = {"title", "not_ours"};
    CHECK(its.found() ==
          Words{"row_security_disabled deal", "owner_changed deal", "grants_changed deal"});
    for (const Change& change :
         plan_repair(its.input(), find_differences(its.input()), false).changes)
        CHECK((change.operation == "grant" || change.down.empty()));
}

TEST_CASE("a table that is gone", "[drift]") {
    Situation its;
    its.actual = TableState{};
    CHECK(its.found() == Words{"table_missing deal"});
    CHECK(its.repair().find("CREATE TABLE \"t_demo\".\"deal\"") != std::string::npos);
}

TEST_CASE("types of columns as fields", "[drift]") {
    const auto members = [](const char* type) { return field_members_of_type(type).dump(); };
    CHECK(members("text") == R"({"field_type":"text"})");
    CHECK(members("character varying(40)") == R"({"field_type":"string","max_length":40})");
    CHECK(members("character varying") == R"({"field_type":"text"})");
    CHECK(members("numeric(10,2)") == R"({"field_type":"decimal","decimal_places":2})");
    CHECK(members("timestamp(3) with time zone") == R"({"field_type":"datetime"})");
    CHECK(members("integer[]") == R"({"field_type":"array","item_type":"integer"})");
    CHECK(members("jsonb[]") == "null");
    CHECK(members("point") == "null");
}

TEST_CASE("defaults of columns as fields'", "[drift]") {
    const auto members = [](const char* sql, const char* type) {
        return field_members_of_default(sql, type).dump();
    };
    CHECK(members("7", "integer") == R"({"default_value":7})");
    CHECK(members("'it''s'::text", "string") == R"({"default_value":"it's"})");
    CHECK(members("true", "boolean") == R"({"default_value":true})");
    CHECK(members("now()", "datetime") == R"({"default_expression":"now"})");
    CHECK(members("random()", "decimal") == "null");
    CHECK(members("'x'::text || 'y'::text", "string") == "null");
}

TEST_CASE("a definition follows the database as far as it can say it", "[drift]") {
    Situation its;
    its.actual.columns.push_back({"color", "character varying(12)", false, std::nullopt, false});
    its.actual.columns.push_back({"spot", "point", false, std::nullopt, false});
    std::erase_if(its.actual.indexes,
                  [](const ObjectState& index) { return index.name == "deal_title_idx"; });
    its.actual.indexes.push_back(
        {"quick", "CREATE INDEX quick ON t_demo.deal USING btree (title, qty DESC)", true});
    its.actual.row_security = false;
    const Adoption adoption = adopt_database(definition_of(its.design), its.input(),
                                             find_differences(its.input()), &next_id);
    const EntityDefinition& now = adoption.definition;
    REQUIRE(now.fields.size() == 3);
    CHECK(now.fields[0].field.indexed == false);
    CHECK(now.fields[2].field.name == "color");
    CHECK(now.fields[2].field.max_length == 12);
    REQUIRE(now.indexes.size() == 1);
    CHECK(now.indexes[0].name == "quick");
    CHECK(now.indexes[0].keys[1].descending);
    REQUIRE(adoption.renames.size() == 1);
    CHECK(adoption.renames[0].object == "deal_quick_ix");
    Words left;
    for (const Left& each : adoption.left) left.push_back(each.difference.kind);
    CHECK(left == Words{"added_column", "row_security_disabled"});
}

TEST_CASE("a search index that was made by hand becomes a definition", "[drift]") {
    const auto adopted = [](const std::string& columns) {
        Situation its;
        its.actual.indexes.push_back(
            {"found", "CREATE INDEX found ON t_demo.deal USING gin (" + columns + ")", true});
        const Adoption adoption = adopt_database(definition_of(its.design), its.input(),
                                                 find_differences(its.input()), &next_id);
        CHECK(adoption.left.size() + adoption.taken.size() == 1);
        return adoption.definition.indexes;
    };
    const auto indexes = adopted("title pgwright.search_ops");
    REQUIRE(indexes.size() == 1);
    CHECK(indexes[0].method == IndexMethod::search);
    CHECK(indexes[0].keys.at(0).field == "title");
    for (const char* const other :
         {"title", "title gin_trgm_ops", "title pgwright.search_markup_ops",
          "qty pgwright.search_ops", "gone pgwright.search_ops", "title pgwright.search_ops DESC",
          "title pgwright.search_ops) WITH (fastupdate='off'", "lower(title) pgwright.search_ops"})
        CHECK(adopted(other).empty());
}

TEST_CASE("a record keeps what a change has neither found in step nor made", "[drift]") {
    TableState recorded;
    recorded.exists = true;
    recorded.constraints = {
        {"kept", "a"}, {"changed", "b"}, {"made", "c"}, {"old", "d"}, {"gone", "e"}};
    TableState before = recorded;
    before.constraints = {
        {"kept", "a"}, {"changed", "B"}, {"made", "C"}, {"old", "D"}, {"extra", "x"}};
    TableState after = before;
    after.constraints = {{"kept", "a"}, {"changed", "B"}, {"made", "c2"},
                         {"new", "D"},  {"extra", "x"},   {"added", "y"}};
    const TableState record =
        record_after(recorded, before, after, {"made", "added"}, {{"old", "new"}});
    const auto text = [&](std::string_view name) {
        const ObjectState* const found = find_object(record.constraints, name);
        return found == nullptr ? std::string("none") : found->definition;
    };
    CHECK(text("kept") == "a");
    CHECK(text("changed") == "b");
    CHECK(text("made") == "c2");
    CHECK(text("new") == "d");
    CHECK(text("old") == "none");
    CHECK(text("gone") == "e");
    CHECK(text("extra") == "none");
    CHECK(text("added") == "y");
}
