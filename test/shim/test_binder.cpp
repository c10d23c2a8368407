// Binding a request to the arguments of its function: one test per rule.
#include <catch2/catch.hpp>

#include "routes.hpp"
#include "shim/binder.hpp"

using namespace pgwright::shim;

namespace {

constexpr const char* kArguments =
    R"([{"name":"entity","type":"text","required":true},{"name":"page","type":"integer"},
        {"name":"deep","type":"boolean"},{"name":"key","type":"uuid"},
        {"name":"filters","type":"json"},{"name":"amount","type":"numeric"},
        {"name":"small","type":"smallint"},{"name":"large","type":"bigint"}])";

struct Bound {
    Route route;
    Faults faults;
    Binding binding;

    // "name=value" of each argument given, "name" alone for NULL.
    std::vector<std::string> given() const {
        std::vector<std::string> list;
        for (const auto& bound : binding) {
            const std::string& name = route.arguments[bound.argument].name;
            list.push_back(bound.value ? name + "=" + *bound.value : name);
        }
        return list;
    }
    // "field: message" of each fault.
    std::vector<std::string> wrong() const {
        std::vector<std::string> list;
        for (const auto& fault : faults) {
            list.push_back(fault.field + ": " + fault.message);
        }
        return list;
    }
};

using Texts = std::vector<std::string>;

Bound bind_row(const RouteRow& row, std::string_view target_text, std::string_view body = {}) {
    Bound bound{make_route(row), {}, {}};
    RouteTable table;
    REQUIRE_FALSE(table.add(bound.route));
    Target target;
    REQUIRE_FALSE(read_target(target_text, target));
    const RouteMatch match = table.match(*row.method, target.segments);
    REQUIRE(match.route != nullptr);
    bound.faults = bind_request(bound.route, match, target, body, 64, bound.binding);
    return bound;
}

Bound get(std::string_view target) {
    return bind_row(route_row("GET", "/e/{entity}", kArguments), target);
}
Bound post(std::string_view body, std::string_view target = "/e/x") {
    return bind_row(route_row("POST", "/e/{entity}", kArguments), target, body);
}
Bound post_whole(std::string_view body, std::string_view target = "/e/x") {
    RouteRow row = route_row("POST", "/e/{entity}",
                             R"([{"name":"entity","type":"text","required":true},
                                 {"name":"data","type":"json","required":true},
                                 {"name":"page","type":"integer"}])");
    row.body_argument = "data";
    return bind_row(row, target, body);
}

}  // namespace

TEST_CASE("path and query parameters go to the arguments of their names", "[binder]") {
    const Bound bound = get("/e/a%20b?amount=1.50&page=2");
    CHECK(bound.faults.empty());
    CHECK(bound.given() == Texts{"entity=a b", "page=2", "amount=1.50"});
}

TEST_CASE("the order of what is given makes no difference to the statement", "[binder]") {
    CHECK(get("/e/x?page=1&deep=true").given() == get("/e/x?deep=true&page=1").given());
}

TEST_CASE("members of the body go to the arguments of their names", "[binder]") {
    const Bound bound = post(
        R"({"page":3,"deep":true,"filters":{"a":[1.0]},"amount":12345678901234567890.10,"key":null})");
    CHECK(bound.faults.empty());
    CHECK(bound.given() == Texts{"entity=x", "page=3", "deep=true", "key", R"(filters={"a":[1.0]})",
                                 "amount=12345678901234567890.10"});
}

TEST_CASE("a string is passed as its text, for json arguments too", "[binder]") {
    const Bound bound = post(R"({"page":"4","filters":"[1]"})");
    CHECK(bound.faults.empty());
    CHECK(bound.given() == Texts{"entity=x", "page=4", "filters=[1]"});
    CHECK(post(R"({"filters":"nope"})").faults.size() == 1);
}

TEST_CASE("a route without a body argument takes query parameters for any method", "[binder]") {
    CHECK(post("", "/e/x?page=2").given() == Texts{"entity=x", "page=2"});
    CHECK(post(R"({"deep":false})", "/e/x?page=2").given() ==
          Texts{"entity=x", "page=2", "deep=false"});
}

TEST_CASE("the body argument receives the body as it was written", "[binder]") {
    CHECK(post_whole(R"( {"b":1.0,"a":null} )").given() ==
          Texts{"entity=x", R"(data= {"b":1.0,"a":null} )"});
    CHECK(post_whole("[1]").faults.empty());
    CHECK(post_whole("null").given() == Texts{"entity=x", "data=null"});
}

TEST_CASE("a route with a body argument takes no query, unless it deletes", "[binder]") {
    CHECK(post_whole("{}", "/e/x?page=1").wrong() ==
          Texts{"page: cannot be given in the query of this endpoint"});
    RouteRow row = route_row("DELETE", "/e/{entity}",
                             R"([{"name":"entity","type":"text","required":true},
                                 {"name":"data","type":"json"},{"name":"page","type":"integer"}])");
    row.body_argument = "data";
    CHECK(bind_row(row, "/e/x?page=1").given() == Texts{"entity=x", "page=1"});
    CHECK(bind_row(row, "/e/x?data=1").wrong() ==
          Texts{"data: is not a parameter of this endpoint"});
}

