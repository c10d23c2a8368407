// The statements of relation_reader.cpp. Of each: $1 the tenant, $2 a schema's name or null, $3 a
// relation's OID or null.
#pragma once

namespace pgwright::catalog {

// Schemas the tenant may import from.
inline constexpr const char* kPlaces = R"sql(
WITH place AS MATERIALIZED (
    SELECT n.oid, n.nspname
      FROM pg_namespace n
     WHERE n.nspname IN (SELECT t.schema_name FROM pgwright.tenants t WHERE t.id = $1
                         UNION ALL
                         SELECT a.schema_name FROM pgwright.attached_schemas a WHERE a.tenant_id = $1)
       AND n.nspname !~ '^(pg_|pgwright|information_schema$)'
       AND NOT EXISTS (SELECT FROM pgwright.tenants t WHERE t.schema_name = n.nspname AND t.id <> $1)
       AND ($2::text IS NULL OR n.nspname = $2)))sql";

// Each part is grouped by relation and joined once, so that a schema of thousands is one pass over the
// server's catalogs. A key is the primary key, or else the narrowest unique key of required columns.
inline constexpr const char* kRelations = R"sql(,
relation AS MATERIALIZED (
    SELECT c.oid, c.relname, c.relkind, c.reltuples, c.relispartition, p.nspname,
           (SELECT x.extname FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
             WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
               AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e') AS extension
      FROM pg_class c JOIN place p ON p.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ($3::oid IS NULL OR c.oid = $3)),
attribute AS MATERIALIZED (
    SELECT r.oid AS relation, a.attnum, a.attname, a.atttypid, a.attidentity, a.attgenerated,
           NOT (a.attnotnull OR t.typnotnull) AS nullable,
           coalesce(pg_get_expr(f.adbin, f.adrelid), t.typdefault) AS expression,
           EXISTS (SELECT FROM pg_depend d JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
                    WHERE d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass) AS from_sequence,
           CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END AS base,
           CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier,
           format_type(a.atttypid, a.atttypmod) AS type,
           pgwright.field_type_of(a.atttypid) AS field_type,
           CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN pgwright.field_type_of(t.typelem) END AS item_type
      FROM relation r
      JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum),
columns AS (
    SELECT a.relation, count(*) AS number, json_agg(json_build_object(
               'name', a.attname, 'type', a.type, 'field_type', a.field_type, 'item_type', a.item_type, 'nullable', a.nullable,
               'default', CASE WHEN a.attgenerated = '' THEN a.expression END,
               'generated', CASE WHEN a.attgenerated <> '' THEN a.expression END,
               'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
               'from_sequence', a.from_sequence OR a.attidentity <> '',
               'max_length', CASE WHEN a.base IN (1042, 1043) AND a.modifier > 4 THEN a.modifier - 4 END,
               'decimal_places', CASE WHEN a.base = 1700 AND a.modifier > 4 THEN greatest(((a.modifier - 4) & 2047 # 1024) - 1024, 0) END,
               'allowed_values', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.base),
               'comment', col_description(a.relation, a.attnum)) ORDER BY a.attnum) AS list
      FROM attribute a GROUP BY a.relation),
index AS MATERIALIZED (
    SELECT i.indrelid AS relation, i.indexrelid, c.relname, i.indisprimary, i.indisunique, i.indnkeyatts,
           k.columns, i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL
                      AND k.columns IS NOT NULL AS is_key, k.required
      FROM relation r
      JOIN pg_index i ON i.indrelid = r.oid
      JOIN pg_class c ON c.oid = i.indexrelid
      CROSS JOIN LATERAL (
           SELECT CASE WHEN count(a.attname) = i.indnkeyatts THEN json_agg(a.attname ORDER BY x.n) END AS columns,
                  coalesce(bool_and(a.attnotnull OR t.typnotnull), false) AS required
             FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS x (attnum, n)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = x.attnum
             LEFT JOIN pg_type t ON t.oid = a.atttypid
            WHERE x.n <= i.indnkeyatts) k),
indexes AS (
    SELECT i.relation, json_agg(json_build_object('name', i.relname, 'columns', i.columns, 'is_unique', i.indisunique,
               'is_primary', i.indisprimary, 'definition', pg_get_indexdef(i.indexrelid)) ORDER BY i.relname) AS list,
           json_agg(i.columns ORDER BY i.relname) FILTER (WHERE i.is_key AND NOT i.indisprimary) AS unique_keys
      FROM index i GROUP BY i.relation),
key AS (
    SELECT DISTINCT ON (i.relation) i.relation, i.columns, i.indisprimary
      FROM index i WHERE i.is_key AND i.required
     ORDER BY i.relation, i.indisprimary DESC, i.indnkeyatts, i.indexrelid),
entity AS MATERIALIZED (
    SELECT e.id, e.name, e.schema_name, e.table_name, e.key_fields, e.tenant_id = $1 OR e.tenant_id IS NULL AS visible
      FROM pgwright.entity_definitions e WHERE NOT e.is_deleted),
constraints AS (
    SELECT k.conrelid AS relation,
           json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid)) ORDER BY k.conname)
               FILTER (WHERE k.contype = 'c') AS checks,
           json_agg(json_build_object('name', k.conname, 'columns', f.columns,
               'target', json_build_object('schema', tn.nspname, 'name', t.relname, 'columns', f.targets,
                                           'entity', CASE WHEN e.visible THEN e.name END,
                                           'is_key', f.targets::jsonb = coalesce(e.key_fields, tk.columns::jsonb)),
               'on_delete', f.on_delete, 'on_update', f.on_update) ORDER BY k.conname)
               FILTER (WHERE k.contype = 'f') AS foreign_keys
      FROM relation r
      JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype IN ('c', 'f')
      LEFT JOIN pg_class t ON t.oid = k.confrelid
      LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
      LEFT JOIN entity e ON e.schema_name = tn.nspname AND e.table_name = t.relname
      LEFT JOIN key tk ON tk.relation = t.oid
      CROSS JOIN LATERAL (
           SELECT json_agg(a.attname ORDER BY x.n) AS columns, json_agg(b.attname ORDER BY x.n) AS targets,
                  CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END AS on_delete,
                  CASE k.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END AS on_update
             FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS x (attnum, target, n)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.attnum
             LEFT JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = x.target
            WHERE k.contype = 'f') f
     GROUP BY k.conrelid),
