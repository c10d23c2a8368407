-- Every field type becomes a column, and every rule of a field a real constraint of predictable name,
-- which holds for whoever writes: here a superuser, past the engine and past row security.
\ir setup.psql
SELECT plan(103);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "target", "fields": [{"name": "title", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.publish_entity('target') \g /dev/null

-- Every type ------------------------------------------------------------------------------------------------

CREATE TABLE kind (n serial, field_type text, data_type text, good text, bad text, state text, violated text);
INSERT INTO kind (field_type, data_type, good, bad, state, violated) VALUES
    ('string', 'text', repeat('ä', 255), repeat('a', 256), '23514', 'plain_f_string_length'),
    ('text', 'text', repeat('long ', 4000), NULL, NULL, NULL),
    ('integer', 'integer', '2147483647', '2147483648', '22003', NULL),
    ('biginteger', 'bigint', '9223372036854775807', '9223372036854775808', '22003', NULL),
    ('decimal', 'numeric', '0.00000000000000000000000000000001', 'NaN', '23514', 'plain_f_decimal_range'),
    ('currency', 'numeric', '99999999999999999999.99', '0.001', '23514', 'plain_f_currency_scale'),
    ('percentage', 'numeric', '12.5', '12.555', '23514', 'plain_f_percentage_scale'),
    ('boolean', 'boolean', 'true', 'perhaps', '22P02', NULL),
    ('date', 'date', '2024-02-29', '2023-02-29', '22008', NULL),
    ('datetime', 'timestamp with time zone', '2024-02-29T23:59:59.123456+05:30', '2024-13-01', '22008', NULL),
    ('time', 'time without time zone', '23:59:59.5', '25:00', '22008', NULL),
    ('email', 'text', 'a.b+c@example.org', 'no at sign', '23514', 'plain_f_email_format'),
    ('url', 'text', 'https://example.org/a?b=c#d', 'ftp://example.org', '23514', 'plain_f_url_format'),
    ('phone', 'text', '+49 (30) 123-456 ext. 7', 'call me', '23514', 'plain_f_phone_format'),
    ('json', 'jsonb', '{"a": [1, null, "ü"]}', '{"a":', '22P02', NULL),
    ('uuid', 'uuid', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', 'not-a-uuid', '22P02', NULL),
    ('lookup', 'uuid', NULL, '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000', '23503', 'plain_f_lookup_fkey');

SELECT is(pgwright.create_entity(json_build_object('name', 'plain', 'fields', json_agg(json_strip_nulls(json_build_object(
        'name', 'f_' || field_type, 'field_type', field_type, 'reference_entity', CASE field_type WHEN 'lookup' THEN 'target' END)) ORDER BY n))) ->> 'status',
    'draft', 'an entity may have a field of every type') FROM kind;
SELECT is(pgwright.publish_entity('plain') ->> 'status', 'completed', 'and be published');
INSERT INTO t_acme.target (id, title) VALUES ('0189aaaa-bbbb-7ccc-8ddd-eeeeffff9999', 'here');
UPDATE kind SET good = '0189aaaa-bbbb-7ccc-8ddd-eeeeffff9999' WHERE field_type = 'lookup';

SELECT is(format_type(a.atttypid, a.atttypmod), data_type, format('a field of type %s is a column of type %s', field_type, data_type))
  FROM kind JOIN pg_attribute a ON attrelid = 't_acme.plain'::regclass AND attname = 'f_' || field_type ORDER BY n;
CREATE FUNCTION insert_into(tbl text, col text, value text, type text) RETURNS text LANGUAGE sql AS $$
    SELECT format('INSERT INTO t_acme.%I (%I) VALUES (%L::%s)', tbl, col, value, type)
$$;
SELECT is(error_of(insert_into('plain', 'f_' || field_type, good, data_type)), NULL, format('%s takes %s', field_type, left(good, 40))) FROM kind ORDER BY n;
SELECT is(e ->> 'sqlstate' || coalesce(' ' || (e ->> 'constraint'), ''), state || coalesce(' ' || violated, ''), format('%s refuses %s', field_type, left(bad, 40)))
  FROM kind, error_of(insert_into('plain', 'f_' || field_type, bad, data_type)) e WHERE bad IS NOT NULL ORDER BY n;
SELECT is(count(*), 17::bigint, 'the fields are not required unless they say so') FROM t_acme.plain WHERE num_nulls(f_string, f_text) > 0;

SELECT is(array_agg(attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' !' ELSE '' END ORDER BY attnum),
    '{"id uuid !","created_at timestamp with time zone !","updated_at timestamp with time zone !","created_by uuid","updated_by uuid","deleted_at timestamp with time zone","deleted_by uuid"}',
    'every table has id and stamps') FROM pg_attribute WHERE attrelid = 't_acme.plain'::regclass AND attnum > 0 AND attname NOT LIKE 'f\_%';

-- Rules -----------------------------------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "ruled", "supports_soft_delete": false, "fields": [
    {"name": "code", "field_type": "string", "is_required": true, "is_unique": true, "default_value": "x''y\\z"},
    {"name": "pin", "field_type": "string", "min_length": 4, "max_length": 6},
    {"name": "notes", "field_type": "text", "min_length": 2},
    {"name": "age", "field_type": "integer", "min_value": 0, "max_value": 150, "is_indexed": true, "default_value": 18},
    {"name": "rank", "field_type": "integer", "allowed_values": [1, 2, 3]},
    {"name": "views", "field_type": "biginteger", "min_value": 9007199254740993},
    {"name": "ratio", "field_type": "decimal", "min_value": -0.5, "max_value": 0.5, "decimal_places": 3},
    {"name": "price", "field_type": "currency", "min_value": 0},
    {"name": "share", "field_type": "percentage", "max_value": 100, "decimal_places": 0},
    {"name": "colour", "field_type": "string", "allowed_values": ["red", {"value": "gr''ün", "label": "Green"}]},
    {"name": "mail", "field_type": "email", "max_length": 12},
    {"name": "done", "field_type": "boolean", "is_required": true, "default_value": false},
    {"name": "born", "field_type": "date", "default_expression": "today"},
    {"name": "seen", "field_type": "datetime", "default_expression": "now"},
    {"name": "starts", "field_type": "datetime", "default_value": "2024-01-01T00:00:00"},
    {"name": "tags", "field_type": "json", "default_value": {"a": [1]}},
    {"name": "ref", "field_type": "uuid", "default_expression": "new_uuid"},
    {"name": "keeper", "field_type": "lookup", "reference_entity": "users", "default_expression": "current_user_id"},
    {"name": "partner", "field_type": "lookup", "reference_entity": "target", "relationship_type": "one-to-one"}]}') \g /dev/null
SET timezone = 'Pacific/Auckland';  -- the meaning of a default does not depend on who publishes
SELECT is(pgwright.publish_entity('ruled') ->> 'status', 'completed', 'rules of every kind are published');
SET timezone = 'UTC';

SELECT is(array_agg(conname::text ORDER BY conname), '{ruled_age_range,ruled_code_length,ruled_colour_allowed,ruled_colour_length,ruled_keeper_fkey,
        ruled_mail_format,ruled_mail_length,ruled_notes_length,ruled_partner_fkey,ruled_pin_length,ruled_pkey,ruled_price_range,ruled_price_scale,
        ruled_rank_allowed,ruled_ratio_range,ruled_ratio_scale,ruled_share_range,ruled_share_scale,ruled_views_range}',
    'constraints are named <table>_<field>_<rule>') FROM pg_constraint WHERE conrelid = 't_acme.ruled'::regclass;
SELECT is(array_agg(c.relname || CASE WHEN indisunique THEN ' unique' ELSE '' END ORDER BY c.relname COLLATE "C"),
    '{ruled_age_idx,"ruled_code_key unique",ruled_keeper_idx,"ruled_partner_key unique","ruled_pkey unique"}',
    'so are indexes; a unique one serves a lookup too') FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE indrelid = 't_acme.ruled'::regclass;

SELECT error_of($$INSERT INTO t_acme.ruled (pin) VALUES ('1234')$$) \g /dev/null
SELECT results_eq($$SELECT code, age, done, born = current_date, seen = now() OR seen < now(), starts, tags, ref IS NOT NULL, keeper = (SELECT user_id FROM actor WHERE name = 'ann') FROM t_acme.ruled$$,
    $$VALUES ('x''y\z', 18, false, true, true, timestamptz '2024-01-01 00:00:00+00', '{"a": [1]}'::jsonb, true, true)$$, 'defaults are the columns'' own');

CREATE TABLE refusal (n serial, col text, value text, violated text);
INSERT INTO refusal (col, value, violated) VALUES
    ('code', NULL, 'not null'), ('code', 'x''y\z', 'ruled_code_key'), ('code', repeat('x', 256), 'ruled_code_length'),
    ('pin', '123', 'ruled_pin_length'), ('pin', '1234567', 'ruled_pin_length'), ('pin', 'äöüß', NULL),
    ('notes', 'x', 'ruled_notes_length'), ('notes', NULL, NULL),
    ('age', '-1', 'ruled_age_range'), ('age', '151', 'ruled_age_range'), ('age', '0', NULL), ('age', '150', NULL),
    ('rank', '4', 'ruled_rank_allowed'), ('rank', '3', NULL), ('rank', NULL, NULL),
    ('views', '9007199254740992', 'ruled_views_range'), ('views', '9007199254740993', NULL),
    ('ratio', '0.501', 'ruled_ratio_range'), ('ratio', '-0.5001', 'ruled_ratio_range,ruled_ratio_scale'), ('ratio', '0.0001', 'ruled_ratio_scale'),
    ('ratio', '0.1000', NULL), ('ratio', 'NaN', 'ruled_ratio_range'),
    ('price', '-0.01', 'ruled_price_range'), ('price', 'Infinity', 'ruled_price_range'), ('price', '1.999', 'ruled_price_scale'), ('price', '0', NULL),
    ('share', '-Infinity', 'ruled_share_range'), ('share', '100.5', 'ruled_share_range,ruled_share_scale'), ('share', '1.5', 'ruled_share_scale'), ('share', '-5', NULL),
    ('colour', 'Red', 'ruled_colour_allowed'), ('colour', 'gr''ün', NULL), ('colour', '', 'ruled_colour_allowed'),
    ('mail', 'ab@de.example', 'ruled_mail_length'), ('mail', 'a@b.example', NULL), ('mail', 'a@b', 'ruled_mail_format'),
    ('done', NULL, 'not null'),
    ('keeper', '00000000-0000-0000-0000-000000000001', 'ruled_keeper_fkey'), ('partner', '00000000-0000-0000-0000-000000000001', 'ruled_partner_fkey');
-- Each starts from a row that is right, and is undone.
CREATE FUNCTION violation(col text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    violated text;
BEGIN
    EXECUTE format('INSERT INTO t_acme.ruled (%s%I) VALUES (%s%L)', CASE WHEN col <> 'code' THEN 'code, ' END, col, CASE WHEN col <> 'code' THEN '''other'', ' END, value);
    RAISE EXCEPTION SQLSTATE 'XUNDO';
EXCEPTION
    WHEN SQLSTATE 'XUNDO' THEN RETURN NULL;
    WHEN not_null_violation THEN RETURN 'not null';
    WHEN integrity_constraint_violation OR check_violation OR unique_violation OR foreign_key_violation THEN
        GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
        RETURN violated;
END $$;
-- Nobody in particular: the constraints alone decide, without the trigger's look at who is referred to.
SELECT become('nobody') \g /dev/null
SELECT ok(violation(col, value) IS NOT DISTINCT FROM violated OR violation(col, value) = ANY (string_to_array(violated, ',')),
    format('%s %s %s', col, CASE WHEN violated IS NULL THEN 'takes' ELSE 'refuses' END, coalesce(left(value, 20), 'null'))) FROM refusal ORDER BY n;

SELECT become('ann') \g /dev/null

-- Soft delete: unique among the living ------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "soft", "fields": [{"name": "code", "field_type": "string", "is_unique": true, "is_indexed": true}]}') \g /dev/null
SELECT pgwright.publish_entity('soft') \g /dev/null
INSERT INTO t_acme.soft (code, deleted_at) VALUES ('a', now()), ('a', now());
SELECT is(error_of($$INSERT INTO t_acme.soft (code) VALUES ('a')$$), NULL, 'a deleted record''s value may be used again');
SELECT is(error_of($$INSERT INTO t_acme.soft (code) VALUES ('a')$$) ->> 'constraint', 'soft_code_key', 'a living one''s may not');
SELECT is(pg_get_expr(indpred, indrelid), '(deleted_at IS NULL)', 'the unique index covers live rows only') FROM pg_index WHERE indexrelid = 't_acme.soft_code_key'::regclass;

-- Names over 63 bytes -----------------------------------------------------------------------------------------

\set long 'abcdefghij_abcdefghij_abcdefghij_abcdefghij_abcdefghij_abcde'
SELECT pgwright.create_entity(json_build_object('name', 'e_' || :'long', 'fields', json_build_array(
    json_build_object('name', :'long' || '_1', 'field_type', 'string', 'is_unique', true, 'min_length', 2),
    json_build_object('name', :'long' || '_2', 'field_type', 'string', 'is_unique', true, 'min_length', 2),
    json_build_object('name', :'long' || '_3', 'field_type', 'integer', 'is_indexed', true, 'max_value', 9),
    json_build_object('name', :'long' || '_4', 'field_type', 'integer', 'is_indexed', true, 'max_value', 9)))) \g /dev/null
SELECT is(pgwright.publish_entity('e_' || :'long') ->> 'error_message', NULL, 'long names that begin alike do not collide');
SELECT is((SELECT count(DISTINCT relname) FROM pg_index i JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = format('t_acme.e_%s', :'long')::regclass), 5::bigint,
    'each index has a name of its own');
SELECT pgwright.create_record('e_' || :'long', json_build_object(:'long' || '_1', 'one', :'long' || '_2', 'two')) \g /dev/null
SELECT is(faults_of(format('SELECT pgwright.create_record(%L, %L)', 'e_' || :'long', json_build_object(:'long' || '_2', 'two'))),
    'PW409 ' || :'long' || '_2: must be unique', 'and leads back to its field');

SELECT * FROM finish();
