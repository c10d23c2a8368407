// CSV read and written: RFC 4180, what is taken beyond it, and that pieces of a file make no difference.
#include <catch2/catch.hpp>

#include <random>

#include "core/csv_reader.hpp"
#include "core/csv_writer.hpp"
#include "core/transfer_file.hpp"
#include "core/utf8_check.hpp"

namespace pgwright::core {
namespace {

using namespace std::string_literals;

// Values joined by '|', quoted ones in brackets; records by '/'; faults after '!'.
std::string read_all(std::string_view text, std::size_t step, char delimiter = ',') {
    TextSource source(text, step);
    FileReader file(source, FileFormat::csv, delimiter);
    std::string all;
    while (file.next() == ReadState::record) {
        std::string record;
        for (const CsvCell& cell : file.csv().cells) {
            if (!record.empty() || &cell != file.csv().cells.data()) record += '|';
            record += cell.quoted ? "[" + std::string(cell.text) + "]" : std::string(cell.text);
        }
        if (!file.fault().empty()) record += "!" + file.fault();
        all += std::to_string(file.line()) + ":" + record + "/";
    }
    CHECK(file.problem().empty());
    CHECK(file.position().bytes == text.size());
    return all;
}

TEST_CASE("values, quotes and line breaks", "[csv]") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", ""},
        {"a,b\n", "1:a|b/"},
        {"a,b", "1:a|b/"},
        {"a,b\r\nc,d\r\n", "1:a|b/2:c|d/"},
        {"a,b\rc,d\r", "1:a|b/2:c|d/"},
        {"a,,\n", "1:a||/"},
        {",", "1:|/"},
        {"\n", "1:/"},
        {"a\n\nb", "1:a/2:/3:b/"},
        {"\"a,b\",\"c\"\"d\"\n", "1:[a,b]|[c\"d]/"},
        {"\"\",x", "1:[]|x/"},
        {"\"a\nb\",1\nc,2", "1:[a\nb]|1/3:c|2/"},
        {"\"a\r\nb\"\r\nc", "1:[a\r\nb]/3:c/"},
        {"\"a\rb\"\nc", "1:[a\rb]/3:c/"},
        {" a , b ", "1: a | b /"},
        {"\xEF\xBB\xBFname,x\n1,2", "1:name|x/2:1|2/"},
        {"\xEF\xBB\xBF\"name\"", "1:[name]/"},
    };
    for (const auto& [text, records] : cases) {
        CAPTURE(text);
        CHECK(read_all(text, 4096) == records);
        for (const std::size_t step : {1U, 2U, 3U}) CHECK(read_all(text, step) == records);
    }
}

TEST_CASE("a fault of form costs its record alone", "[csv]") {
    CHECK(read_all("a\"b,c\nd,e", 3) ==
          "1:a\"b|c!column 1: a quote stands inside a value that is not quoted/2:d|e/");
    CHECK(read_all("x,\"a\"b\nd,e", 3) ==
          "1:x|[b]!column 2: something stands between a closing quote and the delimiter/2:d|e/");
    CHECK(read_all("a\nb,\"c\nd\n", 3) ==
          "1:a/2:b|[c\nd\n]!column 2: a quoted value does not end/");
    CHECK(read_all("a\n\xFF,b\nc", 2) ==
          "1:a/2:\xFF|b!is not UTF-8 at byte 1; save the file as UTF-8/3:c/");
    CHECK(read_all("a\0b\nc"s, 2) == "1:a\0b!holds the character U+0000/2:c/"s);
}

TEST_CASE("other delimiters, said or guessed", "[csv]") {
    CHECK(read_all("a;b,c\n", 2, ';') == "1:a|b,c/");
    CHECK(read_all("a\tb\n", 2, '\t') == "1:a|b/");
    CHECK(read_all("a;b;c,d\n1;2;3\n", 2, '\0') == "1:a|b|c,d/2:1|2|3/");
    CHECK(guess_delimiter("") == ',');
    CHECK(guess_delimiter("a b") == ',');
    CHECK(guess_delimiter("\"a;b;c\",d\n;;;;") == ',');
    CHECK(guess_delimiter("a|b|c,d") == '|');
}

TEST_CASE("a quote that does not end does not swallow a file of any size", "[csv]") {
    const std::string text = "a\n\"" + std::string(kMaxRecordBytes + 10, 'x') + "\n";
    TextSource source(text, std::size_t{1} << 20);
    FileReader file(source, FileFormat::csv, ',');
    CHECK(file.next() == ReadState::record);
    CHECK(file.next() == ReadState::failed);
    CHECK(file.problem() == "a record is too long");
}

