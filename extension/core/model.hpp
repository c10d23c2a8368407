// An entity as the engine sees it: the same struct is parsed from a definition, loaded from the
// catalog, planned into DDL and compiled into queries.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/access.hpp"
#include "core/error.hpp"
#include "core/field_type.hpp"
#include "core/json.hpp"
#include "core/uuid.hpp"

namespace pgwright::core {

class JsonSchema;
class RegularExpression;

enum class ReferentialAction : std::uint8_t { no_action, restrict_, cascade, set_null };

struct Reference {  // the target of a lookup
    Uuid entity_id;
    std::string entity;  // name
    std::string schema;
    std::string table;
    std::string column = "id";
    std::uint32_t key_oid = 0;  // the type of that column; 0: uuid
    // What becomes of the referring record when its target goes or gets another key. NO ACTION and
    // RESTRICT both refuse; the difference is the server's, the moment of the check.
    ReferentialAction on_delete = ReferentialAction::restrict_;
    ReferentialAction on_update = ReferentialAction::no_action;
};

// A rule of a field's in the expression language, which may use the other fields of the record: true or
// null of every record. A constraint of the table; see validation_rule.hpp.
struct ValidationRule {
    std::string name;  // within the field
    std::string expression;
    std::string message;  // of a record that breaks it
    // Follow from the expression; compile_rules() fills them in.
    std::string sql;                  // over the table's quoted columns
    std::vector<std::string> fields;  // that it uses
};

struct Field {
    Uuid id;
    std::string name;  // also the column's name
    std::string label;
    FieldType type = FieldType::text;
    std::uint32_t type_oid = 0;  // of the column; for a draft the type's own
    std::uint32_t array_oid = 0;
    bool required = false;
    bool unique = false;
    bool indexed = false;
    bool readonly = false;  // people may not write it
    bool system = false;    // generated (id, created_at, ...)
    // For a caller under a field rule: set once and not changed any more; read as this text and nothing
    // else (field_rule.hpp).
    bool write_once = false;
    std::string mask_sql;
    std::optional<int> min_length;
    std::optional<int> max_length;         // characters
    std::optional<std::string> min_value;  // digits, exactly as given
    std::optional<std::string> max_value;
    std::optional<int> decimal_places;
    std::optional<std::string> default_value;       // the value as text
    std::optional<std::string> default_expression;  // now, today, current_user_id, new_uuid, or an
                                                    // expression without fields
    bool default_in_database = false;  // the column has one that the server alone knows: nextval()
    std::vector<Json> allowed_values;  // empty: any
    std::optional<std::string> pattern;  // of a text: a regular expression (regular_expression.hpp)
    std::shared_ptr<const RegularExpression> matcher;  // the same, compiled; see set_pattern()
    std::vector<ValidationRule> rules;
    std::optional<FieldType> item_type;        // of an array's items
    Json json_schema;                          // of a json field; null: any document
    std::shared_ptr<const JsonSchema> schema;  // the same, compiled; see set_json_schema()
    std::string
        formula;  // of a calculated field, in the expression language; empty: not calculated
    // The rest of a calculated field follows from its formula; compile_formulas() in expression.hpp
    // fills it in.
    bool stored = true;       // a generated column; else computed at read
    std::string formula_sql;  // over the table's quoted columns: "price" * "quantity"
    std::string read_sql;     // the same over the alias r: r."price" * r."quantity"
    std::vector<std::string> formula_fields;  // the fields it uses, directly or through others
    std::optional<Reference> reference;

    [[nodiscard]] bool is_calculated() const noexcept { return !formula.empty(); }
    // Its table has a column of its name.
    [[nodiscard]] bool has_column() const noexcept { return !is_calculated() || stored; }

    // The type whose rules hold for its values, or, of an array, for each item.
    [[nodiscard]] FieldType scalar_type() const noexcept { return item_type.value_or(type); }
    [[nodiscard]] std::uint32_t scalar_oid() const noexcept {
        return item_type ? info(*item_type).type_oid : type_oid;
    }
    [[nodiscard]] bool is_array() const noexcept { return type == FieldType::array; }

    // Of the values of its column: of its type, but for a lookup of an imported table, whose key may
    // be of any type, of the column's.
    [[nodiscard]] ValueClass value_class() const noexcept;

