-- What becomes of an imported relation behind the definition's back: found, and taken over whole.
\ir setup.psql
SELECT plan(53);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null

CREATE FUNCTION drift(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((d ->> 'kind') || ' ' || (d ->> 'object'), '; ' ORDER BY d ->> 'kind', d ->> 'object')
      FROM json_array_elements(pgwright.analyze_schema(entity) -> 'entities') e, json_array_elements(e -> 'differences') d
$$;
CREATE FUNCTION sync(direction text, entity text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg((l ->> 'kind') || ' ' || (l ->> 'object'), '; ' ORDER BY l ->> 'object', l ->> 'kind'), 'all')
      FROM json_array_elements(pgwright.sync_schema(direction, entity) -> 'entities') e
      LEFT JOIN json_array_elements(e -> 'left') l ON true
$$;
-- "name type" of the fields, in order.
CREATE FUNCTION fields(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((f ->> 'name') || ' ' || (f ->> 'field_type'), ', ' ORDER BY n)
      FROM json_array_elements(pgwright.list_fields(entity)) WITH ORDINALITY x (f, n)
$$;
CREATE FUNCTION newest(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT m ->> 'id' FROM json_array_elements(pgwright.list_migrations(entity)) WITH ORDINALITY x (m, n) WHERE n = 1
$$;

CREATE TYPE t_acme.mood AS ENUM ('sad', 'ok');
CREATE TABLE t_acme.place (code text PRIMARY KEY, name text);
CREATE TABLE t_acme.visit (n integer PRIMARY KEY, who text, mood t_acme.mood DEFAULT 'ok', place text, w integer, note text);
COMMENT ON COLUMN t_acme.visit.who IS 'the visitor';
INSERT INTO t_acme.place VALUES ('a', 'Aachen');
INSERT INTO t_acme.visit VALUES (1, 'Max', 'ok', 'a', 5, 'hello');
SELECT pgwright.import_entity('t_acme.place') \g /dev/null
SELECT pgwright.import_entity('t_acme.visit', '{"primary_field": "who", "default_sort_field": "w", "fields": {"note": "Remark"}}') \g /dev/null
SELECT is(drift('visit'), NULL, 'what was just imported is in sync');
SELECT pgwright.get_field('visit', 'who') ->> 'id' AS who_id \gset

-- Columns -----------------------------------------------------------------------------------------------------

ALTER TABLE t_acme.visit ADD COLUMN at date NOT NULL DEFAULT '2024-01-01';
SELECT is(drift('visit'), 'added_column at', 'an added column is found');
SELECT is(sync('definition', 'visit'), 'all', 'and taken over');
SELECT is(drift('visit'), NULL, 'then all is in sync');
SELECT is(fields('visit'), 'n integer, who text, mood enum, place text, w integer, note text, at date', 'with a field at the end');
SELECT is(pgwright.create_record('visit', '{"n": 2, "who": "Eva", "at": "2024-05-06"}') -> 'data' ->> 'at', '2024-05-06', 'which records are written with');
SELECT is(pgwright.get_record('visit', '1') -> 'data' ->> 'at', '2024-01-01', 'and read');

ALTER TABLE t_acme.visit RENAME COLUMN who TO visitor;
ALTER TABLE t_acme.visit RENAME COLUMN note TO remark;
SELECT is(drift('visit'), 'renamed_column remark; renamed_column visitor', 'a column that got another name is no other column');
SELECT is(sync('definition', 'visit'), 'all', 'it is taken over');
SELECT is(pgwright.get_field('visit', 'visitor') ->> 'id', :'who_id', 'as the field that it was');
SELECT is(pgwright.get_field('visit', 'visitor') ->> 'label', 'Visitor', 'a label that was only its name is its name again');
SELECT is(pgwright.get_field('visit', 'remark') ->> 'label', 'Remark', 'what somebody called it stays');
SELECT is(pgwright.get_entity('visit') ->> 'primary_field', 'visitor', 'and what uses it follows');
SELECT is(pgwright.get_record('visit', '1') -> 'data' ->> 'visitor', 'Max', 'records are read under the new name');
SELECT is(state_of($$SELECT pgwright.create_record('visit', '{"n": 3, "who": "Ida"}')$$), 'PW400', 'and no longer written under the old one');

ALTER TABLE t_acme.visit DROP COLUMN w;
ALTER TABLE t_acme.visit ALTER remark TYPE varchar(5);
ALTER TABLE t_acme.visit ALTER visitor SET NOT NULL;
SELECT is(drift('visit'), 'changed_nullability visitor; changed_type remark; missing_column w', 'what goes, and another type, are found');
SELECT is(sync('definition', 'visit'), 'all', 'and taken over');
SELECT is(drift('visit'), NULL, 'all at once');
SELECT is(fields('visit'), 'n integer, visitor text, mood enum, place text, remark string, at date', 'the field is gone');
SELECT is(pgwright.get_entity('visit') ->> 'default_sort_field', NULL, 'and nothing is sorted by it');
SELECT is(faults_of($$SELECT pgwright.create_record('visit', '{"n": 3, "remark": "too long"}')$$),
    'PW400 remark: must be at most 5 characters; visitor: is required', 'the rules are those of the columns');
SELECT is(pgwright.list_records('visit') -> 'items' -> 0 ->> 'visitor', 'Max', 'the records are as they were');

-- Comments and labels -------------------------------------------------------------------------------------------

COMMENT ON COLUMN t_acme.visit.visitor IS 'whoever came';
COMMENT ON COLUMN t_acme.visit.remark IS 'what they said';
SELECT is(drift('visit'), 'changed_comment remark; changed_comment visitor', 'another comment is found');
SELECT is(sync('definition', 'visit'), 'all', 'and taken over');
SELECT is(pgwright.get_field('visit', 'visitor') ->> 'description', 'whoever came', 'as the description that it was');
SELECT pgwright.update_field('visit', 'visitor', '{"description": "in our words"}') \g /dev/null
SELECT pgwright.publish_entity('visit') \g /dev/null
COMMENT ON COLUMN t_acme.visit.visitor IS 'third words';
SELECT is(sync('definition', 'visit'), 'all', 'a comment on a field that somebody has described');
SELECT is(pgwright.get_field('visit', 'visitor') ->> 'description', 'in our words', 'does not undo that');
SELECT is(drift('visit'), NULL, 'and is no drift for ever');

SELECT is(state_of($$SELECT pgwright.create_record('visit', '{"n": 4, "visitor": "Ann", "mood": "happy"}')$$), 'PW400', 'a label that the type has not');
ALTER TYPE t_acme.mood ADD VALUE 'happy';
SELECT is(drift('visit'), 'changed_labels mood', 'another label is found');
SELECT is(sync('definition', 'visit'), 'all', 'and taken over');
SELECT is(pgwright.get_field('visit', 'mood') ->> 'allowed_values', '["sad","ok","happy"]', 'as an allowed value');
SELECT is(pgwright.create_record('visit', '{"n": 4, "visitor": "Ann", "mood": "happy"}') -> 'data' ->> 'mood', 'happy', 'that is written');

-- Keys ------------------------------------------------------------------------------------------------------------

ALTER TABLE t_acme.visit ADD CONSTRAINT visit_place_fkey FOREIGN KEY (place) REFERENCES t_acme.place (code);
ALTER TABLE t_acme.visit ADD CONSTRAINT visit_visitor_key UNIQUE (visitor);
SELECT is(drift('visit'), 'added_constraint visit_place_fkey; added_constraint visit_visitor_key', 'foreign and unique keys are found');
SELECT is(sync('definition', 'visit'), 'all', 'and taken over');
SELECT is(pgwright.get_field('visit', 'place') ->> 'field_type', 'lookup', 'the one makes a lookup');
SELECT is(pgwright.get_field('visit', 'visitor') ->> 'is_unique', 'true', 'the other a unique field');
ALTER TABLE t_acme.visit DROP CONSTRAINT visit_place_fkey;
SELECT is(sync('definition', 'visit'), 'all', 'when the key goes');
SELECT is(pgwright.get_field('visit', 'place') ->> 'field_type', 'text', 'the column is one like others');
ALTER TABLE t_acme.visit DROP CONSTRAINT visit_pkey;
ALTER TABLE t_acme.visit ADD PRIMARY KEY (visitor);
SELECT is(sync('definition', 'visit'), 'all', 'another key');
SELECT is(pgwright.get_record('visit', 'Eva') -> 'data' ->> 'n', '2', 'identifies the records');
ALTER TABLE t_acme.visit DROP CONSTRAINT visit_pkey, DROP CONSTRAINT visit_visitor_key;
SELECT is(sync('definition', 'visit'), 'all', 'without any key');
SELECT is(pgwright.get_entity('visit') ->> 'is_readonly', 'true', 'records are only read');
ALTER TABLE t_acme.visit ADD PRIMARY KEY (n);
SELECT is(sync('definition', 'visit'), 'all', 'with one again');
SELECT is(pgwright.update_record('visit', '1', '{"remark": "bye"}') -> 'data' ->> 'remark', 'bye', 'they are written again');

-- Sequences, protection, ways back ---------------------------------------------------------------------------------

CREATE SEQUENCE t_acme.tickets;
ALTER TABLE t_acme.visit ADD COLUMN ticket bigint DEFAULT nextval('t_acme.tickets');
ALTER TABLE t_acme.visit DISABLE ROW LEVEL SECURITY;
SELECT is(sync('definition', 'visit'), 'row_security_disabled visit', 'what protects the records is not taken over');
SELECT is(drift('visit'), 'row_security_disabled visit', 'and goes on being told');
SELECT is(sync('database', 'visit'), 'all', 'until it is repaired');
SELECT is(pgwright.create_record('visit', '{"n": 9, "visitor": "Kim"}') -> 'data' ->> 'n', '9', 'the engine may use a sequence that came with a column');
SELECT is(error_of(format('SELECT pgwright.rollback_migration(%L)', (SELECT id FROM pgwright.entity_migrations WHERE entity_id = (pgwright.get_entity('visit') ->> 'id')::uuid AND changes::text LIKE '%describe_relation%' ORDER BY to_version DESC LIMIT 1))) ->> 'sqlstate',
    'PW409', 'no rollback makes the relation what it was');
ALTER TABLE t_acme.visit RENAME TO elsewhere;
SELECT is(sync('definition', 'visit'), 'table_missing visit', 'a relation that is gone cannot be described');
ALTER TABLE t_acme.elsewhere RENAME TO visit;
SELECT pgwright.unimport_entity('visit') \g /dev/null
SELECT is((SELECT count(*)::int FROM pg_policy WHERE polrelid = 't_acme.visit'::regclass), 0, 'to unimport it undoes what the synchronisations did too');
SELECT is((SELECT count(*)::int FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid IN ('t_acme.visit'::regclass, 't_acme.tickets'::regclass) AND a.grantee::regrole::text LIKE 'pgwright%'), 0, 'and the privileges');
SELECT * FROM finish();