TEST_CASE("files in other encodings are named", "[csv]") {
    for (const auto& [text, encoding] :
         std::vector<std::pair<std::string, std::string>>{{"\xFF\xFE"s + "a\0"s, "UTF-16"},
                                                          {"\xFE\xFF\0a"s, "UTF-16"},
                                                          {"\xFF\xFE\0\0a\0\0\0"s, "UTF-32"}}) {
        TextSource source(text);
        FileReader file(source, FileFormat::csv, ',');
        CHECK(file.next() == ReadState::failed);
        CHECK(file.problem() == "the file is " + encoding + "; save it as UTF-8");
    }
}

TEST_CASE("reading goes on where it stopped", "[csv]") {
    const std::string text = "h1,h2\n\"a\nb\",1\nc,2\n\"d\"\"\",3\n";
    TextSource whole(text, 5);
    FileReader first(whole, FileFormat::csv, ',');
    std::vector<FilePosition> positions{{}};
    while (first.next() == ReadState::record) positions.push_back(first.position());
    REQUIRE(positions.size() == 5);
    for (std::size_t i = 1; i < positions.size(); ++i) {
        TextSource rest(std::string_view(text).substr(positions[i].bytes), 3);
        FileReader again(rest, FileFormat::csv, ',', positions[i]);
        std::size_t records = 0;
        while (again.next() == ReadState::record) ++records;
        CHECK(records == positions.size() - 1 - i);
        CHECK(again.position().bytes == text.size());
        CHECK(again.position().lines == positions.back().lines);
    }
}

TEST_CASE("what is written is read again, whatever it is", "[csv]") {
    std::mt19937 random(7);
    const std::vector<std::string> pieces = {",", ";", "\"", "\n", "\r\n", "\r",   " ",  "a",
                                             "ü", "=", "'",  "\t", "",     "NULL", "\\", "\"\""};
    for (const char* const null_text : {"", "NULL"}) {
        ExportOptions options;
        options.null_text = null_text;
        options.delimiter = random() % 2 == 0 ? ',' : ';';
        const CsvWriter writer(options);
        for (int round = 0; round < 500; ++round) {
            std::vector<std::optional<std::string>> values(1 + random() % 4);
            std::string out;
            for (std::size_t i = 0; i < values.size(); ++i) {
                if (i > 0) out += options.delimiter;
                if (random() % 5 != 0) {
                    values[i].emplace();
                    for (std::size_t n = random() % 4; n > 0; --n)
                        *values[i] += pieces[random() % pieces.size()];
                    writer.text(out, *values[i], true);
                } else {
                    writer.null(out);
                }
            }
            out += kCsvLineBreak;
            CsvRecord record;
            REQUIRE(next_csv_record(out, true, options.delimiter, record) == ReadState::record);
            REQUIRE(record.fault == std::string());
            REQUIRE(record.bytes == out.size());
            REQUIRE(record.cells.size() == values.size());
            for (std::size_t i = 0; i < values.size(); ++i) {
                const bool null = !record.cells[i].quoted && record.cells[i].text == null_text;
                CHECK(null == !values[i].has_value());
                if (values[i]) CHECK(record.cells[i].text == *values[i]);
            }
        }
    }
}

TEST_CASE("formulas are disarmed where that is asked for", "[csv]") {
    ExportOptions options;
    const CsvWriter writer(options);
    const auto written = [&](std::string_view value, bool calculates = true) {
        std::string out;
        writer.text(out, value, calculates);
        return out;
    };
    CHECK(written("=1+1") == "=1+1");
    options.escape_formulas = true;
    for (const char* const formula : {"=1+1", "+1", "-1", "@x", "\tx", "\rx"})
        CHECK(written(formula) == "\"'" + std::string(formula) + "\"");
    CHECK(written("=\"a\"") == "\"'=\"\"a\"\"\"");
    CHECK(written("1=1") == "1=1");
    CHECK(written("-1", false) == "-1");
}

TEST_CASE("what is UTF-8 and what is not", "[utf8]") {
    for (const char* const good :
         {"", "a", "abcdefgh", "abcdefghi", "ü", "€", "\xF0\x9F\x98\x80", "\xC2\x80", "\xDF\xBF",
          "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "1234567ü"})
        CHECK_FALSE(find_invalid_utf8(good));
    const std::vector<std::pair<std::string, std::size_t>> bad = {
        {"\x80", 0},
        {"a\xC1\xBF", 1},
        {"\xE0\x9F\xBF", 0},
        {"\xED\xA0\x80", 0},
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xF4\x90\x80\x80", 0},
        {"\xF5", 0},
        {"12345678\xFF", 8},
        {"ü\xC3", 2},
        {"\xE2\x82", 0},
        {"1234567\0"
         "abcdefgh"s,
         7},
        {"12345678\0"s, 8},
        {"\0"s, 0},
        {"\xE2\x82z", 0},
    };
    for (const auto& [text, at] : bad) {
        CAPTURE(text, at);
        CHECK(find_invalid_utf8(text) == at);
    }
}

}  // namespace
}  // namespace pgwright::core
