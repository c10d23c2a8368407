-- From a definition to a table: the scripts that preview shows, and what publishing leaves in the
-- catalogs. The expected output is the reference of generated SQL.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('ddl');

-- Every field type, every constraint, every kind of default.
SELECT pg_temp.pick(pgwright.create_entity('{"name":"product","label":"Product","plural_label":"Products","category":"Sales",
    "primary_field":"title","default_sort_field":"title","fields":[
    {"name":"title","field_type":"string","is_required":true,"min_length":2,"max_length":120},
    {"name":"notes","field_type":"text"},
    {"name":"code","field_type":"string","max_length":20,"is_unique":true},
    {"name":"stage","field_type":"string","default_value":"new","allowed_values":["new",{"value":"won","label":"It''s won"},"a\\b"]},
    {"name":"stock","field_type":"integer","min_value":0,"max_value":100000,"is_indexed":true},
    {"name":"views","field_type":"biginteger","min_value":0,"default_value":0},
    {"name":"weight","field_type":"decimal","decimal_places":3},
    {"name":"price","field_type":"currency","is_required":true,"min_value":0},
    {"name":"discount","field_type":"percentage","min_value":0,"max_value":100},
    {"name":"rating","field_type":"integer","allowed_values":[1,2,3]},
    {"name":"active","field_type":"boolean","is_required":true,"default_value":true},
    {"name":"born_on","field_type":"date","default_expression":"today"},
    {"name":"seen_at","field_type":"datetime","default_value":"2024-02-29T12:00:00"},
    {"name":"opens","field_type":"time","default_value":"09:30"},
    {"name":"support","field_type":"email","is_indexed":true},
    {"name":"page","field_type":"url"},
    {"name":"hotline","field_type":"phone"},
    {"name":"extra","field_type":"json","default_value":{"a":[1,null]}},
    {"name":"external_id","field_type":"uuid","default_expression":"new_uuid"},
    {"name":"owner_id","field_type":"lookup","label":"Owner","reference_entity":"users","default_expression":"current_user_id"},
    {"name":"parent_id","field_type":"lookup","label":"Parent","reference_entity":"product"}]}'),
    'name', 'label', 'status', 'version', 'schema_name', 'table_name');

-- The fields, as the catalog keeps them.
SELECT f ->> 'name' AS name, f ->> 'label' AS label, f ->> 'field_type' AS type, f ->> 'data_type' AS data_type, f ->> 'input_type' AS input,
       f ->> 'max_length' AS max_length, f ->> 'decimal_places' AS places, f ->> 'default_value' AS "default", f ->> 'default_expression' AS expression
  FROM json_array_elements(pgwright.list_fields('product')) f;

-- What publishing would do. The preview changes nothing.
SELECT pgwright.preview_migration('product') AS preview \gset
SELECT pg_temp.tidy((:'preview'::json) ->> 'up_script') AS up_script;
SELECT (:'preview'::json) ->> 'down_script' AS down_script;
SELECT c ->> 'operation' AS operation, c ->> 'object' AS object, c ->> 'lock' AS lock, c ->> 'risk' AS risk, c ->> 'summary' AS summary
  FROM json_array_elements((:'preview'::json) -> 'changes') c;
SELECT (:'preview'::json) -> 'estimated_impact' AS estimated_impact;
SELECT to_regclass('t_ddl.product'), pgwright.get_entity('product') ->> 'status' AS status;

-- Publishing does exactly that.
SELECT pgwright.publish_entity('product', 'first version') AS migration \gset
SELECT pg_temp.pick(:'migration', 'migration_name', 'migration_type', 'from_version', 'to_version', 'status', 'error_message', 'commit_message');
SELECT (:'migration'::json) ->> 'up_script' = (:'preview'::json) ->> 'up_script' AS same_up,
       (:'migration'::json) ->> 'down_script' = (:'preview'::json) ->> 'down_script' AS same_down;
SELECT pgwright.get_entity('product') ->> 'status' AS status;

