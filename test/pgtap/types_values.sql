-- Arrays, enums, rich text and JSON with a schema: the same rules through the functions and for direct SQL.
\ir setup.psql
SELECT plan(58);
SELECT make_role('pgwright_tap_types', '{pgwright_user}') \g /dev/null
SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "post", "fields": [
    {"name": "title", "field_type": "string"},
    {"name": "tags", "field_type": "array", "item_type": "string", "max_length": 5, "is_indexed": true, "default_value": ["a", "b\"c"]},
    {"name": "prices", "field_type": "array", "item_type": "decimal", "min_value": 0, "decimal_places": 1},
    {"name": "mails", "field_type": "array", "item_type": "email"},
    {"name": "days", "field_type": "array", "item_type": "datetime"},
    {"name": "flags", "field_type": "array", "item_type": "boolean"},
    {"name": "ids", "field_type": "array", "item_type": "uuid"},
    {"name": "picks", "field_type": "array", "item_type": "integer", "allowed_values": [1, 2, 3]},
    {"name": "stage", "field_type": "enum", "default_value": "new", "allowed_values": [{"value": "new", "label": "New"}, {"value": "won", "label": "Won"}]},
    {"name": "body", "field_type": "rich_text", "default_value": "<p onclick=\"x\">empty</p>"},
    {"name": "note", "field_type": "rich_text", "max_length": 20},
    {"name": "data", "field_type": "json", "json_schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 1},
        "b": {"type": "array", "items": {"pattern": "^[a-z]+$"}}}, "additionalProperties": false}}]}') \g /dev/null