TEST_CASE("an unknown name is a fault, wherever it stands", "[binder]") {
    CHECK(get("/e/x?nope=1").wrong() == Texts{"nope: is not a parameter of this endpoint"});
    CHECK(post(R"({"nope":1})").wrong() == Texts{"nope: is not a parameter of this endpoint"});
}

TEST_CASE("a name given twice is a fault, within a source and across", "[binder]") {
    CHECK(get("/e/x?page=1&page=2").wrong() == Texts{"page: is given more than once"});
    CHECK(get("/e/x?entity=y").wrong() == Texts{"entity: is given more than once"});
    CHECK(post(R"({"page":2})", "/e/x?page=1").wrong() == Texts{"page: is given more than once"});
    CHECK(post(R"({"page":2,"page":3})").wrong().at(0).substr(0, 28) ==
          "page: is given more than onc");
}

TEST_CASE("a constant cannot be set by a client", "[binder]") {
    RouteRow row = route_row("POST", "/e", kArguments);
    row.constants = R"({"entity":"tenants"})";
    CHECK(bind_row(row, "/e?entity=x").wrong() ==
          Texts{"entity: is not a parameter of this endpoint"});
    CHECK(bind_row(row, "/e", R"({"entity":"x"})").wrong() ==
          Texts{"entity: is not a parameter of this endpoint"});
    CHECK(bind_row(row, "/e").faults.empty());
}

TEST_CASE("what is required and missing is named", "[binder]") {
    CHECK(bind_row(route_row("POST", "/e", kArguments), "/e").wrong() ==
          Texts{"entity: is required"});
    CHECK(bind_row(route_row("POST", "/e", kArguments), "/e", "{}").wrong() ==
          Texts{"entity: is required"});
    CHECK(post_whole("").wrong() == Texts{"data: is required as a JSON request body"});
    CHECK(bind_row(route_row("POST", "/e", kArguments), "/e", R"({"entity":null})").wrong() ==
          Texts{"entity: must not be null"});
}

TEST_CASE("a body of the wrong kind is a fault of its own", "[binder]") {
    CHECK(post("[1]").wrong() == Texts{"body: must be a JSON object"});
    CHECK(bind_row(route_row("POST", "/e", kArguments), "/e", "1").wrong() ==
          Texts{"body: must be a JSON object"});
    CHECK(post("{").wrong().at(0).substr(0, 30) == "body: is not well-formed JSON:");
    CHECK(post_whole("{,}").wrong().at(0).substr(0, 30) == "body: is not well-formed JSON:");
    CHECK(bind_row(route_row("GET", "/e/{entity}", kArguments), "/e/x", "{}").wrong() ==
          Texts{"body: must be empty in a GET request"});
}

TEST_CASE("values are checked by the type of their argument", "[binder]") {
    CHECK(get("/e/x?page=abc").wrong() == Texts{"page: must be an integer"});
    CHECK(get("/e/x?page=").wrong() == Texts{"page: must be an integer"});
    CHECK(get("/e/x?page=1.5").wrong() == Texts{"page: must be an integer"});
    CHECK(get("/e/x?page=2147483648").wrong() ==
          Texts{"page: must be an integer between -2147483648 and 2147483647"});
    CHECK(get("/e/x?page=-2147483648").faults.empty());
    CHECK(get("/e/x?small=32768").faults.size() == 1);
    CHECK(get("/e/x?large=9223372036854775807").faults.empty());
    CHECK(get("/e/x?large=9223372036854775808").faults.size() == 1);
    CHECK(get("/e/x?large=99999999999999999999999x").wrong() == Texts{"large: must be an integer"});
    CHECK(get("/e/x?deep=maybe").wrong() == Texts{"deep: must be true or false"});
    CHECK(get("/e/x?deep=o").wrong() == Texts{"deep: must be true or false"});
    CHECK(get("/e/x?deep=").wrong() == Texts{"deep: must be true or false"});
    for (const char* word : {"true", "F", "yes", "n", "on", "of", "1", "0", "TRUE", "tr"}) {
        INFO(word);
        CHECK(get("/e/x?deep=" + std::string(word)).faults.empty());
    }
    CHECK(get("/e/x?key=12").wrong() == Texts{"key: must be a UUID"});
    CHECK(get("/e/x?key=0e37df36-f698-11e6-8dd4-cb9ced3df976").faults.empty());
    CHECK(get("/e/x?key=%7B0E37DF36f69811e68dd4cb9ced3df976%7D").faults.empty());
    CHECK(get("/e/x?key=0e37df36-f698-11e6-8dd4-cb9ced3df97g").faults.size() == 1);
    CHECK(get("/e/x?key=0e37df36-f698-11e6-8dd4-cb9ced3df976-").faults.size() == 1);
    CHECK(get("/e/x?amount=abc").faults.empty());  // the database's business
    CHECK(post(R"({"page":1.5})").wrong() == Texts{"page: must be an integer"});
    CHECK(post(R"({"page":{}})").wrong() == Texts{"page: must be an integer"});
}

