-- The immediate style from SQL: a change and its publication, both or nothing, and what the log keeps.
\ir setup.psql
SELECT plan(22);

SELECT pgwright.create_tenant('acme', 'Acme'), pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('olga', 'acme', 'owner'), add_actor('mia', 'acme', 'member'), add_actor('rita', 'rival', 'owner') \g /dev/null

-- What change_and_publish() answers: status, then the error's code.
CREATE FUNCTION answer(operation text, entity text, part text, definition jsonb, allow boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', r.status, r.body -> 'error' ->> 'code')
      FROM pgwright.change_and_publish(operation, entity, part, definition, '{}', allow) r
$$;
-- The newest operations of the caller's tenant.
CREATE FUNCTION logged(number integer) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg((o ->> 'op_type') || ' ' || (o ->> 'status'), ', ' ORDER BY n)
      FROM json_array_elements(pgwright.list_records('schema_ops', 1, number, 'created_at:desc,id:desc') -> 'items') WITH ORDINALITY AS i (o, n)
$$;

SELECT become('olga') \g /dev/null
SELECT is(answer('create_entity', NULL, NULL, '{"name": "tool"}'), '200', 'an entity is created and published in one');
SELECT has_table('t_acme', 'tool', 'its table is there');
SELECT is(answer('create_field', 'tool', NULL, '{"name": "size", "field_type": "integer"}'), '200', 'a field likewise');
SELECT has_column('t_acme', 'tool', 'size', 'with its column');
SELECT is(logged(2), 'publish_entity applied, create_field applied', 'both steps are in the log');
SELECT pgwright.create_record('tool', '{"size": 7}') \g /dev/null

-- Refused publications ----------------------------------------------------------------------------------------

SELECT is(answer('create_field', 'tool', NULL, '{"name": "weight", "field_type": "integer", "is_required": true}'), '400 VALIDATION_ERROR',
    'a publication that the records refuse is an answer');
SELECT is(logged(1), 'create_field failed', 'and the log has it as failed');
SELECT hasnt_column('t_acme', 'tool', 'weight', 'there is no column');
SELECT is(pgwright.get_entity('tool') ->> 'draft_version', NULL, 'and no draft');
SELECT is(answer('delete_field', 'tool', 'size', NULL), '409 CONFLICT', 'what takes values out of service must be allowed');
SELECT is(answer('delete_field', 'tool', 'size', NULL, true), '200', 'and then is done');
SELECT hasnt_column('t_acme', 'tool', 'size', 'the column is retired');

-- Refused requests --------------------------------------------------------------------------------------------

SELECT is(faults_of($$SELECT answer('create_field', 'tool', NULL, '{"name": "select", "field_type": "text"}')$$) ~ '^PW400 name: ', true,
    'a bad definition is an error');
SELECT is(logged(1), 'publish_entity applied', 'which the log does not have');
SELECT is(state_of($$SELECT answer('update_entity', 'users', NULL, '{"label": "x"}')$$), 'PW404', 'the platform''s entities are not there');
SELECT pgwright.create_field('tool', '{"name": "pending", "field_type": "text"}') \g /dev/null
SELECT is(error_of($$SELECT answer('update_entity', 'tool', NULL, '{"label": "x"}')$$) ->> 'message',
    'tool has an open draft with changes that are not published', 'an open draft is not published along');
SELECT pgwright.discard_draft('tool') \g /dev/null

-- Who may tell the log ----------------------------------------------------------------------------------------

SELECT is(faults_of($$SELECT pgwright.log_failed_operation('x', 'tool', '{}', '')$$), 'PW400 error: must not be empty', 'what is logged as failed has an error');
SELECT become('mia') \g /dev/null
SELECT is(state_of($$SELECT answer('update_entity', 'tool', NULL, '{"label": "x"}')$$), 'PW403', 'members do not shape');
SELECT is(state_of($$SELECT pgwright.log_failed_operation('x', 'tool', '{}', 'e')$$), 'PW403', 'nor tell the log of it');
SELECT become('rita') \g /dev/null
SELECT is(state_of($$SELECT pgwright.log_failed_operation('x', 'tool', '{}', 'e')$$), 'PW404', 'another tenant''s entity is not there');
SELECT is(state_of($$SELECT answer('update_entity', 'tool', NULL, '{"label": "x"}')$$), 'PW404', 'for no change either');
SELECT become('nobody') \g /dev/null
SELECT is(state_of($$SELECT answer('update_entity', 'tool', NULL, '{"label": "x"}')$$), 'PW401', 'and the anonymous caller signs in first');

SELECT * FROM finish();
