-- Patterns and validation rules of fields, from the definition to the refusal of a record: they are
-- constraints that hold for every client, follow names, ask the rows there are, and come back by rollback,
-- synchronisation and bundle.
\ir setup.psql
\set cases `cat "$PGWRIGHT_SOURCE/test/unit/regular_expression_cases.inc"`
SELECT plan(257);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('beta', 'Beta') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'beta', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null

-- Without the ids.
CREATE FUNCTION blockers(entity text, backfill json DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat(b ->> 'field', ': ', regexp_replace(b ->> 'message', ' \([0-9a-f, -]+\)$', '')), '; ') FROM json_array_elements(pgwright.preview_migration(entity, backfill) -> 'blockers') b $$;
CREATE FUNCTION findings(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', c ->> 'object', f ->> 'kind', f ->> 'count', json_array_length(f -> 'sample_ids')), '; ')
      FROM json_array_elements(pgwright.preview_migration(entity) -> 'changes') c, json_array_elements(c -> 'findings') f $$;
CREATE FUNCTION operations(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(':', c ->> 'operation', c ->> 'object'), ' ' ORDER BY n) FROM json_array_elements(pgwright.preview_migration(entity) -> 'changes') WITH ORDINALITY x (c, n) $$;
CREATE FUNCTION publish(entity text, backfill json DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(m ->> 'error_message', m ->> 'status') FROM pgwright.publish_entity(entity, backfill => backfill) m $$;
CREATE FUNCTION back(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT pgwright.rollback_migration(m ->> 'id') ->> 'status' FROM json_array_elements(pgwright.list_migrations(entity)) WITH ORDINALITY x (m, n)
     WHERE m ->> 'status' = 'completed' ORDER BY n LIMIT 1 $$;
CREATE FUNCTION checks(relation text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat(conname, ' ', pg_get_constraintdef(oid)), E'\n' ORDER BY conname) FROM pg_constraint
     WHERE conrelid = relation::regclass AND contype = 'c' AND conname ~ '_(rule|pattern)$' $$;
CREATE FUNCTION drift(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', d ->> 'kind', d ->> 'object', d ->> 'field'), '; ' ORDER BY d ->> 'object')
      FROM json_array_elements(pgwright.analyze_schema(entity) -> 'entities') e, json_array_elements(e -> 'differences') d $$;

-- The constraint matches what the engine does ----------------------------------------------------------------

CREATE TABLE pattern_case AS
    SELECT n, line -> 0 #>> '{}' AS pattern, line -> 1 #>> '{}' AS text, (line -> 2)::boolean AS matches
      FROM (SELECT n, ('[' || substr(line, 2, length(line) - 3) || ']')::jsonb AS line
              FROM regexp_split_to_table(:'cases', '\n') WITH ORDINALITY AS l (line, n) WHERE line LIKE '{%') x;
ALTER TABLE pattern_case ADD field text;
UPDATE pattern_case c SET field = 'p' || (SELECT min(n) FROM pattern_case o WHERE o.pattern = c.pattern);
SELECT cmp_ok(count(*)::int, '>', 80, 'the cases are read') FROM pattern_case;
SELECT pgwright.create_entity(json_build_object('name', 'sample', 'fields', json_agg(json_build_object('name', field, 'field_type', 'string', 'pattern', pattern))))
  FROM (SELECT DISTINCT field, pattern FROM pattern_case) p \g /dev/null
SELECT is(publish('sample'), 'completed', 'every pattern of the cases is published');
SELECT is(state_of(format('INSERT INTO t_acme.sample (%I) VALUES (%L)', field, text)), CASE WHEN matches THEN 'ok' ELSE '23514' END,
          format('the server: %s %s %s', to_json(pattern), CASE WHEN matches THEN 'matches' ELSE 'does not match' END, to_json(text)))
  FROM pattern_case ORDER BY n;
SELECT is(state_of(format('SELECT pgwright.create_record(%L, %L)', 'sample', json_build_object(field, text))), CASE WHEN matches THEN 'ok' ELSE 'PW400' END,
          format('the engine: %s %s %s', to_json(pattern), CASE WHEN matches THEN 'matches' ELSE 'does not match' END, to_json(text)))
  FROM pattern_case ORDER BY n;

-- Definitions -------------------------------------------------------------------------------------------

SELECT is(faults_of($$SELECT pgwright.create_entity('{"name": "wrong", "fields": [
    {"name": "a", "field_type": "string", "pattern": "(", "validation_rules": [{"expression": "b >", "message": "m"}, {"expression": "b + 1", "message": "m"}]},
    {"name": "b", "field_type": "integer", "pattern": "a", "validation_rules": [{"expression": "c > 1"}, {"expression": "now() > created_at", "message": "m", "name": "Now"}]}]}')$$),
    'PW400 fields[1].validation_rules[0].message: is required; fields[1].validation_rules[1].name: must begin with a letter a-z and hold only a-z, 0-9 and _; '
    'fields[0].pattern: character 2: something must stand here; fields[1].pattern: is not for a field of type integer; '
    'fields[0].validation_rules[0].expression: character 4: expects a value, not the end; '
    'fields[0].validation_rules[1].expression: must be true or false; compare the value; '
    'fields[1].validation_rules[0].expression: character 1: there is no field "c"; '
    'fields[1].validation_rules[1].expression: character 1: now() changes with time; a rule is checked when the record is written, and must stay as true as it was then',
    'all faults of patterns and rules at once, each with its path');

SELECT pgwright.create_entity('{"name": "deal", "fields": [
    {"name": "title", "field_type": "string"},
    {"name": "code", "field_type": "string", "pattern": "^[A-Z]{2}\\d+$"},
    {"name": "cost", "field_type": "currency"},
    {"name": "price", "field_type": "currency", "validation_rules": [
        {"name": "above_cost", "expression": "price >= cost", "message": "must not be below the cost"},
        {"expression": "title <> ''gift'' or coalesce(price, 0) = 0", "message": "a gift costs nothing"}]}]}') AS deal \gset
SELECT is(:'deal'::jsonb #> '{fields,3,validation_rules}', '[{"name": "above_cost", "expression": "price >= cost", "message": "must not be below the cost"},
    {"name": "rule_1", "expression": "title <> ''gift'' or coalesce(price, 0) = 0", "message": "a gift costs nothing"}]', 'a definition shows its rules, each with a name');
SELECT is(:'deal'::jsonb #>> '{fields,1,pattern}', '^[A-Z]{2}\d+$', 'and its pattern as it was given');
SELECT is(publish('deal'), 'completed', 'they are published');
SELECT is(checks('t_acme.deal'), $$deal_code_pattern CHECK ((code ~ '^[A-Z]{2}[0-9]+$'::text))
deal_price_above_cost_rule CHECK ((price >= cost))
deal_price_rule_1_rule CHECK (((title <> 'gift'::text) OR (COALESCE(price, (0)::numeric) = (0)::numeric)))$$, 'as constraints of the table');

-- Records -------------------------------------------------------------------------------------------------

SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"code": "a1"}')$$), 'PW400 code: must match the pattern ^[A-Z]{2}\d+$', 'a text that does not match is refused with its field');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"price": 5, "cost": 6}')$$), 'PW400 price: must not be below the cost', 'a broken rule is told on its field, in its words');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"title": "gift", "price": 1}')$$), 'PW400 price: a gift costs nothing', 'so is another');
SELECT is(error_of($$INSERT INTO t_acme.deal (price, cost) VALUES (1, 2)$$) ->> 'constraint', 'deal_price_above_cost_rule', 'the rule holds for every client');
SELECT is(error_of($$INSERT INTO t_acme.deal (code) VALUES ('x')$$) ->> 'constraint', 'deal_code_pattern', 'and the pattern');
SELECT is(state_of($$SELECT pgwright.create_record('deal', '{"price": 5}')$$), 'ok', 'a rule that gives null is kept');
SELECT pgwright.create_record('deal', '{"title": "one", "code": "AB1", "price": 10, "cost": 5}') ->> 'id' AS one \gset
SELECT is(faults_of(format($$SELECT pgwright.update_record('deal', %L, '{"cost": 11}')$$, :'one')), 'PW400 price: must not be below the cost', 'a change of another field can break it');
SELECT is(state_of(format($$SELECT pgwright.update_record('deal', %L, '{"cost": 11, "price": 12}')$$, :'one')), 'ok', 'not with one that keeps it');
SELECT is(faults_of($$SELECT pgwright.bulk_create_records('deal', '[{"price": 1}, {"price": 1, "cost": 2}]')$$), 'PW400 [1] price: must not be below the cost', 'one record that breaks a rule keeps a bulk out');

