// What a person says about an imported relation, and the rows that describe it; see import.hpp.
#include "core/identifier.hpp"
#include "core/import.hpp"

#include <algorithm>
#include <array>

#include "core/field_type.hpp"
#include "core/stemmer.hpp"
#include "core/utf8.hpp"

namespace pgwright::core {

namespace {

// Reads the members of one object; what is not asked for by the end is a fault.
class Reader {
  public:
    Reader(const Json& json, std::string path, Faults& faults)
        : json_(json), path_(std::move(path)), faults_(faults) {}

    std::optional<std::string> text(std::string_view key, std::size_t max_length) {
        const Json* const value = take(key);
        if (value == nullptr) return std::nullopt;
        if (!value->is_string()) return fault(key, "must be text");
        if (value->text().empty()) return fault(key, "must not be empty");
        if (count_characters(value->text()) > max_length)
            return fault(key, "must be at most " + std::to_string(max_length) + " characters");
        return value->text();
    }

    std::optional<bool> boolean(std::string_view key) {
        const Json* const value = take(key);
        if (value == nullptr) return std::nullopt;
        if (value->is_boolean()) return value->as_boolean();
        fault(key, "must be true or false");
        return std::nullopt;
    }

    const Json* take(std::string_view key) {
        known_.push_back(key);
        const Json* const value = json_.find(key);
        return value == nullptr || value->is_null() ? nullptr : value;
    }

    std::nullopt_t fault(std::string_view key, std::string message) {
        faults_.add(path_ + std::string(key), std::move(message));
        return std::nullopt;
    }

    void end() {
        for (const auto& [key, value] : json_.members())
            if (std::ranges::find(known_, key) == known_.end())
                fault(echo(key), "is not known here");
    }

