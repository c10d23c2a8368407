#include "schema/table_state.hpp"

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

// One row per table. Names come in their column's order or sorted, so that equal states give equal texts.
constexpr std::string_view kStateSql = R"(
SELECT c.relname::text,
       jsonb_build_object(
         'exists', true,
         'columns', (SELECT jsonb_agg(jsonb_build_object(
                                'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                                'not_null', a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid),
                                'generated', a.attgenerated <> '', 'number', a.attnum,
                                -- types of the server's own are no enums
                                'labels', CASE WHEN a.atttypid >= 16384 THEN
                                    (SELECT jsonb_agg(l.enumlabel ORDER BY l.enumsortorder)::text
                                       FROM pg_type t
                                       JOIN pg_enum l ON l.enumtypid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
                                      WHERE t.oid = a.atttypid) END,
                                'comment', CASE WHEN c.relowner <> 'pgwright_owner'::regrole
                                                THEN col_description(c.oid, a.attnum) END) ORDER BY a.attnum)
                       FROM pg_attribute a
                       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
         'constraints', (SELECT jsonb_agg(jsonb_build_object(
                                    'name', k.conname, 'definition', pg_get_constraintdef(k.oid),
                                    'active', k.convalidated) ORDER BY k.conname)
                           FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype NOT IN ('n', 't')),
         'indexes', (SELECT jsonb_agg(jsonb_build_object(
                                'name', i.relname, 'definition', pg_get_indexdef(x.indexrelid),
                                'active', x.indisvalid) ORDER BY i.relname)
                       FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid),
         'triggers', (SELECT jsonb_agg(jsonb_build_object(
                                 'name', t.tgname, 'definition', pg_get_triggerdef(t.oid),
                                 'active', t.tgenabled <> 'D') ORDER BY t.tgname)
                        FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
         'policies', (SELECT jsonb_agg(jsonb_build_object(
                                 'name', p.polname, 'active', true,
                                 'definition', format('%s %s TO %s USING %s WITH CHECK %s',
                                     CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                                     p.polcmd,
                                     (SELECT string_agg(coalesce(r.rolname::text, 'PUBLIC'), ', ' ORDER BY r.rolname)
                                        FROM unnest(p.polroles) AS o LEFT JOIN pg_roles r ON r.oid = o),
                                     pg_get_expr(p.polqual, p.polrelid),
                                     pg_get_expr(p.polwithcheck, p.polrelid))) ORDER BY p.polname)
                        FROM pg_policy p WHERE p.polrelid = c.oid),
         'row_security', c.relrowsecurity,
         'forced_row_security', c.relforcerowsecurity)::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ($2 IS NULL OR c.relname = $2))";

pg::Params named(std::string_view schema, std::string_view table) {
    pg::Params params;
    params.add_text(schema);
    if (table.empty())
        params.add_null(TEXTOID);
    else
        params.add_text(table);
    return params;
}

std::map<std::string, core::TableState> read(std::string_view schema, std::string_view table) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    const pg::Result result = pg::execute(kStateSql, named(schema, table), true);
    std::map<std::string, core::TableState> states;
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        states.emplace(row.text(0), core::parse_table_state(core::parse_json(row.text(1))));
    }
    return states;
}

}  // namespace

core::TableState read_table_state(std::string_view schema, std::string_view table) {
    auto states = read(schema, table);
    return states.empty() ? core::TableState{} : std::move(states.begin()->second);
}

std::map<std::string, core::TableState> read_table_states(std::string_view schema) {
    return read(schema, {});
}

core::Surroundings read_surroundings(std::string_view schema, std::string_view table) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    core::Surroundings surroundings;
    const pg::Result others = pg::execute(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_index x ON x.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = x.indrelid"
        " WHERE n.nspname = $1 AND coalesce(t.relname, c.relname) IS DISTINCT FROM $2",
        named(schema, table), true);
    for (std::size_t i = 0; i < others.rows(); ++i)
        surroundings.taken.insert(others.row(i).text(0));
    const pg::Result trigram = pg::execute(
        "SELECT n.nspname::text FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace"
        " WHERE x.extname = 'pg_trgm'",
        pg::Params(), true);
    if (!trigram.empty()) surroundings.trigram_schema = trigram.row(0).text(0);
    return surroundings;
}

}  // namespace pgwright::schema
