// The definition of an order's line as people write it: something of every kind of field, and of
// everything that refers to one. For the tests of edits and documents, and their fuzzer.
#pragma once

#include <string>

namespace pgwright::core::sample {

inline const std::string kOrderFields = R"(
    {"name":"code","field_type":"string","max_length":20,"is_required":true,"is_unique":true},
    {"name":"price","field_type":"decimal","min_value":0,"max_value":9999,"decimal_places":2},
    {"name":"quantity","field_type":"integer","default_value":1,"display_order":7},
    {"name":"total","field_type":"decimal","is_calculated":true,"calculation_formula":"price * quantity"},
    {"name":"status","field_type":"enum","allowed_values":[{"value":"new","label":"New"},"paid"],
     "default_value":"new"},
    {"name":"buyer","field_type":"lookup","reference_entity_id":"00000000-0000-7000-8000-00000000b0b0",
     "reference_field":"email","on_delete":"CASCADE","on_update":"RESTRICT"},
    {"name":"photo","field_type":"file"},
    {"name":"tags","field_type":"array","item_type":"string","default_value":["a","b"]},
    {"name":"extra","field_type":"json","default_value":{"a":[1]},"json_schema":{"type":"object"}})";

inline const std::string kOrderIndexes = R"(
    {"name":"open","field_names":["code",{"field":"price","order":"desc","nulls":"last"}],
     "condition":{"operator":"AND","conditions":[{"field":"status","operator":"eq","value":"new"},
                  {"operator":"NOT","conditions":[{"field":"quantity","operator":"in","value":[0,5]}]}]}},
    {"name":"by_tag","index_type":"gin","field_names":["tags"]})";

inline std::string order_text() {
    return R"({"name":"order_line","primary_field":"code","default_sort_field":"price",
               "default_sort_order":"DESC","records_per_page":50,"plural_label":"Lines",
               "category":"Sales","metadata":{"color":"red"},"fields":[)" +
           kOrderFields + R"(],"indexes":[)" + kOrderIndexes + "]}";
}

}  // namespace pgwright::core::sample
