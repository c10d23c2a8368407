// Reads entities out of the catalog's tables; see entity_reader.hpp. Two kept plans, run as the
// extension's owner, so the result does not depend on who asks.
#include "catalog/entity_reader.hpp"

#include "pg/immortal.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "catalog/association_reader.hpp"
#include "core/expression.hpp"
#include "core/stemmer.hpp"
#include "core/validation_rule.hpp"
#include "security/scope.hpp"

namespace pgwright::catalog {

namespace {

using core::Uuid;

constexpr std::string_view kEntitySql =
    "SELECT e.id, e.tenant_id, e.name, e.label, e.schema_name, e.table_name, e.entity_type, "
    "e.version,"
    "       e.supports_soft_delete, e.status, coalesce(e.metadata ->> 'resource', e.name), c.oid,"
    "       coalesce(e.default_sort_field || ':' || lower(e.default_sort_order), ''),"
    "       e.origin = 'generated', e.key_fields::text, e.is_readonly, coalesce(e.readonly_reason, "
    "''),"
    "       e.relation_kind = 'partitioned_table',"
    "       e.entity_type = 'custom' OR coalesce(e.metadata -> 'writable' ? 'create', false),"
    "       e.entity_type = 'custom' OR coalesce(e.metadata -> 'writable' ? 'update', false),"
    "       e.entity_type = 'custom' OR coalesce(e.metadata -> 'writable' ? 'delete', false),"
    "       EXISTS (SELECT FROM pgwright.role_permissions p JOIN pgwright.roles r ON r.id = "
    "p.role_id"
    "                WHERE p.entity_id = e.id AND p.action = 'read' AND r.name = 'public' AND "
    "r.is_system),"
    "       coalesce(e.search_language, ''),"
    "       coalesce((SELECT x.field_names FROM pgwright.index_definitions x"
    "                  WHERE x.entity_id = e.id AND x.index_type = 'search' AND NOT x.is_deleted), "
    "'[]')::text"
    "  FROM pgwright.entity_definitions e"
    "  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = e.schema_name"
    "  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = e.table_name"
    " WHERE (e.tenant_id = $1 OR e.tenant_id IS NULL) AND NOT e.is_deleted"
    "   AND (NOT $4 OR e.status = 'published') AND ";
constexpr std::string_view kOrder = " ORDER BY e.tenant_id NULLS LAST LIMIT 1";

constexpr std::string_view kFieldSql =
    "SELECT f.id, f.name, f.label, f.field_type, f.is_required, f.is_unique, f.is_indexed, "
    "f.is_readonly, f.is_system,"
    "       f.min_length, f.max_length, f.min_value::text, f.max_value::text, f.decimal_places, "
    "f.default_value,"
    "       f.default_expression, f.allowed_values::text, r.id, r.name, r.schema_name, "
    "r.table_name, a.atttypid, t.typarray,"
    "       f.item_type, f.json_schema::text, f.on_delete, f.on_update, r.key_fields::text,"
    "       a.attgenerated = '' AND (a.atthasdef OR a.attidentity <> ''),"
    "       CASE WHEN f.is_calculated THEN f.calculation_formula ELSE '' END, f.pattern,"
    "       nullif(f.validation_rules, '[]')::text"
    "  FROM pgwright.field_definitions f"
    "  LEFT JOIN pgwright.entity_definitions r ON r.id = f.reference_entity_id"
    "  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = $2 AND a.attname = f.name AND NOT "
    "a.attisdropped"
    "  LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    " WHERE f.entity_id = $1 AND NOT f.is_deleted ORDER BY f.display_order, f.name";

std::optional<int> optional_int(const pg::Row& row, int column) {
    const auto value = row.optional_integer(column);
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

core::EntityKind kind_of(std::string_view text) {
    if (text == "system") return core::EntityKind::system;
    return text == "virtual" ? core::EntityKind::virtual_ : core::EntityKind::custom;
}

// Values are bound as the domain's base type, so that the server checks the domain's rules itself.
void read_base_type(core::Field& field) {
    const Oid type = field.type_oid;
    field.type_oid = pg::call([type] { return getBaseType(type); });
    if (field.type_oid == type) return;
    const Oid base = field.type_oid;
    field.array_oid = pg::call([base] { return get_array_type(base); });
}

void read_types(core::Field& field, const pg::Row& row) {
    const core::FieldTypeInfo* type = core::find_field_type(row.text(3));
    field.type = type == nullptr ? core::FieldType::other : type->type;
    if (const auto item = row.optional_text(23)) {
        const core::FieldTypeInfo* const item_type = core::find_field_type(*item);
        if (item_type != nullptr) field.item_type = item_type->type;
    }
    core::set_type_oids(field);
    field.type_oid = static_cast<Oid>(row.optional_integer(21).value_or(field.type_oid));
    field.array_oid = static_cast<Oid>(row.optional_integer(22).value_or(field.array_oid));
    if (OidIsValid(field.type_oid)) read_base_type(field);
}

std::vector<std::string> names_of(const std::string& text) {
    std::vector<std::string> names;
    const core::Json list = core::parse_json(text);
    for (const core::Json& name : list.items()) names.push_back(name.text());
    return names;
}

// Of a lookup, which names the key of its target by one column.
std::string key_column(const std::string& key_fields) {
    const std::vector<std::string> names = names_of(key_fields);
    return names.size() == 1 ? names.front() : std::string("id");
}

void read_constraints(core::Field& field, const pg::Row& row) {
    field.min_length = optional_int(row, 9);
    field.max_length = optional_int(row, 10);
    field.min_value = row.optional_text(11);
    field.max_value = row.optional_text(12);
    field.decimal_places = optional_int(row, 13);
    field.default_value = row.optional_text(14);
    field.default_expression = row.optional_text(15);
    if (const auto allowed = row.optional_text(16))
        field.allowed_values = core::allowed_values_of(core::parse_json(*allowed));
    core::set_pattern(field, row.optional_text(30));
    if (const auto rules = row.optional_text(31))
        field.rules = core::stored_rules(core::parse_json(*rules));
    if (const auto schema = row.optional_text(24))
        core::set_json_schema(field, core::parse_json(*schema));
}

core::ReferentialAction action_of(const std::optional<std::string>& name,
                                  core::ReferentialAction otherwise) {
    return name ? core::find_referential_action(*name).value_or(otherwise) : otherwise;
}

void read_reference(core::Field& field, const pg::Row& row) {
    const auto target = row.optional_uuid(17);
    if (!target) return;
    core::Reference& reference = field.reference.emplace();
    reference.entity_id = *target;
    reference.entity = row.text(18);
    reference.schema = row.text(19);
    reference.table = row.text(20);
    reference.column = key_column(row.text(27));
    reference.on_delete = action_of(row.optional_text(25), reference.on_delete);
    reference.on_update = action_of(row.optional_text(26), reference.on_update);
}

core::Field read_field(const pg::Row& row) {
    core::Field field;
    field.id = row.uuid(0);
    field.name = row.text(1);
    field.label = row.text(2);
    field.required = row.boolean(4);
    field.unique = row.boolean(5);
    field.indexed = row.boolean(6);
    field.readonly = row.boolean(7);
    field.system = row.boolean(8);
    read_types(field, row);
    read_constraints(field, row);
    read_reference(field, row);
    field.default_in_database = row.optional_boolean(28).value_or(false) && !field.default_value &&
                                !field.default_expression;
    field.formula = row.optional_text(29).value_or("");
    return field;
}

void read_fields(LoadedEntity& loaded) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, OIDOID};
    if (!*plan) *plan = pg::Plan(kFieldSql, types);
    pg::Params params;
    params.add_uuid(loaded.entity.id).add_oid(loaded.relation);
    const pg::Result result = pg::execute(*plan, params, true);
    for (std::size_t i = 0; i < result.rows(); ++i)
        loaded.entity.fields.push_back(read_field(result.row(i)));
}

// Generated tables have their system columns by rule, not by rows.
void add_system_fields(core::Entity& entity) {
    auto leading = core::leading_system_fields();
    auto trailing = core::trailing_system_fields(false);  // deleted_* are the engine's own business
    entity.fields.insert(entity.fields.begin(), leading.begin(), leading.end());
    entity.fields.insert(entity.fields.end(), trailing.begin(), trailing.end());
}

LoadedEntity read_head(const pg::Row& row) {
    LoadedEntity loaded;
    core::Entity& entity = loaded.entity;
    entity.id = row.uuid(0);
    entity.tenant_id = row.optional_uuid(1);
    entity.name = row.text(2);
    entity.label = row.text(3);
    entity.schema = row.text(4);
    entity.table = row.text(5);
    entity.kind = kind_of(row.text(6));
    entity.version = static_cast<int>(row.integer(7));
    entity.soft_delete = row.boolean(8);
    entity.resource = row.text(10);
    entity.generated = row.boolean(13);
    entity.key = names_of(row.text(14));
    entity.readonly_reason = row.text(16);
    entity.partitioned = row.boolean(17);
    entity.default_sort = row.text(12);
    const bool writable = !row.boolean(15);
    entity.creatable = writable && row.boolean(18);
    entity.updatable = writable && row.boolean(19);
    entity.deletable = writable && row.boolean(20);
    entity.is_public = row.boolean(21);
    // Without the stemmer of a language that another server knew, words are searched as they are.
    if (const std::string language = row.text(22); core::is_search_language(language))
        entity.search_language = language;
    entity.search_fields = names_of(row.text(23));
    loaded.status = row.text(9);
    loaded.relation = static_cast<Oid>(row.optional_integer(11).value_or(InvalidOid));
    return loaded;
}

const pg::Plan& head_plan(bool by_id) {
    static pg::Immortal<pg::Plan> by_name_plan;
    static pg::Immortal<pg::Plan> by_id_plan;
    static constexpr Oid types[] = {UUIDOID, TEXTOID, UUIDOID, BOOLOID};
    pg::Plan& plan = by_id ? *by_id_plan : *by_name_plan;
    if (!plan) {
        const std::string sql =
            std::string(kEntitySql) + (by_id ? "e.id = $3" : "e.name = $2") + std::string(kOrder);
        plan = pg::Plan(sql, types);
    }
    return plan;
}

}  // namespace

std::optional<LoadedEntity> read_entity(const Uuid& tenant, std::string_view name_or_id,
                                        Wanted wanted) {
    const auto id = Uuid::parse(name_or_id);
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(tenant)
        .add_text(name_or_id)
        .add_uuid(id.value_or(Uuid{}))
        .add_bool(wanted == Wanted::published);
    const pg::Result result = pg::execute(head_plan(id.has_value()), params, true);
    if (result.empty()) return std::nullopt;
    LoadedEntity loaded = read_head(result.row(0));
    read_fields(loaded);
    if (loaded.entity.kind == core::EntityKind::custom && loaded.entity.generated)
        add_system_fields(loaded.entity);
    core::compile_formulas(loaded.entity);
    if (wanted == Wanted::published)
        loaded.entity.associations = read_associations(tenant, loaded.entity);
    return loaded;
}

}  // namespace pgwright::catalog
