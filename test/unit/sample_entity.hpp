// The entity that the tests of conditions, sorting and compiled statements speak about.
#pragma once

#include <string_view>
#include <utility>

#include "core/model.hpp"

namespace pgwright::core::sample {

inline Field field(std::string_view name, FieldType type) {
    Field made;
    made.name = name;
    made.label = name;
    made.type = type;
    made.type_oid = info(type).type_oid;
    made.array_oid = info(type).array_oid;
    return made;
}

inline Field required(Field made) {
    made.required = true;
    return made;
}

inline Field with_default(Field made, std::string_view value) {
    made.default_value = value;
    return made;
}

inline Field generated(Field made) {
    made.system = true;
    made.readonly = true;
    return made;
}

// A table of products with every class of values, small enough to read in a statement.
inline Entity product() {
    Entity entity;
    entity.name = "product";
    entity.label = "Product";
    entity.schema = "t_demo";
    entity.table = "product";
    entity.resource = "product";
    entity.fields = {
        generated(required(field("id", FieldType::uuid))),
        required(field("name", FieldType::string)),
        with_default(field("stock", FieldType::integer), "0"),
        field("price", FieldType::currency),
        field("active", FieldType::boolean),
        field("released", FieldType::date),
        field("seen_at", FieldType::datetime),
        field("opens", FieldType::time),
        field("maker", FieldType::lookup),
        field("extra", FieldType::json),
        field("shape", FieldType::other),
        generated(required(field("created_at", FieldType::datetime))),
        generated(field("deleted_at", FieldType::datetime)),
        generated(field("deleted_by", FieldType::uuid)),
    };
    return entity;
}

// Two fields and no soft delete.
inline Entity tag() {
    Entity entity;
    entity.name = "tag";
    entity.schema = "t_demo";
    entity.table = "tag";
    entity.resource = "tag";
    entity.soft_delete = false;
    entity.fields = {generated(required(field("id", FieldType::uuid))),
                     field("label", FieldType::text)};
    return entity;
}

}  // namespace pgwright::core::sample