-- Changes over rows ---------------------------------------------------------------------------------------

SELECT pgwright.update_field('deal', 'code', '{"pattern": "^AB"}') \g /dev/null
SELECT pgwright.create_record('deal', '{"code": "XY7", "price": 3}') ->> 'id' AS xy \gset
SELECT is(blockers('deal'), 'code: 1 record: the value breaks the new rule', 'another pattern asks the rows');
SELECT is(findings('deal'), 'deal_code_pattern violates 1 1', 'and names those that do not fit');
SELECT is(faults_of($$SELECT pgwright.publish_entity('deal')$$), format('PW400 code: 1 record: the value breaks the new rule (%s)', :'xy'), 'nothing is published over them');
SELECT pgwright.update_field('deal', 'code', '{"pattern": null}') \g /dev/null
SELECT is(operations('deal'), 'drop_check:deal_code_pattern', 'a pattern can be taken away');
SELECT is(publish('deal'), 'completed', 'it is');
SELECT pgwright.create_record('deal', '{"code": "anything", "price": 3}') ->> 'id' AS any \gset
SELECT is(error_of(format('SELECT pgwright.rollback_migration(%L)', pgwright.list_migrations('deal') -> 0 ->> 'id')) ->> 'sqlstate', 'PW409', 'a way back that the rows forbid is refused');
SELECT pgwright.delete_record('deal', :'any') \g /dev/null
DELETE FROM t_acme.deal WHERE id = :'any';
SELECT is(back('deal'), 'rolled_back', 'and gone when they do not');
SELECT is(checks('t_acme.deal') ~ 'deal_code_pattern', true, 'it brings the pattern back');
SELECT pgwright.discard_draft('deal') \g /dev/null

