// Files of records as rows of an entity: formats, options, mapping, values, faults; and the statements.
#include <catch2/catch.hpp>

#include "core/date_format.hpp"
#include "core/transfer_rows.hpp"
#include "core/transfer_value.hpp"
#include "core/transfer_write.hpp"
#include "core/xml_text.hpp"
#include "sample_entity.hpp"

namespace pgwright::core {
namespace {

const Entity& product() {
    static const Entity entity = [] {
        Entity made = sample::product();
        made.fields[1].max_length = 20;
        made.fields[3].label = "Unit price (EUR)";
        return made;
    }();
    return entity;
}

std::string joined(const std::vector<Fault>& faults) {
    std::string text;
    for (const Fault& fault : faults)
        text += (text.empty() ? "" : "; ") + fault.field + ": " + fault.message;
    return text;
}

// Faults of the file as a whole, or each row: line, values by field, faults.
std::string import_csv(std::string_view text, const Json& mapping = {}, ImportOptions options = {},
                       const ImportRules& rules = {product()}) {
    TextSource source(text, 7);
    FileReader file(source, FileFormat::csv, options.delimiter);
    Faults faults;
    const auto columns = read_columns(file, options.header, faults);
    if (!faults.empty()) return joined(faults.list());
    auto found = resolve_mapping(columns, mapping, rules, faults);
    if (!faults.empty()) return joined(faults.list());
    RowReader reader(file, rules, options, std::move(found));
    std::string all;
    ImportRow row;
    while (reader.next(row) == ReadState::record) {
        Json data = Json::object();
        for (std::size_t i = 0; i < reader.fields().size(); ++i)
            if (row.given[i]) data.set(reader.fields()[i]->name, row.values[i]);
        all += std::to_string(row.line) + "#" + std::to_string(row.number) + " " + data.dump();
        if (!row.faults.empty()) all += " !" + joined(row.faults);
        all += "\n";
    }
    return all;
}

std::string import_json(std::string_view text, FileFormat format, const Json& mapping = {},
                        const ImportRules& rules = {product()}) {
    TextSource source(text, 5);
    FileReader file(source, format, '\0');
    Faults faults;
    MemberMapping members(mapping, rules, faults);
    if (!faults.empty()) return joined(faults.list());
    RowReader reader(file, rules, std::move(members));
    std::string all;
    ImportRow row;
    ReadState state = ReadState::record;
    while ((state = reader.next(row)) == ReadState::record) {
        Json data = Json::object();
        for (std::size_t i = 0; i < reader.fields().size(); ++i)
            if (row.given[i]) data.set(reader.fields()[i]->name, row.values[i]);
        all += std::to_string(row.line) + " " + data.dump();
        if (!row.faults.empty()) all += " !" + joined(row.faults);
        all += "\n";
    }
    return all + (state == ReadState::failed ? "FAILED " + file.problem() : "");
}

TEST_CASE("columns find their fields by name and label", "[transfer]") {
    CHECK(import_csv("Name,UNIT PRICE (eur),active\nChair,1.50,yes\n") ==
          "2#1 {\"name\":\"Chair\",\"price\":\"1.50\",\"active\":true}\n");
    CHECK(import_csv("name,nonsense\nx,y\n") ==
          "mapping.nonsense: matches no field; map it, or map it to null to leave it out");
    CHECK(import_csv("price\n1\n") == "name: is required, and no column gives it");
    CHECK(import_csv("name,Name\nx,y\n") ==
          "mapping.Name: name is given by another column already");
    CHECK(import_csv("id,name,created_at\n1,Chair,x\n") == "2#1 {\"name\":\"Chair\"}\n");
}

TEST_CASE("a mapping says it", "[transfer]") {
    const auto mapped = [](const char* text, const char* mapping) {
        return import_csv(text, parse_json(mapping));
    };
    CHECK(mapped("A,B,C\nChair,2,x\n", R"({"A":"name","B":"stock","C":null})") ==
          "2#1 {\"name\":\"Chair\",\"stock\":\"2\"}\n");
    CHECK(mapped("A,B\nChair,2\n", R"({"A":"name"})") == "2#1 {\"name\":\"Chair\"}\n");
    CHECK(mapped("A,B\n", R"({"A":"name","X":"stock","B":"nope"})") ==
          "mapping.X: is not a column of the file; mapping.B: nope is not a field of product");
    CHECK(mapped("A,B\n", R"({"A":"name","B":"id"})") == "mapping.B: id is read-only");
    CHECK(mapped("A,B\n", R"({"A":"name","B":"name"})") ==
          "mapping.B: name is given by another column already");
    CHECK(mapped("A,B\n", R"({"A":"name","B":"shape"})") == "mapping.B: shape cannot be written");
    CHECK(mapped("A,B\n", R"({"A":"name","B":5})") == "mapping.B: must be a field's name or null");
    CHECK(mapped("A\n", "[]") == "mapping: must be an object of columns and fields");
}

TEST_CASE("files without a header are mapped by number", "[transfer]") {
    ImportOptions options;
    options.header = false;
    CHECK(import_csv("Chair,2\nTable,3\n", parse_json(R"({"1":"name","2":"stock"})"), options) ==
          "1#1 {\"name\":\"Chair\",\"stock\":\"2\"}\n2#2 {\"name\":\"Table\",\"stock\":\"3\"}\n");
}

TEST_CASE("headers that tell no columns are refused", "[transfer]") {
    CHECK(import_csv("") == "content: the file is empty");
    CHECK(import_csv("name,,name\n") ==
          "columns[1]: has no name; columns[2]: name is the name of another column too");
    CHECK(import_csv("na\"me\n") ==
          "content: the first line column 1: a quote stands inside a value that is not quoted");
}

TEST_CASE("faults of rows carry line and field", "[transfer]") {
    CHECK(
        import_csv("name,stock,released\n"
                   "Chair,1,2024-02-29\n"
                   "\n"
                   "\"A\nname that is much too long\",x,2023-02-29\n"
                   ",,\n"
                   "Table,1\n"
                   "Bed,\"\",\n") ==
        "2#1 {\"name\":\"Chair\",\"stock\":\"1\",\"released\":\"2024-02-29\"}\n"
        "4#2 {\"name\":\"A\\nname that is much too long\",\"stock\":\"x\",\"released\":\"2023-02-"
        "29\"} !name: must be at most 20 characters; stock: must be an integer; released: must be "
        "a date (YYYY-MM-DD)\n"
        "6#3 {\"name\":null,\"stock\":null,\"released\":null} !name: is required\n"
        "7#4 {} !: has 2 values where the file has 3 columns\n"
        "8#5 {\"name\":\"Bed\",\"stock\":null,\"released\":null}\n");
}

TEST_CASE("cells are read as their fields' values", "[transfer]") {
    const auto value = [](const char* field, const char* text, bool quoted = false,
                          ImportOptions options = {}) {
        const CellValue cell = value_of_cell(*product().find(field), {text, quoted}, options);
        return cell.fault ? "!" + *cell.fault : cell.value.dump();
    };
    CHECK(value("name", "") == "null");
    CHECK(value("name", "", true) == "\"\"");
    CHECK(value("name", " a ") == "\" a \"");
    CHECK(value("stock", "", true) == "null");
    CHECK(value("stock", " +5 ") == "\"5\"");
    CHECK(value("stock", "+") == "\"+\"");
    CHECK(value("extra", R"({"a": [1.50]})") == R"({"a":[1.50]})");
    CHECK(value("extra", "{").starts_with("!must be JSON: "));
    for (const char* const yes : {"true", "T", "Yes", "y", "ON", "1", " true "})
        CHECK(value("active", yes) == "true");
    for (const char* const no : {"false", "F", "No", "n", "off", "0"})
        CHECK(value("active", no) == "false");
    CHECK(value("active", "perhaps") == "!must be true or false");
    ImportOptions options;
    options.null_text = "NULL";
    CHECK(value("name", "NULL", false, options) == "null");
    CHECK(value("name", "NULL", true, options) == "\"NULL\"");
    CHECK(value("name", "", false, options) == "\"\"");
    options.decimal_comma = true;
    CHECK(value("price", "3,14", false, options) == "\"3.14\"");
    CHECK(value("price", "1.000,5", false, options) ==
          "!must be a number with a decimal comma and without points");
    options.date_format = "DD.MM.YYYY";
    CHECK(value("released", "1.2.2024", false, options) == "\"2024-02-01\"");
    CHECK(value("seen_at", "31.12.2024 10:30", false, options) == "\"2024-12-31 10:30\"");
    CHECK(value("released", "2024-02-01", false, options) ==
          "!must be a date of the form DD.MM.YYYY");
}

TEST_CASE("patterns of dates", "[transfer]") {
    for (const char* const good : {"DD.MM.YYYY", "MM/DD/YYYY", "YYYYMMDD", "YYYY MM DD"})
        CHECK(is_date_format(good));
    for (const char* const bad :
         {"", "DD.MM", "DD.MM.YY", "DD.DD.MM.YYYY", "xDD.MM.YYYY", "D.M.YYYY"})
        CHECK_FALSE(is_date_format(bad));
    CHECK(to_iso_date("20240131", "YYYYMMDD") == "2024-01-31");
    CHECK(to_iso_date("1/2/2024", "MM/DD/YYYY") == "2024-01-02");
    CHECK(to_iso_date("1/2/24", "MM/DD/YYYY") == std::nullopt);
    CHECK(to_iso_date("1-2-2024", "MM/DD/YYYY") == std::nullopt);
    CHECK(to_iso_date("", "MM/DD/YYYY") == std::nullopt);
}

TEST_CASE("JSON lines", "[transfer]") {
    CHECK(import_json(
              "{\"name\":\"a\",\"id\":5}\n\n {\"name\":null}\r\n{\"x\":1,\"name\":\"b\"}\n[]\n{\n",
              FileFormat::jsonl)
              .starts_with("1 {\"name\":\"a\"}\n"
                           "3 {\"name\":null} !name: is required\n"
                           "4 {\"name\":\"b\"} !x: is not a field of product\n"
                           "5 {} !: must be an object\n"
                           "6 {} !: "));
    CHECK(import_json("{\"N\":\"a\",\"x\":1}", FileFormat::jsonl, parse_json(R"({"N":"name"})")) ==
          "1 {\"name\":\"a\"}\n");
    CHECK(import_json("{}", FileFormat::jsonl) == "1 {} !name: is required\n");
    CHECK(import_json("", FileFormat::jsonl).empty());
}

TEST_CASE("a JSON array", "[transfer]") {
    CHECK(import_json("[]", FileFormat::json).empty());
    CHECK(import_json(" [ ] \n", FileFormat::json).empty());
    CHECK(import_json("[{\"name\":\"a]},[\\\"\"},\n\n{\"name\":\"b\",\"extra\":{\"x\":[1,2]}}\n]\n",
                      FileFormat::json) ==
          "1 {\"name\":\"a]},[\\\"\"}\n3 {\"name\":\"b\",\"extra\":{\"x\":[1,2]}}\n");
    CHECK(import_json("[{\"name\":\"a\"},,{\"name\":\"b\"}]", FileFormat::json).find(" !: ") !=
          std::string::npos);
    CHECK(import_json("", FileFormat::json) == "FAILED the file is empty");
    CHECK(import_json("{}", FileFormat::json) == "FAILED the file is not a JSON array");
    CHECK(import_json("[{\"name\":\"a\"}", FileFormat::json) == "FAILED the array does not end");
    CHECK(import_json("[{\"name\":\"a\"}] x", FileFormat::json)
              .ends_with("FAILED something follows the end of the array"));
}

TEST_CASE("options are checked as a whole", "[transfer]") {
    Faults faults;
    (void)parse_import_options(
        parse_json(
            R"({"delimiter":"ab","header":1,"encoding":"latin1","date_format":"x","nope":1})"),
        faults);
    CHECK(
        joined(faults.list()) ==
        "options.nope: is not an option; options.delimiter: must be one ASCII character, no quote "
        "or line break; options.header: must be true or false; options.encoding: must be UTF-8: "
        "nothing else is read or written; options.date_format: must have DD, MM and YYYY once "
        "each, such as DD.MM.YYYY");
    Faults none;
    const ImportOptions options =
        parse_import_options(parse_json(R"({"delimiter":"\t","encoding":"utf-8"})"), none);
    CHECK(none.empty());
    CHECK(options.delimiter == '\t');
    (void)parse_export_options(parse_json("[]"), none);
    CHECK(joined(none.list()) == "options: must be an object");
    CHECK(format_of_file("a.b.CSV") == FileFormat::csv);
    CHECK(format_of_file("a.ndjson") == FileFormat::jsonl);
    CHECK(format_of_file("csv") == std::nullopt);
}

TEST_CASE("rows that are ready go in by one statement", "[transfer]") {
    const Field* const name = product().find("name");
    const Field* const stock = product().find("stock");
    CHECK(compile_ready_insert(product(), {{name}, {stock, true}}, "ready") ==
          "INSERT INTO \"t_demo\".\"product\" AS r (\"name\", \"stock\") SELECT v.pgwright_1, "
          "CASE WHEN v.pgwright_2_given THEN v.pgwright_2 ELSE '0'::integer END FROM ready v");
    CHECK(compile_ready_insert(product(), {}, "ready") ==
          "INSERT INTO \"t_demo\".\"product\" AS r SELECT  FROM ready v");
}

TEST_CASE("rows change the records of their keys by one statement", "[transfer]") {
    const Field* const name = product().find("name");
    const Field* const stock = product().find("stock");
    const UniqueKey key{"product_name_key", {name}, "(deleted_at IS NULL)"};
    CHECK(compile_ready_update(product(), {{name}, {stock, true}}, key, "ready") ==
          "UPDATE \"t_demo\".\"product\" AS r SET \"stock\" = CASE WHEN v.pgwright_2_given THEN "
          "v.pgwright_2 ELSE r.\"stock\" END FROM ready v WHERE r.\"name\" = v.pgwright_1 AND "
          "r.\"deleted_at\" IS NULL AND ((deleted_at IS NULL)) RETURNING v.pgwright_n");
    CHECK(compile_ready_update(product(), {{name}}, key, "ready") ==
          compile_ready_match(product(), {{name}}, key, "ready"));
    CHECK(compile_ready_upsert(product(), {{name}, {stock}}, key, "ready") ==
          "WITH done AS (INSERT INTO \"t_demo\".\"product\" AS r (\"name\", \"stock\") SELECT "
          "v.pgwright_1, v.pgwright_2 FROM ready v ON CONFLICT (\"name\") WHERE (deleted_at IS "
          "NULL) DO UPDATE SET \"stock\" = EXCLUDED.\"stock\" RETURNING r.\"xmax\" = 0 AS made) "
          "SELECT count(*), count(*) FILTER (WHERE done.made) FROM done");
    Entity once = product();
    once.fields[2].write_once = true;
    const UniqueKey of_once{"product_name_key", {once.find("name")}, ""};
    const std::string some = compile_ready_upsert(
        once, {{once.find("name")}, {&once.fields[2], true}}, of_once, "ready");
    const std::string given =
        "(EXCLUDED.\"name\") IN (SELECT v.pgwright_1 FROM ready v WHERE v.pgwright_2_given)";
    const std::string written = "\"" + once.fields[2].name + "\"";
    CHECK(some.find("SET " + written + " = CASE WHEN " + given + " THEN EXCLUDED." + written +
                    " ELSE r." + written + " END WHERE (NOT " + given + " OR r." + written +
                    " IS NULL OR r." + written + " IS NOT DISTINCT FROM EXCLUDED." + written +
                    ") RETURNING") != std::string::npos);
}

TEST_CASE("an update needs the key, and may take one that nobody writes", "[transfer]") {
    ImportRules update{product(), ImportAction::update, {product().find("id")}};
    const std::string id = "00000000-0000-7000-8000-000000000001";
    CHECK(import_csv("id,stock\n" + id + ",5\n,6\nx,7\n", {}, {}, update) ==
          "2#1 {\"id\":\"" + id + "\",\"stock\":\"5\"}\n" +
              "3#2 {\"id\":null,\"stock\":\"6\"} !id: is required\n"
              "4#3 {\"id\":\"x\",\"stock\":\"7\"} !id: must be a UUID\n");
    CHECK(import_json("{\"id\":\"" + id + "\"}\n{\"stock\":1}\n", FileFormat::jsonl, {}, update) ==
          "1 {\"id\":\"" + id + "\"}\n2 {\"stock\":1} !id: is required: it is part of the key\n");
    ImportRules upsert{product(), ImportAction::upsert, {product().find("id")}};
    CHECK(import_csv("id,stock\n", {}, {}, upsert) == "name: is required, and no column gives it");
    CHECK(import_csv("id,name\n", parse_json(R"({"id":"id","name":"name"})"), {}, upsert) ==
          "mapping.id: id is read-only");
}

TEST_CASE("lookups are given by what their records are found by", "[transfer]") {
    static const auto maker = std::make_shared<const Entity>(sample::product());
    static const Entity entity = [] {
        Entity made = product();
        Field lookup;
        lookup.name = lookup.label = "maker";
        lookup.type = FieldType::lookup;
        lookup.reference = Reference{maker->id, maker->name, maker->schema, maker->table};
        set_type_oids(lookup);
        made.fields.push_back(lookup);
        return made;
    }();
    ImportRules rules{entity};
    rules.find_related = [](const Entity& of, std::string_view name) -> std::optional<Related> {
        if (name != "maker") return std::nullopt;
        Related related;
        related.near = of.find(name);
        related.is_lookup = true;
        related.target = maker;
        return related;
    };
    CHECK(import_csv("name,maker.name\nChair, x \nTable,\n", {}, {}, rules) ==
          "2#1 {\"name\":\"Chair\",\"maker\":\" x \"}\n3#2 {\"name\":\"Table\",\"maker\":null}\n");
    CHECK(
        import_csv("N,M\nChair,1x\n", parse_json(R"({"N":"name","M":"maker.stock"})"), {}, rules) ==
        "2#1 {\"name\":\"Chair\",\"maker\":\"1x\"} !maker.stock: must be an integer\n");
    CHECK(import_json("{\"name\":\"a\",\"maker.name\":\"b\"}\n{\"name\":\"a\",\"maker.name\":5}\n",
                      FileFormat::jsonl, {}, rules) ==
          "1 {\"name\":\"a\",\"maker\":\"b\"}\n2 {\"name\":\"a\",\"maker\":5} !maker.name: must be "
          "text\n");
    CHECK(import_csv("N,A,B,C,D\n",
                     parse_json(R"({"N":"name","A":"maker.extra","B":"maker.nope","C":"nope.name",
                                    "D":"maker.x.name"})"),
                     {}, rules) ==
          "mapping.A: records are not found by extra of product; mapping.B: maker.nope is not a "
          "field of product; mapping.C: nope.name is not a field of product; mapping.D: "
          "maker.x.name is not a field of product");
    CHECK(import_csv("name,maker,maker.name\n", {}, {}, rules) ==
          "mapping.maker.name: maker is given by another column already");
    CHECK(import_csv("name,maker.name\n") ==
          "mapping.maker.name: matches no field; map it, or map it to null to leave it out");
}

TEST_CASE("text within XML", "[transfer]") {
    std::string out;
    append_xml_text(out, "<a b=\"c\">&\x01\n\r\tü");
    CHECK(out == "&lt;a b=&quot;c&quot;&gt;&amp;\xEF\xBF\xBD&#10;&#13;&#9;ü");
}

}  // namespace
}  // namespace pgwright::core
