// Entities that refer to each other, for conditions: an order of a customer in a country, with lines and
// tags.
#pragma once

#include <map>

#include "core/condition.hpp"
#include "sample_entity.hpp"
#include "sample_id.hpp"

namespace pgwright::core::sample {

inline Field lookup_of(std::string name, std::string target) {
    Field made = field(std::move(name), FieldType::lookup);
    made.reference = Reference{id_of(target), target, "t_demo", target};
    return made;
}

inline Field array_of(std::string name, FieldType item, std::uint32_t type_oid) {
    Field made = field(std::move(name), FieldType::array);
    made.item_type = item;
    made.type_oid = type_oid;
    return made;
}

inline std::shared_ptr<const Entity> made(std::string name, std::vector<Field> fields,
                                          bool soft_delete) {
    Entity entity;
    entity.id = id_of(name);
    entity.name = entity.table = entity.resource = std::move(name);
    entity.schema = "t_demo";
    entity.soft_delete = soft_delete;
    entity.fields = std::move(fields);
    entity.fields.insert(entity.fields.begin(), generated(required(field("id", FieldType::uuid))));
    for (Field& each : entity.fields) each.id = id_of(entity.name + "." + each.name);
    return std::make_shared<const Entity>(std::move(entity));
}

inline const std::map<std::string, std::shared_ptr<const Entity>, std::less<>>& shop() {
    static const auto entities = [] {
        Field state = field("state", FieldType::enum_);
        state.allowed_values = {Json::string("open"), Json::string("paid")};
        std::map<std::string, std::shared_ptr<const Entity>, std::less<>> all;
        all["country"] = made("country", {field("name", FieldType::text)}, false);
        all["tag"] = made("tag", {field("label", FieldType::text)}, false);
        all["order_tag"] =
            made("order_tag", {lookup_of("order_id", "order"), lookup_of("tag_id", "tag")}, false);
        all["line"] = made("line",
                           {lookup_of("order_id", "order"), field("amount", FieldType::integer),
                            field("note", FieldType::text)},
                           false);
        all["customer"] = made("customer",
                               {lookup_of("country_id", "country"), field("name", FieldType::text),
                                field("budget", FieldType::decimal)},
                               true);
        all["order"] =
            made("order",
                 {lookup_of("customer_id", "customer"), field("total", FieldType::decimal),
                  field("items", FieldType::integer), field("day", FieldType::date),
                  field("due", FieldType::datetime), field("title", FieldType::text), state,
                  field("settings", FieldType::json), field("paid", FieldType::boolean),
                  array_of("labels", FieldType::string, 1009),
                  array_of("numbers", FieldType::integer, 1007),
                  array_of("flags", FieldType::boolean, 1000)},
                 false);
        return all;
    }();
    return entities;
}

inline const Entity& purchase() { return *shop().at("order"); }

// Orders have lines, and tags over a junction.
inline std::optional<Related> find_in_shop(const Entity& from, std::string_view name) {
    Related related;
    if (const Field* const lookup = find_lookup(from, name)) {
        related.target = shop().at(lookup->reference->entity);
        related.near = lookup;
        related.is_lookup = true;
        return related;
    }
    if (from.name != "order" || (name != "lines" && name != "tags")) return std::nullopt;
    related.many = true;
    related.target = shop().at(name == "lines" ? "line" : "tag");
    related.near = related.target->find("order_id");
    if (name == "tags") {
        related.junction = shop().at("order_tag");
        related.near = related.junction->find("order_id");
        related.far = related.junction->find("tag_id");
    }
    return related;
}

inline ConditionContext shop_context() {
    ConditionContext context;
    context.placeholders = true;
    context.find_related = find_in_shop;
    context.known_values = true;
    return context;
}

}  // namespace pgwright::core::sample