parents AS (
    SELECT h.inhrelid AS relation, json_agg(format('%I.%I', n.nspname, c.relname) ORDER BY h.inhseqno) AS list,
           min(format('%I.%I', n.nspname, c.relname)) AS first
      FROM relation r
      JOIN pg_inherits h ON h.inhrelid = r.oid
      JOIN pg_class c ON c.oid = h.inhparent
      JOIN pg_namespace n ON n.oid = c.relnamespace
     GROUP BY h.inhrelid),
described AS (
    SELECT r.oid, r.nspname, r.relname, e.id IS NOT NULL AS is_taken, CASE WHEN e.visible THEN e.name END AS entity,
           CASE r.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned_table' WHEN 'v' THEN 'view'
                          WHEN 'm' THEN 'materialized_view' ELSE 'foreign_table' END AS kind,
           CASE WHEN r.extension IS NOT NULL THEN 'belongs to the extension ' || r.extension
                WHEN e.id IS NOT NULL THEN 'is an entity already'
                WHEN coalesce(c.number, 0) = 0 THEN 'has no columns'
                WHEN c.number > 500 THEN 'has more than 500 columns' END AS obstacle,
           CASE WHEN r.relkind = 'v' THEN 'it is a view, which holds no records of its own'
                WHEN r.relkind = 'm' THEN 'it is a materialized view, whose records change when it is refreshed'
                WHEN r.relkind = 'f' THEN 'it is a foreign table, which row security cannot guard'
                WHEN r.relispartition THEN 'it is a partition of ' || p.first || ', through which its records are managed'
                WHEN k.columns IS NULL THEN 'it has no primary key and no unique key of required columns' END AS read_only_reason,
           r.relispartition, r.reltuples, c.list AS columns, k.columns AS key, k.indisprimary, i.list AS indexes, i.unique_keys,
           x.checks, x.foreign_keys, p.first AS parent, p.list AS parents
      FROM relation r
      LEFT JOIN columns c ON c.relation = r.oid
      LEFT JOIN key k ON k.relation = r.oid
      LEFT JOIN indexes i ON i.relation = r.oid
      LEFT JOIN constraints x ON x.relation = r.oid
      LEFT JOIN parents p ON p.relation = r.oid
      LEFT JOIN entity e ON e.schema_name = r.nspname AND e.table_name = r.relname),