SELECT pgwright.update_field('deal', 'price', '{"validation_rules": [{"name": "above_cost", "expression": "price > cost + 1", "message": "must be well above the cost"}]}') \g /dev/null
SELECT is(operations('deal'), 'drop_check:deal_price_above_cost_rule drop_check:deal_price_rule_1_rule add_check:deal_price_above_cost_rule', 'a changed rule is made anew, one that is gone dropped');
SELECT is(blockers('deal'), 'price: 1 record: the record breaks the rule: must be well above the cost', 'the rows that break it are counted');
SELECT is((SELECT f -> 'sample_ids' ->> 0 FROM json_array_elements(pgwright.preview_migration('deal') -> 'changes') c, json_array_elements(c -> 'findings') f), :'one', 'and named');
SELECT pgwright.update_record('deal', :'one', '{"cost": 1}') \g /dev/null
SELECT is(publish('deal'), 'completed', 'without such rows it is published');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"price": 5, "cost": 4.5}')$$), 'PW400 price: must be well above the cost', 'the new rule holds, with its words');
SELECT is(state_of($$SELECT pgwright.create_record('deal', '{"title": "gift", "price": 1}')$$), 'ok', 'the other one not any more');
SELECT is((SELECT jsonb_agg(r ->> 'name') FROM jsonb_array_elements(pgwright.get_field('deal', 'price')::jsonb -> 'validation_rules') r), '["above_cost"]', 'the published definition has what is left');
DELETE FROM t_acme.deal WHERE title = 'gift';
SELECT is(back('deal'), 'rolled_back', 'the way back');
SELECT is(jsonb_array_length(pgwright.get_field('deal', 'price', 'published')::jsonb -> 'validation_rules'), 2, 'brings both rules back');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"title": "gift", "price": 1}')$$), 'PW400 price: a gift costs nothing', 'and they hold');
SELECT pgwright.discard_draft('deal') \g /dev/null

SELECT pgwright.update_field('deal', 'price', '{"validation_rules": [{"name": "above_cost", "expression": "price >= cost", "message": "is too low"}]}') \g /dev/null
SELECT is(operations('deal'), 'drop_check:deal_price_rule_1_rule', 'other words change no table');
SELECT pgwright.discard_draft('deal') \g /dev/null

-- Nulls, back-fills and types -----------------------------------------------------------------------------

