-- Who reaches which record, by the record functions and on the bare tables: both come to what
-- access_expected.psql says, where tables are deleted from for good and where records stay marked.
\ir access_setup.psql
\ir access_expected.psql
SELECT make_role('pgwright_tap_matrix', '{pgwright_user}') \g /dev/null
GRANT USAGE ON SCHEMA tests TO pgwright_tap_matrix;

-- The records ------------------------------------------------------------------------------------------------

SELECT become('owner') \g /dev/null
CREATE TABLE sample (place text, entity text, id uuid);
INSERT INTO sample SELECT place, e, (pgwright.create_record(e, json_build_object('title', place, 'stage', stage, 'company_id', company)) ->> 'id')::uuid
  FROM (VALUES ('near', 'open', :'north'), ('shut', 'shut', :'north'), ('far', 'open', :'south')) AS v (place, stage, company), unnest('{deal,task}'::text[]) e;
SELECT become('stranger') \g /dev/null
INSERT INTO sample SELECT 'foreign', e, (pgwright.create_record(e, json_build_object('title', 'foreign', 'stage', 'open', 'company_id', (SELECT id FROM t_rival.company WHERE name = 'north'))) ->> 'id')::uuid
  FROM unnest('{deal,task}'::text[]) e;

-- The caller's own two records are there only while it is the caller's turn; written as the server's
-- superuser, since not everybody may write records of his own.
CREATE FUNCTION own_records(who text, north uuid, south uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    e text; place text; made uuid;
BEGIN
    PERFORM tests.become('nobody');
    DELETE FROM tests.sample s WHERE s.place LIKE 'own%';
    FOREACH e IN ARRAY '{deal,task}'::text[] LOOP
        EXECUTE format('DELETE FROM t_acme.%I WHERE title LIKE ''own%%''', e);
        FOREACH place IN ARRAY '{own_near,own_far}'::text[] LOOP
            EXECUTE format('INSERT INTO t_acme.%I (title, stage, company_id, created_by) VALUES ($1, ''open'', $2, $3) RETURNING id', e)
               INTO made USING place, CASE place WHEN 'own_near' THEN north ELSE south END, (SELECT user_id FROM tests.actor WHERE name = who);
            INSERT INTO tests.sample VALUES (place, e, made);
        END LOOP;
    END LOOP;
    PERFORM tests.become(who);
END $$;

-- The actions --------------------------------------------------------------------------------------------------

-- How a statement ends, in the signs of the table; its effects are undone. A SELECT that counts nothing
-- and a change of no row mean that nothing is there.
CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text; rows bigint;
BEGIN
    BEGIN
        IF statement LIKE 'SELECT%' THEN
            EXECUTE statement INTO answer;
        ELSE
            EXECUTE statement;
            GET DIAGNOSTICS rows = ROW_COUNT;
        END IF;
        RAISE EXCEPTION SQLSTATE 'XUNDO';
    EXCEPTION
        WHEN SQLSTATE 'XUNDO' THEN RETURN coalesce(answer, CASE rows WHEN 0 THEN '0' WHEN 1 THEN '+' ELSE rows || ' rows' END);
        WHEN SQLSTATE 'PW401' THEN RETURN 'x';
        WHEN SQLSTATE 'PW403' OR insufficient_privilege THEN RETURN '-';
        WHEN SQLSTATE 'PW404' THEN RETURN '0';
        WHEN OTHERS THEN RETURN format('[%s %s]', SQLSTATE, SQLERRM);
    END;
END $$;
CREATE FUNCTION data(company uuid) RETURNS json LANGUAGE sql AS $$ SELECT json_build_object('title', 'new', 'stage', 'open', 'company_id', company) $$;
CREATE FUNCTION by_function(op text, entity text, id uuid, near uuid, far uuid) RETURNS text LANGUAGE sql AS $$
    SELECT tests.attempt(CASE op
        WHEN 'list' THEN format('SELECT pgwright.list_records(%L) ->> ''total''', entity)
        WHEN 'create near' THEN format('SELECT left(''+'', count(pgwright.create_record(%L, %L))::int)', entity, tests.data(near))
        WHEN 'create far' THEN format('SELECT left(''+'', count(pgwright.create_record(%L, %L))::int)', entity, tests.data(far))
        WHEN 'get' THEN format('SELECT left(''+'', count(pgwright.get_record(%L, %L))::int)', entity, id)
        WHEN 'update' THEN format('SELECT left(''+'', count(pgwright.update_record(%L, %L, %L))::int)', entity, id, '{"title": "changed"}')
        WHEN 'move' THEN format('SELECT left(''+'', count(pgwright.update_record(%L, %L, %L))::int)', entity, id, json_build_object('company_id', far))
        WHEN 'delete' THEN format('SELECT left(''+'', count(*)::int) FROM (SELECT pgwright.delete_record(%L, %L)) d', entity, id) END)
$$;
CREATE FUNCTION by_table(op text, place text, entity text, id uuid, near uuid, far uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    relation text := format('%I.%I', CASE place WHEN 'foreign' THEN 't_rival' ELSE 't_acme' END, entity);
    answer text;
BEGIN
    SET LOCAL ROLE pgwright_tap_matrix;
    answer := tests.attempt(CASE op
        WHEN 'list' THEN 'SELECT count(*) FROM ' || relation
        WHEN 'create near' THEN format('INSERT INTO %s (title, stage, company_id) VALUES (''new'', ''open'', %L)', relation, near)
        WHEN 'create far' THEN format('INSERT INTO %s (title, stage, company_id) VALUES (''new'', ''open'', %L)', relation, far)
        WHEN 'get' THEN format('SELECT CASE count(title) WHEN 0 THEN ''0'' ELSE ''+'' END FROM %s WHERE id = %L', relation, id)
        WHEN 'update' THEN format('UPDATE %s SET title = ''changed'' WHERE id = %L', relation, id)
        WHEN 'move' THEN format('UPDATE %s SET company_id = %L WHERE id = %L', relation, far, id)
        WHEN 'delete' THEN format(CASE entity WHEN 'deal' THEN 'UPDATE %s SET deleted_at = now() WHERE id = %L' ELSE 'DELETE FROM %s WHERE id = %L' END, relation, id) END);
    RESET ROLE;
    RETURN answer;
END $$;

-- The matrix -----------------------------------------------------------------------------------------------------

CREATE TABLE expected (n serial, who text, way text, cell text, want text);
INSERT INTO expected (who, way, cell, want)
    SELECT split_part(p[1], '/', 1), CASE WHEN p[1] LIKE '%/table' THEN 'table' ELSE 'function' END, c, p[m + 1]
      FROM expected_text, regexp_split_to_table(lines, '\n') WITH ORDINALITY AS l (line, k), regexp_split_to_array(trim(line), ' +') AS p,
           unnest('{seen,new,own_near,own_far,near,shut,far,foreign}'::text[]) WITH ORDINALITY AS u (c, m)
     WHERE trim(line) <> '' AND p[1] <> 'who' ORDER BY k, m;
INSERT INTO expected (who, way, cell, want)
    SELECT who, 'table', cell, want FROM expected e WHERE NOT EXISTS (SELECT FROM expected t WHERE t.who = e.who AND t.way = 'table') ORDER BY n;

CREATE FUNCTION outcome(way text, cell text, entity text, near uuid, far uuid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(CASE way WHEN 'table' THEN tests.by_table(op, CASE WHEN mine THEN 'foreign' ELSE cell END, outcome.entity, s.id, near, far)
                                           ELSE tests.by_function(op, outcome.entity, s.id, near, far) END, '' ORDER BY m)
      FROM unnest(CASE cell WHEN 'seen' THEN '{list}' WHEN 'new' THEN '{create near,create far}' ELSE '{get,update,move,delete}'::text[] END) WITH ORDINALITY AS o (op, m)
      LEFT JOIN tests.sample s ON s.place = cell AND s.entity = outcome.entity,
      LATERAL (SELECT pgwright.tenant_id() = (SELECT id FROM pgwright.tenants WHERE slug = 'rival') AND cell IN ('seen', 'foreign') AS mine) AS w
$$;
-- A company of the actor's own tenant.
CREATE FUNCTION company_for(actor text, owner text) RETURNS uuid LANGUAGE sql AS $$
    SELECT id FROM t_rival.company WHERE actor = 'stranger' AND company.owner = $2 UNION ALL SELECT id FROM t_acme.company WHERE actor <> 'stranger' AND company.owner = $2
$$;
CREATE TABLE result (n int, who text, way text, entity text, cell text, want text, got text);
DO $$
DECLARE
    actor text; e record;
BEGIN
    FOR actor IN SELECT x.who FROM tests.expected x GROUP BY x.who ORDER BY min(x.n) LOOP
        PERFORM tests.own_records(actor, (SELECT id FROM t_acme.company WHERE name = 'north'), (SELECT id FROM t_acme.company WHERE name = 'south'));
        FOR e IN SELECT * FROM tests.expected x CROSS JOIN unnest('{deal,task}'::text[]) AS entity WHERE x.who = actor ORDER BY n LOOP
            INSERT INTO tests.result VALUES (e.n, e.who, e.way, e.entity, e.cell, e.want, tests.outcome(e.way, e.cell, e.entity,
                company_for(actor, 'north'), company_for(actor, 'south')));
        END LOOP;
    END LOOP;
END $$;
SELECT plan(count(*)::int + 56) FROM result;
SELECT is(got, want, format('%s by %s: %s, %s', who, way, entity, cell)) FROM result ORDER BY who, way, entity, n;

-- What everybody may read -------------------------------------------------------------------------------------------

SELECT become('owner') \g /dev/null
SELECT pgwright.create_entity('{"name": "notice", "supports_soft_delete": true, "fields": [{"name": "title", "field_type": "string"}, {"name": "stage", "field_type": "string"}]}') \g /dev/null
SELECT pgwright.publish_entity('notice') \g /dev/null
SELECT pgwright.apply_access_template('notice', 'public_read') \g /dev/null
SELECT rule(pgwright.role_id('public'), 'notice', 'read', '{"stage": "open"}') \g /dev/null
CREATE TABLE notice AS SELECT place, (pgwright.create_record('notice', json_build_object('title', place, 'stage', stage)) ->> 'id')::uuid AS id
  FROM (VALUES ('open', 'open'), ('shut', 'shut'), ('gone', 'open')) AS v (place, stage);
SELECT pgwright.delete_record('notice', id::text) FROM notice WHERE place = 'gone' \g /dev/null
-- The public functions; the record functions; the bare table: how many, then each of open, shut and gone (deleted);
-- and changing them in either way. A table refuses the change of what is seen, publicly or not.
CREATE TABLE expected_public (n serial, who text, public text, functions text, "table" text, change_by_function text, change_by_table text);
INSERT INTO expected_public (who, public, functions, "table", change_by_function, change_by_table) VALUES
    ('owner',      '1+00', '2++0', '3+++', '++0', '+++'),
    ('member',     '1+00', '2++0', '3+++', '++0', '+++'),
    ('viewer',     '1+00', '2++0', '3+++', '--0', '---'),
    ('idle',       '1+00', '1+00', '1+00', '-00', '-00'),
    ('member_key', '1+00', '1+00', '1+00', '-00', '-00'),
    ('stranger',   '1+00', '0000', '1+00', '000', '-00'),
    ('nobody',     '1+00', 'xxxx', '1+00', 'xxx', '-00');
CREATE FUNCTION notices(list text, get text, role name DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text; one uuid;
BEGIN
    IF role IS NOT NULL THEN EXECUTE format('SET LOCAL ROLE %I', role); END IF;
    answer := CASE WHEN list <> '' THEN tests.attempt(list) ELSE '' END;
    FOREACH one IN ARRAY current_setting('tests.notices')::uuid[] LOOP
        answer := answer || tests.attempt(format(get, one));
    END LOOP;
    RESET ROLE;
    RETURN answer;
END $$;
SELECT set_config('tests.notices', array_agg(id ORDER BY place = 'open' DESC, place = 'shut' DESC)::text, false) FROM notice \g /dev/null
CREATE TABLE public_result (n int, who text, way text, got text, want text);
DO $$
DECLARE
    e record;
BEGIN
    FOR e IN SELECT * FROM tests.expected_public ORDER BY n LOOP
        PERFORM tests.become(e.who);
        INSERT INTO tests.public_result VALUES
            (e.n, e.who, 'the public functions', tests.notices('SELECT pgwright.list_public_records(''acme'', ''notice'') ->> ''total''', 'SELECT left(''+'', count(pgwright.get_public_record(''acme'', ''notice'', %L))::int)'), e.public),
            (e.n, e.who, 'the record functions', tests.notices('SELECT pgwright.list_records(''notice'') ->> ''total''', 'SELECT left(''+'', count(pgwright.get_record(''notice'', %L))::int)'), e.functions),
            (e.n, e.who, 'the bare table', tests.notices('SELECT count(*) FROM t_acme.notice', 'SELECT translate(count(*)::text, ''1'', ''+'') FROM t_acme.notice WHERE id = %L', 'pgwright_tap_matrix'), e."table"),
            (e.n, e.who, 'update_record()', tests.notices('', 'SELECT left(''+'', count(pgwright.update_record(''notice'', %L, ''{"title": "x"}''))::int)'), e.change_by_function),
            (e.n, e.who, 'delete_record()', tests.notices('', 'SELECT left(''+'', count(*)::int) FROM (SELECT pgwright.delete_record(''notice'', %L)) AS d'), e.change_by_function),
            (e.n, e.who, 'UPDATE', tests.notices('', 'UPDATE t_acme.notice SET title = ''x'' WHERE id = %L', 'pgwright_tap_matrix'), e.change_by_table),
            (e.n, e.who, 'INSERT', tests.notices('', 'INSERT INTO t_acme.notice (title, stage) SELECT ''x'', ''open'' WHERE %L <> ''''', 'pgwright_tap_matrix'), CASE WHEN e.who IN ('owner', 'member') THEN '+++' ELSE '---' END),
            (e.n, e.who, 'DELETE', tests.notices('', 'UPDATE t_acme.notice SET deleted_at = now() WHERE id = %L', 'pgwright_tap_matrix'), e.change_by_table);
    END LOOP;
END $$;
SELECT is(got, want, format('%s, what everybody may read, by %s', who, way)) FROM public_result ORDER BY n, way;

SELECT drop_role('pgwright_tap_matrix') \g /dev/null
SELECT * FROM finish();