    // A value must be given on create: required and nothing supplies one.
    [[nodiscard]] bool must_be_given() const noexcept {
        return required && !default_value && !default_expression && !default_in_database &&
               !system && !is_calculated();
    }
};

enum class EntityKind : std::uint8_t { system, custom, virtual_ };

// Records that refer to those of an entity, by the name under which they are reached from it: a
// relationship's, or what follows from a lookup (catalog/association_reader.cpp).
struct Association {
    std::string name;
    bool many = true;               // false: at most one refers to a record
    Uuid entity;                    // whose records these are
    Uuid field;                     // the lookup that refers here; the junction's when there is one
    std::optional<Uuid> junction;   // of a many-to-many: the entity of the links
    std::optional<Uuid> far_field;  // the junction's lookup that refers to `entity`
};

struct Entity {
    Uuid id;
    std::optional<Uuid> tenant_id;  // none: a platform entity
    std::string name;
    std::string label;
    std::string schema;
    std::string table;
    std::string resource;  // the resource of its permissions; the name, but for system entities
    EntityKind kind = EntityKind::custom;
    int version = 1;
    bool soft_delete = true;
    // Which writes the generic functions offer; system entities restrict them.
    bool creatable = true;
    bool updatable = true;
    bool deletable = true;
    std::string default_sort;  // "name:asc"; empty: by id
    // Of its texts, one of search_languages() (stemmer.hpp); empty: words are searched as they are.
    std::string search_language;
    std::vector<std::string> search_fields;  // of its search index, in order; none without one
    // False for an adopted relation: pgwright neither made its columns nor changes them.
    bool generated = true;
    bool partitioned = false;     // its rows, and what refuses them, are its partitions'
    std::string readonly_reason;  // why no record of it is written; empty: they are
    // The columns that identify a record, in order; none when nothing does.
    std::vector<std::string> key = {"id"};
    std::vector<Field> fields;  // in display order, system fields first (id) and last (stamps)
    std::vector<Association> associations;  // of a published entity; no two of one name
    Access access;                          // of a design: what its policies are made of
    bool is_public = false;                 // everybody reads some of its records, signed in or not

