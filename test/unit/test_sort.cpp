// The sort parameter.
#include <catch2/catch.hpp>

#include "core/error.hpp"
#include "core/query.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;

namespace {

const Entity& product() {
    static const Entity entity = sample::product();
    return entity;
}

// The keys as "name asc, stock desc".
std::string keys(std::string_view text) {
    std::string list;
    for (const SortKey& key : parse_sort(text, product())) {
        list += (list.empty() ? "" : ", ") + key.field->name + (key.descending ? " desc" : " asc");
    }
    return list;
}

std::string faults(std::string_view text) {
    try {
        (void)parse_sort(text, product());
    } catch (const Failure& failure) {
        CHECK(failure.code() == Code::validation_error);
        std::string lines;
        for (const Fault& fault : failure.faults()) {
            CHECK(fault.field == "sort");
            lines += fault.message + "\n";
        }
        return lines;
    }
    return "none";
}

}  // namespace

TEST_CASE("both spellings of an order are read", "[sort]") {
    CHECK(keys("name:asc,created_at:desc") == "name asc, created_at desc");
    CHECK(keys("-created_at,name") == "created_at desc, name asc");
    CHECK(keys(" name : DESC , stock ") == "name desc, stock asc");
    CHECK(keys("").empty());
    CHECK(keys("  ").empty());
}

TEST_CASE("every fault of a sort is told", "[sort]") {
    CHECK(faults("nme,stock:up,extra,name,name:desc") ==
          "unknown field \"nme\"\n"
          "the order of \"stock\" must be asc or desc\n"
          "\"extra\" cannot be sorted by\n"
          "\"name\" is repeated\n");
    CHECK(faults("shape") == "\"shape\" cannot be sorted by\n");
}

TEST_CASE("a malformed sort is refused", "[sort]") {
    for (const char* text :
         {",", "name,", ",name", "name,,stock", "-", ":desc", "--name", "-name:asc",
          "name:asc:desc", "name:", "name asc", "+name", "name;stock",
          "name DESC; DROP TABLE product", "\"name\"", "Name", "1"}) {
        INFO(text);
        CHECK(faults(text) != "none");
    }
}

TEST_CASE("an endless sort ends", "[sort]") {
    std::string text = "name";
    for (int i = 0; i < 100000; ++i) text += ",name";
    CHECK(faults(text).size() < 2000);
}
