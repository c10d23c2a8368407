// Requests with nested records, taken apart into sets.
#include <catch2/catch.hpp>

#include "core/nested_write.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;

namespace {

// Makers have products, products a maker; a product may have parts, which are products.
std::shared_ptr<const Entity> product() {
    static const auto entity = [] {
        Entity made = sample::product();
        for (Field& field : made.fields) {
            if (field.name == "maker") field.reference = Reference{{}, "maker", "t_demo", "maker"};
        }
        return std::make_shared<const Entity>(std::move(made));
    }();
    return entity;
}

std::shared_ptr<const Entity> maker() {
    static const auto entity = [] {
        Entity made = sample::tag();
        made.name = "maker";
        return std::make_shared<const Entity>(std::move(made));
    }();
    return entity;
}

std::optional<Related> find(const Entity& entity, std::string_view name) {
    Related related;
    related.near = product()->find("maker");
    if (&entity == product().get() && name == "maker") {
        related.target = maker();
        related.is_lookup = true;
        return related;
    }
    if (&entity != maker().get() || name != "products") return std::nullopt;
    related.target = product();
    related.many = true;
    return related;
}

struct Taken {
    NestedSet root;
    Faults faults;

    Taken(std::shared_ptr<const Entity> entity, std::string_view json) {
        root.entity = std::move(entity);
        root.items.emplace_back().data = parse_json(json);
        take_nested(root, find, faults);
    }
    [[nodiscard]] std::string told() const {
        std::string text;
        for (const Fault& fault : faults.list()) text += fault.field + ": " + fault.message + "; ";
        return text;
    }
};

}  // namespace

TEST_CASE("a member that names a way holds records", "[nested_write]") {
    const Taken taken(
        maker(),
        R"({"label":"m","products":[{"name":"a"},{"id":"7","stock":1},{"id":8,"$delete":true}]})");
    CHECK(taken.told().empty());
    CHECK(taken.root.items.front().data.dump() == R"({"label":"m"})");
    REQUIRE(taken.root.branches.size() == 1);
    const NestedSet& products = taken.root.branches.front()->set;
    REQUIRE(products.items.size() == 3);
    CHECK(products.items[0].is_new);
    CHECK(products.items[0].path == "products[0]");
    CHECK(products.items[1].id == "7");
    CHECK(products.items[1].data.dump() == R"({"stock":1})");
    CHECK(products.items[2].is_removed);
    CHECK(products.items[2].id == "8");
}

TEST_CASE("a lookup holds a value or a record", "[nested_write]") {
    CHECK(Taken(product(), R"({"maker":"x"})").root.branches.empty());
    const Taken taken(product(), R"({"maker":{"label":"m","products":[{"name":"p"}]}})");
    REQUIRE(taken.root.branches.size() == 1);
    CHECK(taken.root.branches.front()->set.items.front().path == "maker");
    CHECK(taken.root.branches.front()->set.branches.front()->set.items.front().path ==
          "maker.products[0]");
}

TEST_CASE("members that lead nowhere stay", "[nested_write]") {
    const Taken taken(product(), R"({"name":"x","nothing":[{"a":1}],"extra":{"a":1}})");
    CHECK(taken.root.branches.empty());
    CHECK(taken.root.items.front().data.dump() ==
          R"({"name":"x","nothing":[{"a":1}],"extra":{"a":1}})");
    CHECK_FALSE(may_be_nested(*product(), parse_json(R"({"name":"x","extra":{},"maker":null})")));
    CHECK(may_be_nested(*product(), parse_json(R"({"maker":{}})")));
    CHECK(may_be_nested(*product(), parse_json(R"({"nothing":1})")));
}

TEST_CASE("faults tell where they are", "[nested_write]") {
    CHECK(Taken(maker(), R"({"products":{}})").told() == "products: must be an array; ");
    CHECK(Taken(maker(), R"({"products":[1]})").told() == "products[0]: must be an object; ");
    CHECK(Taken(maker(), R"({"products":[{"id":true}]})").told() ==
          "products[0].id: must be text; ");
    CHECK(Taken(maker(), R"({"products":[{"$delete":true}]})").told() ==
          "products[0].id: is required; ");
    CHECK(Taken(maker(), R"({"products":[{"id":"1","$delete":1}]})").told() ==
          "products[0].$delete: must be true or false; ");
    CHECK(Taken(maker(), R"({"products":[{"id":"1","$delete":true,"name":"x"}]})").told() ==
          "products[0].$delete: leaves nothing else to change; ");
    CHECK(Taken(maker(), R"({"products":[{"maker":"x"}]})").told() ==
          "products[0].maker: is given by the record that this one stands in; ");
    CHECK(Taken(product(), R"({"maker":{"id":"1","$delete":true}})").told() ==
          "maker.$delete: deletes only records that refer to this one; ");
}