SELECT pgwright.create_field('deal', '{"name": "approved", "field_type": "boolean", "validation_rules": [{"name": "needed", "expression": "coalesce(approved, false) or coalesce(price, 0) < 100", "message": "needs approval"}]}') \g /dev/null
INSERT INTO t_acme.deal (title, price) VALUES ('big', 500);
SELECT is(blockers('deal'), 'approved: 1 record: the record breaks the rule: needs approval', 'a rule of a new field without values asks the rows too');
SELECT is(blockers('deal', '{"approved": true}'), NULL, 'with the values of the back-fill');
SELECT is(publish('deal', '{"approved": true}'), 'completed', 'which publishes it');
SELECT pgwright.update_field('deal', 'cost', '{"label": "Costs"}') \g /dev/null
SELECT is(blockers('deal', '{"cost": 1000}'), (SELECT format('price: %s records: the record breaks the rule: must not be below the cost', count(*)) FROM t_acme.deal WHERE cost IS NULL AND price < 1000), 'a back-fill that would break a rule is told before it is made');
SELECT matches(faults_of($$SELECT pgwright.publish_entity('deal', backfill => '{"cost": 1000}')$$), '^PW400 price: ', 'and is not made');
SELECT is(publish('deal', '{"cost": 0}'), 'completed', 'another is');
SELECT matches(faults_of($$SELECT pgwright.update_field('deal', 'cost', '{"field_type": "date"}')$$), 'fields\[\d\].validation_rules\[0\].expression: character 7: ', 'a type that a rule cannot take is refused');
SELECT pgwright.update_field('deal', 'cost', '{"field_type": "integer"}') \g /dev/null
SELECT is(publish('deal'), 'completed', 'one that it can take is taken');
SELECT is(checks('t_acme.deal') ~ 'deal_price_above_cost_rule', true, 'with the rule around it');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"price": 5, "cost": 6}')$$), 'PW400 price: must not be below the cost', 'which holds');
SELECT is(back('deal'), 'rolled_back', 'there and back');
SELECT is(checks('t_acme.deal') ~ 'deal_price_above_cost_rule', true, 'with the rule');
SELECT pgwright.discard_draft('deal') \g /dev/null

-- Names -----------------------------------------------------------------------------------------------------

SELECT is(faults_of($$SELECT pgwright.delete_field('deal', 'cost')$$), 'PW409 price: uses the field in its rule above_cost', 'a field that a rule uses is not removed');
SELECT pgwright.update_field('deal', 'cost', '{"name": "expense"}') \g /dev/null
SELECT pgwright.update_field('deal', 'price', '{"name": "value"}') \g /dev/null
SELECT is(pgwright.get_field('deal', 'value', 'draft') #>> '{validation_rules,0,expression}', 'value >= expense', 'a new name goes into the rules');
SELECT is(operations('deal') ~ '(add|drop)_check', false, 'their constraints are renamed and no more');
SELECT is(publish('deal'), 'completed', 'so it is published');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"value": 5, "expense": 6}')$$), 'PW400 value: must not be below the cost', 'the rule holds under the new names');
SELECT is(drift('deal'), NULL, 'and nothing differs');
SELECT is(back('deal'), 'rolled_back', 'the way back');
SELECT is(drift('deal'), NULL, 'leaves nothing behind');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"price": 5, "cost": 6}')$$), 'PW400 price: must not be below the cost', 'of the old names');
SELECT pgwright.discard_draft('deal') \g /dev/null

-- Field rules -----------------------------------------------------------------------------------------------

SELECT pgwright.create_field('deal', '{"name": "twice", "field_type": "decimal", "is_calculated": true, "calculation_formula": "price * 2", "validation_rules": [{"name": "small", "expression": "twice < 5000", "message": "is too much"}]}') \g /dev/null
SELECT is(publish('deal'), 'completed', 'a stored calculated field has rules too');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"price": 2501, "approved": true}')$$), 'PW400 twice: is too much', 'which are told on it');
SELECT pgwright.update_field('deal', 'twice', '{"calculation_formula": "price * 3"}') \g /dev/null
SELECT is(publish('deal'), 'completed', 'it can be calculated otherwise');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"price": 1700, "approved": true}')$$), 'PW400 twice: is too much', 'under the same rule');

-- Drift -----------------------------------------------------------------------------------------------------