    [[nodiscard]] const Field* find(std::string_view field_name) const noexcept;
    [[nodiscard]] const Field* find_by_id(const Uuid& field_id) const noexcept;
};

// How the records' values of the field are read, over the alias r: r."name"; of a field that is computed
// at read, its formula in parentheses.
std::string column_sql(const Field& field);

// The type of the field's column: field_types() says it, an array's items ("text[]") and the key that a
// lookup refers to do.
std::string sql_type_of(const Field& field);
// Whether lookups may hold keys of that type.
bool is_key_type(std::uint32_t type_oid) noexcept;
// By the type's name in SQL; 0 for another one.
std::uint32_t key_type_named(std::string_view sql_type) noexcept;
// Whether it holds keys that are no uuid.
bool has_foreign_key_type(const Field& field) noexcept;
// Gives the field the OIDs of its type, as a column made for it has them.
void set_type_oids(Field& field) noexcept;
// Gives a json field its schema, which is a good one.
void set_json_schema(Field& field, Json schema);
// Whether values of the field can have a pattern: texts, and items that are.
bool takes_pattern(const Field& field) noexcept;
// Gives a field its pattern; of one that has a fault there is no matcher, and nothing is matched with it.
void set_pattern(Field& field, std::optional<std::string> pattern);

// "CASCADE", "SET NULL", "RESTRICT", "NO ACTION"
std::string_view referential_action_name(ReferentialAction action) noexcept;
std::optional<ReferentialAction> find_referential_action(std::string_view name) noexcept;

// The system entity that fields of type file refer to. The ids of system entities follow from their
// names, the same in every database: md5('pgwright:entity:files').
inline constexpr std::string_view kFilesEntityId = "194c8a80-4d07-99b9-5311-b1cb4f468e26";

// The columns every generated table has, in order; deleted_at and deleted_by with soft delete.
std::vector<Field> leading_system_fields();  // id
std::vector<Field> trailing_system_fields(
    bool soft_delete);  // created_at, updated_at, created_by, updated_by, ...

// Definitions as people write them: keys are the columns of field_definitions / entity_definitions
// (as in the catalog's tables), `fields` an array of field definitions, `reference_entity` the name or
// id of a lookup's target (`reference_entity_id` its id). Every fault is reported with its path
// ("fields[2].max_length"); unknown keys, keys the server computes (id, status, version, ...) and what
// is not available yet (versioning) are faults too. A null is as
// good as no member. The label defaults to the name in words ("First name"), lengths, decimal places
// and the input type to the type's own.
struct FieldDefinition {
    Field field;
    std::optional<std::string> description, help_text, input_type, placeholder, prefix, suffix;
    std::optional<std::string> reference_entity, reference_field;  // name or id; field to display
    std::optional<std::string> relationship_type;           // of a lookup: many-to-one, one-to-one
    std::optional<ReferentialAction> on_delete, on_update;  // of a lookup, when said
    std::optional<int> display_order;
    Json allowed_values;  // array as given, labels and all; null: any value
    Json metadata;        // object
};

// `search` is a GIN index of the words of texts (index_definition.hpp).
enum class IndexMethod : std::uint8_t { btree, hash, gin, gist, search };
struct IndexKey {
    std::string field;
    bool descending = false;
    std::optional<bool> nulls_first;  // the server's default when not said
};
// An index beyond those that fields ask for. JSON: {"name", "index_type" (btree), "field_names":
// ["city", {"field":"name","order":"desc","nulls":"last"}], "is_unique", "condition": a condition tree}.
struct IndexDefinition {
    Uuid id;
    std::string name;  // within the entity; the index in the database is <table>_<name>_ix
    IndexMethod method = IndexMethod::btree;
    std::vector<IndexKey> keys;
    bool unique = false;
    Json condition;  // null: all rows (under soft delete a unique index covers live rows only)
};

struct EntityDefinition {
    Entity entity;  // schema and fields are left empty; see all_fields()
    std::optional<std::string> plural_label, description, icon, category;
    std::optional<std::string> primary_field, default_sort_field, default_sort_order;
    std::optional<int> records_per_page;
    bool is_audited = true, is_versioned = false, supports_attachments = true,
         supports_comments = true;
    bool is_active = true;
    Json metadata;
    std::vector<FieldDefinition> fields;
    std::vector<IndexDefinition> indexes;
};

// path is put before the names of the faults: "" or "fields[2].". Both check what they parsed as
// check_field() and check_entity() do.
FieldDefinition parse_field_definition(const Json& json, std::string_view path, Faults& faults);
EntityDefinition parse_entity_definition(const Json& json, Faults& faults);
// All but the fields and indexes, which are not looked at; nothing is checked beyond each member.
EntityDefinition parse_entity_head(const Json& json, Faults& faults);

// The values of field_definitions.allowed_values: an array of values or of {"value","label"}.
std::vector<Json> allowed_values_of(const Json& stored);

// The definition's fields between the system fields, as Entity::fields has them.
std::vector<Field> all_fields(const EntityDefinition& definition);
// The definition's entity with them.
Entity whole_entity(const EntityDefinition& definition);

// The members that definitions may have.
std::span<const std::string_view> entity_members() noexcept;
std::span<const std::string_view> field_members() noexcept;

// Rules that hold whatever way the definition came (also checked again when publishing): bounds in
// order, constraints that fit the type, default within the constraints, allowed values of the type.
// A path that has a fault already gets no second one.
void check_field(const Field& field, std::string_view path, Faults& faults);
// Names unique without regard to case, primary_field and default_sort_field exist, field count
// limit; check_field() of each field; and the formulas (check_formulas() in expression.hpp) and validation
// rules (check_rules() in validation_rule.hpp), which may use every field and so are judged of the entity
// as a whole.
void check_entity(const EntityDefinition& definition, Faults& faults);

inline constexpr std::size_t kMaxFields = 500;        // per entity
inline constexpr std::size_t kMaxLabelLength = 200;   // characters
inline constexpr std::size_t kMaxTextLength = 10000;  // characters of descriptions and help texts
inline constexpr std::size_t kMaxAllowedValues = 1000;
inline constexpr std::size_t kMaxEnumLength = 255;   // characters of an enum's value
inline constexpr std::size_t kMaxRules = 20;         // validation rules of a field
inline constexpr std::size_t kMaxRuleMessage = 500;  // characters
inline constexpr std::size_t kMaxArrayItems = 10000;
inline constexpr int kMaxFieldLength =
    10485760;  // characters; PostgreSQL's own limit for varchar(n)
inline constexpr int kMaxDecimalPlaces = 100;
inline constexpr int kMaxRecordsPerPage = 100;
// Characters of a text that an index can hold: four bytes each fit a B-tree's 2704.
inline constexpr int kMaxIndexedLength = 640;

}  // namespace pgwright::core
