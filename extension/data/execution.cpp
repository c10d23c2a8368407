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

// Where the field is among the outputs.
std::size_t Execution::output_of(const core::Field& field) const {
    const auto& columns = statement_.columns;
    const auto shown = std::ranges::find(columns, &field);
    if (shown != columns.end()) return static_cast<std::size_t>(shown - columns.begin());
    const auto kept = std::ranges::find(statement_.cursor, &field);
    return columns.size() + statement_.nested.size() +
           static_cast<std::size_t>(kept - statement_.cursor.begin());
}

void Execution::write_value(core::JsonWriter& writer, const pg::Row& row,
                            std::size_t output) const {
    const int column = first() + static_cast<int>(output);
    if (row.is_null(column))
        writer.null();
    else
        pg::write_json(writer, row.datum(column), prepared_->outputs.at(output));
}

// A value's text as in JSON: the server's own output would depend on settings like DateStyle.
std::string Execution::text_of(const pg::Row& row, const core::Field& field) const {
    const std::size_t output = output_of(field);
    if (field.type_oid == UUIDOID) return row.text(first() + static_cast<int>(output));
    core::JsonWriter writer;
    write_value(writer, row, output);
    core::Json value = core::parse_json(writer.view());
    return value.is_string() ? value.text() : value.dump();
}

void Execution::write_object(core::JsonWriter& writer, const pg::Row& row) const {
    writer.begin_object();
    std::size_t output = 0;
    for (const core::Field* const field : statement_.columns) {
        writer.key(field->name);
        write_value(writer, row, output++);
    }
    for (const core::NestedColumn& nested : statement_.nested) {
        writer.key(nested.name);
        write_value(writer, row, output++);
    }
    writer.end_object();
}

std::vector<core::Json> Execution::position_of(const pg::Row& row) const {
    std::vector<core::Json> values;
    const std::size_t begin = statement_.columns.size() + statement_.nested.size();
    for (std::size_t i = 0; i < statement_.cursor.size(); ++i) {
        core::JsonWriter writer;
        write_value(writer, row, begin + i);
        values.push_back(core::parse_json(writer.view()));
    }
    return values;
}

std::int64_t estimate_rows(const core::Statement& statement) {
    const security::Scope scope(security::Rights::runtime);
    pg::Params params;
    for (const core::Parameter& parameter : statement.parameters) bind(params, parameter);
    const pg::Result result = pg::execute("EXPLAIN (FORMAT JSON) " + statement.sql, params, false);
    const core::Json explained = core::parse_json(result.row(0).text(0));
    const core::Json* const plan = explained.items().at(0).find("Plan");
    const core::Json* const rows = plan == nullptr ? nullptr : plan->find("Plan Rows");
    return rows == nullptr ? 0 : std::stoll(rows->text());
}

}  // namespace pgwright::data
