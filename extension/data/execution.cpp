// One compiled statement, run as pgwright_runtime; see execution.hpp.
#include "data/execution.hpp"

#include <algorithm>

#include "core/record_key.hpp"
#include "data/constraint_error.hpp"

namespace pgwright::data {

namespace {

Datum scalar(const core::Json& value, Oid type) { return pg::to_datum(value, type, -1); }

struct Elements {
    std::vector<Datum> values;
    std::unique_ptr<bool[]> nulls;
};

Elements elements_of(const core::Parameter& parameter) {
    Elements elements;
    elements.values.reserve(parameter.values.size());
    elements.nulls = std::make_unique<bool[]>(parameter.values.size());
    for (std::size_t i = 0; i < parameter.values.size(); ++i) {
        elements.nulls[i] = parameter.values[i].is_null();
        elements.values.push_back(
            elements.nulls[i] ? Datum{0} : scalar(parameter.values[i], parameter.element_oid));
    }
    return elements;
}

Datum list(const core::Parameter& parameter) {
    Elements elements = elements_of(parameter);
    return pg::call([&elements, &parameter] {
        int16 length = 0;
        bool by_value = false;
        char alignment = 0;
        get_typlenbyvalalign(parameter.element_oid, &length, &by_value, &alignment);
        int dimension = static_cast<int>(elements.values.size());
        int lower_bound = 1;
        return PointerGetDatum(construct_md_array(elements.values.data(), elements.nulls.get(), 1,
                                                  &dimension, &lower_bound, parameter.element_oid,
                                                  length, by_value, alignment));
    });
}

void bind(pg::Params& params, const core::Parameter& parameter) {
    if (parameter.is_list) {
        params.add(parameter.type_oid, list(parameter), false);
        return;
    }
    const core::Json& value = parameter.values.front();
    if (value.is_null())
        params.add_null(parameter.type_oid);
    else
        params.add(parameter.type_oid, scalar(value, parameter.type_oid), false);
}

pg::Result run(const core::Entity& entity, const core::Statement& statement,
               const Prepared& prepared, Access access) {
    try {
        const pg::Params params = parameters_of(statement);
        return pg::execute(prepared.plan, params, access == Access::read);
    } catch (const pg::Error& error) {
        rethrow_for_people(entity, error, access == Access::remove);
    }
}

}  // namespace

pg::Params parameters_of(const core::Statement& statement) {
    pg::Params params;
    for (const core::Parameter& parameter : statement.parameters) bind(params, parameter);
    return params;
}

Execution::Execution(const core::Entity& entity, const core::Statement& statement, Access access)
    : entity_(entity),
      statement_(statement),
      scope_(security::Rights::runtime),
      prepared_(prepare(statement)),
      result_(run(entity, statement, *prepared_, access)) {}

std::string Execution::id_of(const pg::Row& row) const {
    std::vector<std::string> parts;
    parts.reserve(entity_.key.size());
    for (const core::Field* const field : core::key_fields(entity_))
        parts.push_back(text_of(row, *field));
    return core::join_key(parts);
}

// A value's text as in JSON: the server's own output would depend on settings like DateStyle.
std::string Execution::text_of(const pg::Row& row, const core::Field& field) const {
    const auto found = std::ranges::find(statement_.columns, &field);
    const auto position = static_cast<std::size_t>(found - statement_.columns.begin());
    const int column = static_cast<int>(position);
    if (field.type_oid == UUIDOID) return row.text(column);
    core::JsonWriter writer;
    pg::write_json(writer, row.datum(column), prepared_->outputs.at(position));
    core::Json value = core::parse_json(writer.view());
    return value.is_string() ? value.text() : value.dump();
}

void Execution::write_object(core::JsonWriter& writer, const pg::Row& row, int first) const {
    writer.begin_object();
    int column = first;
    for (std::size_t i = 0; i < statement_.columns.size(); ++i, ++column) {
        writer.key(statement_.columns[i]->name);
        if (row.is_null(column))
            writer.null();
        else
            pg::write_json(writer, row.datum(column), prepared_->outputs[i]);
    }
    writer.end_object();
}

}  // namespace pgwright::data