SELECT is(pgwright.publish_entity('post') ->> 'status', 'completed', 'an entity of all of them is published');
CREATE FUNCTION made(data text) RETURNS jsonb LANGUAGE sql AS $$ SELECT (pgwright.create_record('post', data::json) -> 'data')::jsonb $$;
CREATE FUNCTION refused(data text) RETURNS text LANGUAGE sql AS $$ SELECT faults_of(format('SELECT pgwright.create_record(%L, %L)', 'post', data)) $$;
-- The constraint that refuses a row of a person's own SQL; 'ok' when none does.
CREATE FUNCTION constraint_on(columns text, given text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(e ->> 'constraint', e ->> 'sqlstate', 'ok')
      FROM error_of(as_role('pgwright_tap_types', format('INSERT INTO t_acme.post (%s) VALUES (%s)', columns, given))) AS e
$$;

-- Definitions -------------------------------------------------------------------------------------------------

SELECT results_eq($$SELECT f ->> 'name', f ->> 'data_type', f ->> 'item_type' FROM json_array_elements(pgwright.list_fields('post')) f WHERE f ->> 'field_type' = 'array' ORDER BY 1$$,
    $$VALUES ('days', 'timestamp with time zone[]', 'datetime'), ('flags', 'boolean[]', 'boolean'), ('ids', 'uuid[]', 'uuid'), ('mails', 'text[]', 'email'),
             ('picks', 'integer[]', 'integer'), ('prices', 'numeric[]', 'decimal'), ('tags', 'text[]', 'string')$$, 'a definition says the type of an array''s items');
SELECT is((SELECT f ->> 'json_schema' FROM json_array_elements(pgwright.list_fields('post')) f WHERE f ->> 'name' = 'data')::jsonb -> 'required', '["a"]', 'and the JSON schema');
SELECT col_type_is('t_acme', 'post', 'days', 'timestamp with time zone[]', 'the column is an array');
SELECT matches(pg_get_indexdef('t_acme.post_tags_idx'::regclass), 'USING gin \(tags\)', 'an indexed array has a GIN index');
SELECT is(faults_of($$SELECT pgwright.create_entity('{"name": "bad", "fields": [{"name": "a", "field_type": "array"}, {"name": "b", "field_type": "enum"},
    {"name": "c", "field_type": "json", "json_schema": {"$ref": "#/x", "properties": {"p": {"format": "date"}}}}, {"name": "d", "field_type": "text", "item_type": "text"},
    {"name": "e", "field_type": "rich_text", "is_unique": true}]}')$$),
    'PW400 fields[0].item_type: is required for an array; fields[1].allowed_values: is required for an enum; fields[2].json_schema/$ref: is not supported; '
    'fields[2].json_schema/properties/p/format: is not supported; fields[3].item_type: is for arrays only; fields[4].is_unique: is not for a field of type rich_text',
    'what makes no sense is told, all at once');

-- Arrays ------------------------------------------------------------------------------------------------------

SELECT is(made('{"tags": ["x", "\"y,{}", "\\"], "prices": [1.5, 2.0], "flags": [true, false], "days": ["2026-01-01", "2026-01-01T10:00:00+02:00"], "picks": []}')
          - '{id,created_at,updated_at,created_by,updated_by}'::text[],
    '{"title": null, "tags": ["x", "\"y,{}", "\\"], "prices": [1.5, 2.0], "flags": [true, false], "days": ["2026-01-01T00:00:00Z", "2026-01-01T08:00:00Z"], "picks": [],
      "mails": null, "ids": null, "stage": "new", "body": "<p>empty</p>", "note": null, "data": null}', 'arrays come back as they were given');
SELECT is(made('{}') -> 'tags', '["a", "b\"c"]', 'an array has its default');
SELECT is(made('{"tags": null}') -> 'tags', 'null', 'unless null is given');
SELECT is(refused('{"tags": ["a", "toolong"], "prices": [-1], "mails": ["x"], "days": "2026-01-01", "flags": [1], "ids": ["a"], "picks": [1, 9]}'),
    'PW400 tags[1]: must be at most 5 characters; prices[0]: must be at least 0; mails[0]: must be an e-mail address; days: must be an array; '
    'flags[0]: must be true or false; ids[0]: must be a UUID; picks[1]: must be one of: 1, 2, 3', 'the first wrong item of each array is named');
SELECT is(refused('{"tags": [null], "prices": [[1]], "mails": {"a": 1}}'),
    'PW400 tags[0]: must not be null; prices[0]: must be a number; mails: must be an array', 'nulls, arrays and objects are no items');
SELECT is(refused(format('{"picks": [%s]}', repeat('1,', 10000) || '1')), 'PW400 picks: must have at most 10000 items', 'an array has at most 10,000 items');
SELECT is((made(format('{"picks": [%s]}', repeat('1,', 9999) || '1')) -> 'picks' -> 9999)::text, '1', 'and may have them');
SELECT is(constraint_on('tags', $$'{toolong}'$$), 'post_tags_length', 'direct SQL: the length of each item');
SELECT is(constraint_on('prices', $$'{1, -1}'$$), 'post_prices_range', 'its range');
SELECT is(constraint_on('prices', $$'{NaN}'$$), 'post_prices_range', 'that it is a number');
SELECT is(constraint_on('prices', $$'{Infinity}'$$), 'post_prices_range', 'a finite one');
SELECT is(constraint_on('prices', $$'{1.25}'$$), 'post_prices_scale', 'its decimal places');
SELECT is(constraint_on('prices', $$'{1.50, 2.000}'$$), 'ok', 'of which zeros do not count');
SELECT is(constraint_on('mails', $$'{a@b.example, x}'$$), 'post_mails_format', 'its form');
SELECT is(constraint_on('picks', $$'{1, 9}'$$), 'post_picks_allowed', 'that it is allowed');
SELECT is(constraint_on('tags', $$'{a, NULL}'$$), 'post_tags_items', 'no nulls');
SELECT is(constraint_on('tags', $$'{{a}, {b}}'$$), 'post_tags_items', 'one dimension');
SELECT is(constraint_on('tags', $$'[0:0]={a}'$$), 'post_tags_items', 'that begins at one');
SELECT is(constraint_on('picks', $$array_fill(1, '{10001}')$$), 'post_picks_items', 'at most 10,000 items');
SELECT is(constraint_on('tags, picks', $$'{}', '{1,2,3}'$$), 'ok', 'what is right is taken');

SELECT pgwright.bulk_create_records('post', '[{"title": "b1", "tags": ["x", "y,\"{\\"], "days": ["2026-01-01"]}, {"title": "b2", "tags": null}, {"title": "b3", "prices": [0.5]},
    {"title": "b4", "tags": [], "flags": [true], "ids": ["01893d1c-0000-7000-8000-000000000001"]}]') \g /dev/null
SELECT results_eq($$SELECT title, tags, days, flags, prices FROM t_acme.post WHERE title LIKE 'b%' ORDER BY title$$,
    $$VALUES ('b1', '{x,"y,\"{\\"}'::text[], '{2026-01-01 00:00:00Z}'::timestamptz[], NULL::boolean[], NULL::numeric[]), ('b2', NULL, NULL, NULL, NULL),
             ('b3', '{a,"b\"c"}', NULL, NULL, '{0.5}'), ('b4', '{}', NULL, '{t}', NULL)$$, 'a bulk keeps each record''s arrays, of any length, and defaults where none is given');
SELECT is(faults_of($$SELECT pgwright.bulk_create_records('post', '[{"tags": ["a"]}, {"tags": ["a", "toolong"]}]')$$), 'PW400 [1] tags[1]: must be at most 5 characters', 'and names the record and the item');
CREATE FUNCTION titles(filters json) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(i ->> 'title', ' ' ORDER BY i ->> 'title') FROM json_array_elements(pgwright.list_records('post', 1, 100, NULL, filters) -> 'items') i WHERE i ->> 'title' LIKE 'b%' $$;
SELECT is(titles('{"tags": ["x", "y,\"{\\"]}'), 'b1', 'a filter compares the whole array');
SELECT is(titles('{"field": "tags", "operator": "ne", "value": []}'), 'b1 b2 b3', 'ne is true of a null too');
SELECT is(titles('{"field": "days", "operator": "eq", "value": ["2026-01-01T01:00:00+01:00"]}'), 'b1', 'times are compared as times');
SELECT is(titles('{"field": "tags", "operator": "is_null"}'), 'b2', 'is_null');
SELECT is(faults_of($$SELECT pgwright.list_records('post', filters => '{"field": "tags", "operator": "gt", "value": ["a"]}')$$), 'PW400 filters.operator: gt does not apply to fields of type array', 'arrays have no order');
SELECT is(faults_of($$SELECT pgwright.list_records('post', sort => 'tags')$$), 'PW400 sort: "tags" cannot be sorted by', 'and nothing is sorted by them');
SELECT is(pgwright.update_record('post', made('{}') ->> 'id', '{"tags": ["new"]}') -> 'data' ->> 'tags', '["new"]', 'an array is replaced as a whole');

-- Enums -------------------------------------------------------------------------------------------------------

SELECT is(made('{"stage": "won"}') ->> 'stage', 'won', 'an enum takes its values');
SELECT is(refused('{"stage": "lost"}'), 'PW400 stage: must be one of: new, won', 'and no other');
SELECT is(constraint_on('stage', $$'lost'$$), 'post_stage_allowed', 'whoever writes');
SELECT is((SELECT f -> 'allowed_values' -> 1 ->> 'label' FROM json_array_elements(pgwright.list_fields('post')) f WHERE f ->> 'name' = 'stage'), 'Won', 'labels are kept');

-- Rich text ---------------------------------------------------------------------------------------------------

SELECT is(made('{"body": "<p onclick=\"x\">Hi <b>there</b><script>alert(1)</script> <a href=\"java\tscript:x\">a</a> <a href=\"/b\">b</a></p>"}') ->> 'body',
    '<p>Hi <b>there</b> <a>a</a> <a href="/b" rel="noopener noreferrer">b</a></p>', 'rich text is sanitised when it is written');
SELECT is(run_as('pgwright_tap_types', $$INSERT INTO t_acme.post (body) VALUES ('<svg onload=x>a</svg><i>b') RETURNING body$$), '<i>b</i>', 'by direct SQL too');
SELECT is(run_as('pgwright_tap_types', $$WITH one AS (SELECT id FROM t_acme.post LIMIT 1) UPDATE t_acme.post p SET body = '<img src=x onerror=y>', note = '<u>' FROM one
    WHERE p.id = one.id RETURNING p.body || p.note$$), '<img src="x"><u></u>', 'and in an update');
SELECT pgwright.bulk_create_records('post', '[{"title": "rich1", "body": "<b>x"}, {"title": "rich2", "body": "<style>x</style>y"}]') \g /dev/null
SELECT is((SELECT string_agg(body, ' ' ORDER BY title) FROM t_acme.post WHERE title LIKE 'rich%'), '<b>x</b> y', 'and in a bulk');
SELECT become('nobody') \g /dev/null
INSERT INTO t_acme.post (title, body) VALUES ('rich3', '<iframe src=x></iframe>z');
SELECT is((SELECT body FROM t_acme.post WHERE title = 'rich3'), 'z', 'and by maintenance without an identity');
SELECT become('ann') \g /dev/null
SELECT is(made('{"note": "<script>alert(1);alert(2)</script><p>kept</p>"}') ->> 'note', '<p>kept</p>', 'the length that counts is that of what is kept');
SELECT is(refused('{"note": "<p>this is more than it takes</p>"}'), 'PW400 note: must be at most 20 characters', 'as the function tells');
SELECT is(constraint_on('note', $$'<p>this is more than it takes</p>'$$), 'post_note_length', 'and the constraint');
SELECT is(refused(json_build_object('body', repeat('<span>', 10000) || repeat('x', 900000))::text), 'PW400 body: must have fewer elements or attributes', 'a text made to keep the parser busy is refused');
SELECT is(faults_of(as_role('pgwright_tap_types', $$INSERT INTO t_acme.post (body) VALUES (repeat('<span>', 10000) || repeat('x', 900000))$$)),
    'PW400 body: must have fewer elements or attributes', 'whoever writes it');
SELECT is(refused(json_build_object('body', repeat('x', 1000001))::text), 'PW400 body: must be at most 1000000 characters', 'rich text has at most a million characters');
SELECT is(length(made(json_build_object('body', repeat('<p>A paragraph of some words.</p>', 5000))::text) ->> 'body'), 165000, 'a long text of an editor is taken');

-- JSON with a schema ------------------------------------------------------------------------------------------

SELECT is(made('{"data": {"a": 1, "b": ["x"]}}') -> 'data', '{"a": 1, "b": ["x"]}', 'a document that matches its schema is taken');
SELECT is(refused('{"data": {"a": 1, "b": ["x", "Y"]}}'), 'PW400 data: does not match its JSON schema at /b/1 (pattern)', 'another is refused, with the place');
SELECT is(refused('{"data": []}'), 'PW400 data: does not match its JSON schema at the top (type)', 'the top of the document too');
SELECT is(constraint_on('data', $$'{"a": 0}'$$), 'post_data_schema', 'direct SQL meets the constraint');
SELECT is(constraint_on('data', $$'{"a": 2}'$$), 'ok', 'and passes it');
SELECT is(pgwright.matches_json_schema('{"a": 1}', '{"maxProperties": 1}'), true, 'the function can be asked');
SELECT is(state_of($$SELECT pgwright.matches_json_schema('1', '{"$ref": "http://example.org"}')$$), 'PW400', 'of a schema that it knows');

SELECT drop_role('pgwright_tap_types') \g /dev/null
SELECT * FROM finish();