document AS (
    SELECT d.oid, d.nspname, d.relname, json_build_object(
               'schema', d.nspname, 'name', d.relname, 'relation', format('%I.%I', d.nspname, d.relname), 'kind', d.kind,
               'comment', obj_description(d.oid, 'pg_class'),
               'estimated_rows', CASE WHEN d.reltuples >= 0 THEN d.reltuples::bigint END,
               'importable', d.obstacle IS NULL, 'obstacle', d.obstacle, 'entity', d.entity,
               'read_only_reason', d.read_only_reason,
               'partition_of', CASE WHEN d.relispartition THEN d.parent END,
               'inherits', CASE WHEN NOT d.relispartition THEN coalesce(d.parents, '[]') ELSE '[]' END,
               'columns', coalesce(d.columns, '[]'), 'key', coalesce(d.key, '[]'),
               'primary_key', CASE WHEN d.indisprimary THEN d.key END, 'unique_keys', coalesce(d.unique_keys, '[]'),
               'foreign_keys', coalesce(d.foreign_keys, '[]'), 'checks', coalesce(d.checks, '[]'),
               'indexes', coalesce(d.indexes, '[]')) AS json
      FROM described d))sql";

inline constexpr const char* kAll =
    "\nSELECT coalesce(json_agg(json ORDER BY nspname, relname), '[]')::text FROM document";
inline constexpr const char* kOne = "\nSELECT json::text FROM document";

// Who may use a relation ($1) already. A serial's sequence is used by whoever inserts.
inline constexpr const char* kAccess = R"sql(
SELECT json_build_object(
           'row_security', c.relrowsecurity,
           'policies', (SELECT coalesce(json_agg(p.polname ORDER BY p.polname), '[]') FROM pg_policy p WHERE p.polrelid = c.oid),
           'privileges', (SELECT coalesce(json_agg(json_build_object('grantee', g.rolname, 'privilege', a.privilege_type)), '[]')
                            FROM aclexplode(c.relacl) a JOIN pg_roles g ON g.oid = a.grantee
                           WHERE g.rolname IN ('pgwright_runtime', 'pgwright_user', 'pgwright_owner')),
           'sequences', (SELECT coalesce(json_agg(json_build_object('schema', n.nspname, 'name', s.relname,
                                    'grantees', (SELECT coalesce(json_agg(g.rolname), '[]')
                                                   FROM aclexplode(s.relacl) a JOIN pg_roles g ON g.oid = a.grantee
                                                  WHERE a.privilege_type = 'USAGE' AND g.rolname IN ('pgwright_runtime', 'pgwright_user')))
                                    ORDER BY n.nspname, s.relname), '[]')
                           FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace
                          WHERE s.relkind = 'S' AND s.oid IN (
                                SELECT d.refobjid FROM pg_attrdef f JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
                                 WHERE f.adrelid = c.oid AND d.refclassid = 'pg_class'::regclass)))::text
  FROM pg_class c WHERE c.oid = $1)sql";

}  // namespace pgwright::catalog