SELECT is(drift('deal'), NULL, 'what is published is in sync');
ALTER TABLE t_acme.deal DROP CONSTRAINT deal_price_above_cost_rule, DROP CONSTRAINT deal_code_pattern;
ALTER TABLE t_acme.deal DROP CONSTRAINT deal_price_rule_1_rule, ADD CONSTRAINT deal_price_rule_1_rule CHECK (price > 0);
SELECT is(drift('deal'), 'missing_constraint deal_code_pattern code; missing_constraint deal_price_above_cost_rule price; changed_constraint deal_price_rule_1_rule price', 'what somebody dropped or changed is found');
SELECT pgwright.sync_schema('database', 'deal') \g /dev/null
SELECT is(drift('deal'), NULL, 'and made again');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"price": 5, "cost": 6}')$$), 'PW400 price: must not be below the cost', 'so that it holds');
ALTER TABLE t_acme.deal DROP CONSTRAINT deal_price_above_cost_rule, DROP CONSTRAINT deal_code_pattern;
SELECT pgwright.sync_schema('definition', 'deal') \g /dev/null
SELECT is(drift('deal'), NULL, 'or the definition follows');
SELECT is((SELECT string_agg(r ->> 'name', ' ') FROM json_array_elements(pgwright.get_field('deal', 'price') -> 'validation_rules') r), 'rule_1', 'without the rule');
SELECT is(pgwright.get_field('deal', 'code') ->> 'pattern', NULL, 'and without the pattern');
SELECT is(back('deal'), 'rolled_back', 'that can be taken back');
SELECT is(drift('deal'), 'missing_constraint deal_code_pattern code; missing_constraint deal_price_above_cost_rule price', 'which leaves the table as somebody has made it');
SELECT pgwright.discard_draft('deal') \g /dev/null
SELECT pgwright.sync_schema('database', 'deal') \g /dev/null
SELECT is(checks('t_acme.deal') ~ 'above_cost_rule' AND checks('t_acme.deal') ~ 'code_pattern', true, 'until it is made as the definition says');

-- Bundles ---------------------------------------------------------------------------------------------------

CREATE TABLE bundle AS SELECT pgwright.export_schema() AS doc;
SELECT become('bob') \g /dev/null
SELECT pgwright.import_schema((SELECT doc FROM bundle)) \g /dev/null
SELECT is(checks('t_beta.deal'), checks('t_acme.deal'), 'a bundle carries patterns and rules to another tenant');
SELECT is(faults_of($$SELECT pgwright.create_record('deal', '{"price": 5, "cost": 6}')$$), 'PW400 price: must not be below the cost', 'where they hold');
SELECT become('ann') \g /dev/null

-- What is imported ------------------------------------------------------------------------------------------

CREATE TABLE t_acme.parcel (id serial PRIMARY KEY, label text);
SELECT pgwright.import_entity('t_acme.parcel') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.update_field('parcel', 'label', '{"pattern": "a", "validation_rules": [{"expression": "true", "message": "m"}]}')$$),
    'PW400 pattern: cannot be changed, because the table was imported; validation_rules: cannot be changed, because the table was imported', 'the columns of an imported table get neither');

-- Lists that become shorter -----------------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "choice", "fields": [{"name": "size", "field_type": "enum", "allowed_values": ["s", "m", "l"]}, {"name": "a", "field_type": "integer"}, {"name": "b", "field_type": "integer"}],
    "indexes": [{"name": "pair", "field_names": ["a", "b"]}]}') \g /dev/null
SELECT pgwright.publish_entity('choice') \g /dev/null
SELECT pgwright.update_field('choice', 'size', '{"allowed_values": ["s", "l"]}') \g /dev/null
SELECT pgwright.update_index('choice', 'pair', '{"field_names": ["a"]}') \g /dev/null
SELECT is(publish('choice'), 'completed', 'a list of values becomes shorter, and an index');
SELECT is((pgwright.get_field('choice', 'size') ->> 'allowed_values')::jsonb, '["s", "l"]', 'the published definition has the shorter list');
SELECT is(pgwright.get_index('choice', 'pair') ->> 'field_names', '["a"]', 'of both');
SELECT is(faults_of($$SELECT pgwright.create_record('choice', '{"size": "m"}')$$), 'PW400 size: must be one of: s, l', 'which is the one that is told');

-- A target that is made in the same act ----------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "visit", "fields": [{"name": "place", "field_type": "uuid"}]}') \g /dev/null
SELECT pgwright.publish_entity('visit') \g /dev/null
SELECT pgwright.create_record('visit', '{"place": "0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000"}') ->> 'id' AS visit \gset
SELECT pgwright.create_entity('{"name": "place", "fields": [{"name": "name", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.update_field('visit', 'place', '{"field_type": "lookup", "reference_entity": "place"}') \g /dev/null
SELECT is(faults_of($$SELECT pgwright.publish_entities('["visit", "place"]')$$), format('PW400 place: 1 record: refers to a record that does not exist (%s)', :'visit'), 'references to a table that is only made now are told as dangling');
SELECT pgwright.update_record('visit', :'visit', '{"place": null}') \g /dev/null
SELECT is(state_of($$SELECT pgwright.publish_entities('["visit", "place"]')$$), 'ok', 'without any the two are published together');

SELECT * FROM finish();