-- What is there now, as the server tells it.
SELECT a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
       pg_get_expr(d.adbin, d.adrelid) AS "default", col_description(a.attrelid, a.attnum) AS comment
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = 't_ddl.product'::regclass AND a.attnum > 0 ORDER BY a.attnum;
SELECT conname, convalidated AS valid, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't_ddl.product'::regclass ORDER BY contype, conname COLLATE "C";
SELECT indexdef FROM pg_indexes WHERE schemaname = 't_ddl' AND tablename = 'product' ORDER BY indexname COLLATE "C";
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 't_ddl.product'::regclass AND NOT tgisinternal ORDER BY tgname;
SELECT relowner::regrole AS owner, relrowsecurity AS row_security, relforcerowsecurity AS forced, obj_description(oid) AS comment
  FROM pg_class WHERE oid = 't_ddl.product'::regclass;
SELECT policyname, permissive, roles, cmd, pg_temp.tidy(qual) AS using, pg_temp.tidy(with_check) AS with_check
  FROM pg_policies WHERE schemaname = 't_ddl' AND tablename = 'product' ORDER BY policyname;
SELECT acl.grantee::regrole::text COLLATE "C" AS grantee, string_agg(acl.privilege_type, ' ' ORDER BY acl.privilege_type) AS privileges
  FROM pg_class c, aclexplode(c.relacl) acl WHERE c.oid = 't_ddl.product'::regclass GROUP BY 1 ORDER BY 1;
SELECT acl.grantee::regrole::text COLLATE "C" AS grantee, string_agg(acl.privilege_type, ' ' ORDER BY acl.privilege_type) AS privileges
  FROM pg_namespace n, aclexplode(n.nspacl) acl WHERE n.nspname = 't_ddl' GROUP BY 1 ORDER BY 1;

-- The table and the record functions agree: a record of defaults.
SELECT pg_temp.tidy((pgwright.create_record('product', '{"title":"Lamp","price":12.5,"born_on":"2024-01-31"}') -> 'data')::text);

-- A second publish of the same version is refused. A change of what is published is drafted, and may be discarded.
SELECT pg_temp.try($$SELECT pgwright.publish_entity('product')$$);
SELECT pg_temp.pick(pgwright.create_field('product', '{"name":"colour","field_type":"string"}'), 'name', 'data_type');
SELECT pg_temp.pick(pgwright.get_entity('product'), 'status', 'version', 'draft_version');
SELECT pg_temp.pick(pgwright.discard_draft('product'), 'status', 'version');
SELECT pg_temp.pick(pgwright.preview_migration('product'), 'in_step', 'up_script', 'down_script', 'changes', 'blockers', 'warnings');