TEST_CASE("JSON in a query parameter must be well-formed", "[binder]") {
    CHECK(get("/e/x?filters=%7B%22a%22%3A1%7D").faults.empty());
    CHECK(get("/e/x?filters=%7B%22a%22").wrong().at(0).find("at line 1, column 5") !=
          std::string::npos);
    CHECK(get("/e/x?filters=%7B%22a%22%3A1,%22a%22%3A1%7D").wrong().at(0).find("the key \"a\"") !=
          std::string::npos);
}

TEST_CASE("bracketed parameters are gathered into the argument before the bracket", "[binder]") {
    CHECK(get("/e/x?filters[state]=open").given() ==
          Texts{"entity=x", R"(filters={"state":"open"})"});
    CHECK(get("/e/x?filters%5Bprice%5D%5Bgte%5D=10&page=2&filters[price][lt]=20&filters[a+b]=%22")
              .given() ==
          Texts{"entity=x", "page=2", R"(filters={"price":{"gte":"10","lt":"20"},"a b":"\""})"});
    CHECK(get("/e/x?filters[state][in][]=open&filters[state][in][]=new").given() ==
          Texts{"entity=x", R"(filters={"state":{"in":["open","new"]}})"});
    CHECK(get("/e/x?filters[]=a").given() == Texts{"entity=x", R"(filters=["a"])"});
    CHECK(get("/e/x?filters[a.b]").given() == Texts{"entity=x", R"(filters={"a.b":""})"});
}

TEST_CASE("brackets are for arguments of type json", "[binder]") {
    CHECK(get("/e/x?page[a]=1").wrong() == Texts{"page[a]: takes no brackets"});
    CHECK(get("/e/x?nope[a]=1").wrong() == Texts{"nope[a]: is not a parameter of this endpoint"});
    CHECK(post_whole("{}", "/e/x?data[a]=1").wrong() ==
          Texts{"data[a]: cannot be given in the query of this endpoint"});
    for (const char* name : {"filters[", "filters[a", "filters[a]b", "filters[a][", "filters[][a]",
                             "filters[[a]]", "[a]"})
        CHECK(get("/e/x?" + std::string(name) + "=1").wrong() ==
              Texts{std::string(name) + ": must be written as name[key] or name[key][key]"});
}

TEST_CASE("brackets that contradict each other are faults", "[binder]") {
    CHECK(get("/e/x?filters[a]=1&filters[a]=2").wrong() ==
          Texts{"filters[a]: is given more than once"});
    CHECK(get("/e/x?filters[a]=1&filters[a][gt]=2").wrong() ==
          Texts{"filters[a][gt]: is given both as a value and with keys"});
    CHECK(get("/e/x?filters[a][gt]=2&filters[a]=1").wrong() ==
          Texts{"filters[a]: is given both as a value and with keys"});
    CHECK(get("/e/x?filters[a][]=2&filters[a]=1").wrong() ==
          Texts{"filters[a]: is given both as a value and with keys"});
    CHECK(get("/e/x?filters=%7B%7D&filters[a]=1").wrong() ==
          Texts{"filters: is given more than once"});
}

TEST_CASE("brackets have limits", "[binder]") {
    std::string deep = "filters";
    for (int i = 0; i < 8; ++i) deep += "[a]";
    CHECK(get("/e/x?" + deep + "=1").faults.empty());
    CHECK(get("/e/x?" + deep + "[a]=1").wrong() == Texts{deep + "[a]: must have at most 8 keys"});
    std::string many = "/e/x?";
    for (int i = 0; i < 1000; ++i) many += "filters[a][]=1&";
    CHECK(get(many).faults.empty());
    CHECK(get(many + "filters[a][]=1&filters[a][]=1").wrong() ==
          Texts{"query: must have at most 1000 parameters with brackets"});
}

TEST_CASE("a NUL in a string never reaches the database", "[binder]") {
    CHECK(post(R"({"amount":"a\u0000b"})").wrong() ==
          Texts{"amount: must not contain the character U+0000"});
}

TEST_CASE("all faults of a request are reported at once", "[binder]") {
    const Bound bound = bind_row(route_row("POST", "/e", kArguments), "/e?page=x&nope=1&deep=2",
                                 R"({"key":"k","other":1,"page":2})");
    CHECK(bound.wrong() == Texts{"page: must be an integer",
                                 "nope: is not a parameter of this endpoint",
                                 "deep: must be true or false", "key: must be a UUID",
                                 "other: is not a parameter of this endpoint",
                                 "page: is given more than once", "entity: is required"});
}