  private:
    const Json& json_;
    std::string path_;
    Faults& faults_;
    std::vector<std::string_view> known_;
};

constexpr std::size_t kMaxIcon = 50;
constexpr std::size_t kMaxCategory = 100;

void parse_texts(ImportDefinition& definition, Reader& reader) {
    definition.name = reader.text("name", kMaxTextLength);
    if (definition.name)
        if (auto fault = entity_name_fault(*definition.name)) reader.fault("name", *fault);
    definition.label = reader.text("label", kMaxLabelLength);
    definition.plural_label = reader.text("plural_label", kMaxLabelLength);
    definition.description = reader.text("description", kMaxTextLength);
    definition.icon = reader.text("icon", kMaxIcon);
    definition.category = reader.text("category", kMaxCategory);
}

std::optional<std::string> parse_column(Reader& reader, std::string_view key,
                                        const Relation& relation) {
    auto name = reader.text(key, kMaxTextLength);
    if (name && relation.column(*name) == nullptr)
        return reader.fault(key, "is not a column of the relation");
    return name;
}

void parse_order(ImportDefinition& definition, Reader& reader, const Relation& relation) {
    definition.default_sort_field = parse_column(reader, "default_sort_field", relation);
    definition.default_sort_order = reader.text("default_sort_order", kMaxTextLength);
    const auto& order = definition.default_sort_order;
    if (order && *order != "ASC" && *order != "DESC")
        reader.fault("default_sort_order", "must be ASC or DESC");
    if (!definition.default_sort_field) return;
    const RelationColumn* const column = relation.column(*definition.default_sort_field);
    const FieldTypeInfo* const type = find_field_type(column->field_type);
    // A sort is written "name:asc,-other".
    const bool can_be_written = column->name.find_first_of(",:") == std::string::npos &&
                                column->name.front() != '-' && column->name.front() != ' ' &&
                                column->name.back() != ' ';
    if (type == nullptr || !type->sortable || !can_be_written)
        reader.fault("default_sort_field", "cannot be sorted by");
}

void parse_language(ImportDefinition& definition, Reader& reader) {
    definition.search_language = reader.text("search_language", kMaxTextLength);
    if (!definition.search_language || is_search_language(*definition.search_language)) return;
    std::string list;
    for (const std::string_view each : search_languages())
        list.append(list.empty() ? "" : ", ").append(each);
    reader.fault("search_language", "must be one of: " + list);
}

ImportDefinition::FieldText parse_field(const Json& json, const std::string& path, Faults& faults) {
    const Json labelled = json.is_string() ? Json::object({{"label", json}}) : json;
    if (!labelled.is_object()) {
        faults.add(path, "must be a label, or an object with label, description and help_text");
        return {};
    }
    Reader reader(labelled, path + ".", faults);
    ImportDefinition::FieldText text;
    text.label = reader.text("label", kMaxLabelLength);
    text.description = reader.text("description", kMaxTextLength);
    text.help_text = reader.text("help_text", kMaxTextLength);
    reader.end();
    return text;
}

void parse_fields(ImportDefinition& definition, Reader& reader, const Relation& relation,
                  Faults& faults) {
    const Json* const fields = reader.take("fields");
    if (fields == nullptr) return;
    if (!fields->is_object()) {
        reader.fault("fields", "must be an object of labels by column");
        return;
    }
    for (const auto& [name, value] : fields->members()) {
        const std::string path = "fields." + std::string(echo(name));
        if (relation.column(name) == nullptr)
            faults.add(path, "is not a column of the relation");
        else
            definition.fields.emplace(name, parse_field(value, path, faults));
    }
}

struct Stamp {
    std::string_view column, type;
};
constexpr std::array<Stamp, 6> kStamps = {{{"created_at", "timestamp with time zone"},
                                           {"updated_at", "timestamp with time zone"},
                                           {"created_by", "uuid"},
                                           {"updated_by", "uuid"},
                                           {"deleted_at", "timestamp with time zone"},
                                           {"deleted_by", "uuid"}}};

// The trigger passes over what is missing, but would write into what has another type.
void check_stamps(const Relation& relation, Reader& reader) {
    bool any = false;
    for (const Stamp& stamp : kStamps) {
        const RelationColumn* const column = relation.column(stamp.column);
        if (column == nullptr) continue;
        any = true;
        if (column->type != stamp.type || column->generated)
            reader.fault("stamp", "needs " + std::string(stamp.column) +
                                      " to be a column of type " + std::string(stamp.type));
    }
    if (!any) reader.fault("stamp", "needs a column to stamp, such as created_at");
    if (relation.is_readonly()) reader.fault("stamp", "is for relations that are written");
}

void check_switches(const ImportDefinition& definition, const Relation& relation, Reader& reader) {
    if (definition.soft_delete.value_or(false) && !can_soft_delete(relation))
        reader.fault("supports_soft_delete",
                     "needs the columns deleted_at (timestamp with time zone, nullable) and "
                     "deleted_by (uuid, nullable)");
    if (definition.stamp) check_stamps(relation, reader);
}

bool is_nullable_of(const Relation& relation, std::string_view name, std::string_view type) {
    const RelationColumn* const column = relation.column(name);
    return column != nullptr && column->type == type && column->nullable && !column->generated;
}

}  // namespace

ImportDefinition parse_import_definition(const Json& json, const Relation& relation,
                                         Faults& faults) {
    ImportDefinition definition;
    if (json.is_null()) return definition;
    if (!json.is_object()) {
        faults.add("definition", "must be an object");
        return definition;
    }
    Reader reader(json, "", faults);
    parse_texts(definition, reader);
    definition.primary_field = parse_column(reader, "primary_field", relation);
    parse_order(definition, reader, relation);
    parse_language(definition, reader);
    definition.soft_delete = reader.boolean("supports_soft_delete");
    definition.stamp = reader.boolean("stamp").value_or(false);
    check_switches(definition, relation, reader);
    parse_fields(definition, reader, relation, faults);
    reader.end();
    return definition;
}

bool can_soft_delete(const Relation& relation) noexcept {
    return !relation.is_readonly() &&
           is_nullable_of(relation, "deleted_at", "timestamp with time zone") &&
           is_nullable_of(relation, "deleted_by", "uuid");
}

std::string suggested_entity_name(std::string_view relation_name, int n) {
    std::string name = snake_case(relation_name);
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) name.insert(0, "r_");
    if (name.back() == '_') name += "relation";
    const std::string ending = n > 1 ? "_" + std::to_string(n) : std::string();
    return name.substr(0, kMaxNameBytes - ending.size()) + ending;
}

}  // namespace pgwright::core