-- Two entities, one referring to the other: the target goes first. A field may be added to a draft.
SELECT pg_temp.pick(pgwright.create_entity('{"name":"review","fields":[{"name":"product_id","field_type":"lookup","reference_entity":"product","is_required":true}]}'), 'name', 'status');
SELECT pg_temp.pick(pgwright.create_entity('{"name":"reply","supports_soft_delete":false,"fields":[{"name":"review_id","field_type":"lookup","reference_entity":"review","relationship_type":"one-to-one"}]}'), 'name', 'status');
SELECT pg_temp.pick(pgwright.create_field('review', '{"name":"body","field_type":"text","is_required":true}'), 'name', 'field_type', 'is_required', 'display_order');
SELECT pg_temp.try($$SELECT pgwright.publish_entity('reply')$$);
SELECT pgwright.publish_entity('review') ->> 'status' AS review, pgwright.publish_entity('reply') ->> 'status' AS reply;
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid IN ('t_ddl.review'::regclass, 't_ddl.reply'::regclass) AND contype = 'f' ORDER BY conname COLLATE "C";
-- Without soft delete: no deleted_* columns, and a unique index over all rows.
SELECT indexdef FROM pg_indexes WHERE schemaname = 't_ddl' AND tablename = 'reply' ORDER BY indexname COLLATE "C";
SELECT string_agg(attname, ' ' ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = 't_ddl.reply'::regclass AND attnum > 0;
SELECT policyname, cmd, pg_temp.tidy(qual) AS using, pg_temp.tidy(with_check) AS with_check
  FROM pg_policies WHERE schemaname = 't_ddl' AND tablename = 'reply' AND cmd = 'UPDATE';

-- Names of 63 bytes: what is derived from them is shortened, differs, and leads back to the field.
SELECT pg_temp.publish(format('{"name":"%1$s","fields":[{"name":"%2$s1","field_type":"string","is_unique":true,"max_length":10},
    {"name":"%2$s2","field_type":"string","is_unique":true,"max_length":10}]}', rpad('long', 63, 'g'), rpad('field', 62, 'd'))::json);
SELECT octet_length(relname) AS bytes, relname FROM pg_class WHERE relnamespace = 't_ddl'::regnamespace AND relname LIKE 'long%' ORDER BY relkind, relname COLLATE "C";
SELECT octet_length(conname) AS bytes, conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid = ('t_ddl.' || rpad('long', 63, 'g'))::regclass ORDER BY conname COLLATE "C";
SELECT pg_temp.try(format($$SELECT (pgwright.create_record('%s', '{"%s2":"x"}') -> 'data')::text IS NOT NULL$$, rpad('long', 63, 'g'), rpad('field', 62, 'd')));
SELECT pg_temp.try(format($$SELECT pgwright.create_record('%s', '{"%s2":"x"}')$$, rpad('long', 63, 'g'), rpad('field', 62, 'd')));

-- Names that meet: sale.line_no and sale_line.no would both make sale_line_no_key.
SELECT pg_temp.publish('{"name":"sale","fields":[{"name":"line_no","field_type":"integer","is_unique":true}]}');
SELECT pg_temp.publish('{"name":"sale_line","fields":[{"name":"no","field_type":"integer","is_unique":true}]}');
SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 't_ddl' AND tablename LIKE 'sale%' ORDER BY 1, 2;
SELECT pgwright.create_record('sale_line', '{"no":1}') IS NOT NULL AS created;
SELECT pg_temp.try($$SELECT pgwright.create_record('sale_line', '{"no":1}')$$);

-- A table of the name that is there already is not touched.
CREATE TABLE t_ddl.squatter ();
SELECT pg_temp.try($$SELECT pg_temp.publish('{"name":"squatter","fields":[{"name":"a","field_type":"string"}]}')$$);
DROP TABLE t_ddl.squatter;

-- A statement that fails undoes those before it, and is on record. Here the index cannot be made, and
-- the table was made before it.
SELECT pgwright.create_entity('{"name":"doomed","fields":[{"name":"a","field_type":"string","is_unique":true}]}') IS NOT NULL AS created;
CREATE FUNCTION public.no_index() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no indexes today (the table is %)', to_regclass('t_ddl.doomed'); END $$;
CREATE EVENT TRIGGER no_index ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION public.no_index();
SELECT pg_temp.pick(pgwright.publish_entity('doomed', 'too early'), 'status', 'error_message', 'commit_message', 'migration_type', 'to_version');
SELECT status AS http_status, pg_temp.tidy(body::text) AS body FROM pgwright.http_publish_entity('doomed');
DROP EVENT TRIGGER no_index;
DROP FUNCTION public.no_index();
SELECT to_regclass('t_ddl.doomed'), pgwright.get_entity('doomed') ->> 'status' AS status;
SELECT status AS http_status, body ->> 'status' AS status FROM pgwright.http_publish_entity('doomed');
SELECT pg_temp.pick(m, 'status', 'error_message', 'commit_message') FROM json_array_elements(pgwright.list_migrations('doomed')) m;

-- The log of schema operations knows them all.
SELECT op_type, o.status, error FROM pgwright.schema_ops o JOIN pgwright.entity_definitions e ON e.id = o.entity_id
 WHERE e.name = 'doomed' ORDER BY o.id;

-- The way back, by hand: what the up scripts made is gone, and nothing else.
SELECT pgwright.list_migrations('reply') -> 0 ->> 'down_script' AS down \gset
:down
SELECT pgwright.list_migrations('review') -> 0 ->> 'down_script' AS down \gset
:down
SELECT (:'migration'::json) ->> 'down_script' AS down \gset
:down
SELECT relname FROM pg_class WHERE relnamespace = 't_ddl'::regnamespace AND relname ~ '^(product|review|reply)';
SELECT conname FROM pg_constraint WHERE connamespace = 't_ddl'::regnamespace AND conname ~ '^(product|review|reply)';
SELECT tablename, policyname FROM pg_policies WHERE schemaname = 't_ddl' AND tablename ~ '^(product|review|reply)';
