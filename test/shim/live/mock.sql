-- What the shim needs of a database: a route table and functions of every kind. Plain SQL, so that
-- the shim is tested against a real server without the extension.
CREATE SCHEMA pgwright;

CREATE TYPE pgwright.response AS (status int, headers json, body json);

CREATE TABLE pgwright.routes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    method text NOT NULL,
    path text NOT NULL,
    function_name text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '[]',
    constants jsonb NOT NULL DEFAULT '{}',
    body_argument text,
    success_status int NOT NULL DEFAULT 200,
    returns text NOT NULL DEFAULT 'json'
);

CREATE FUNCTION pgwright.route_table() RETURNS SETOF pgwright.routes
LANGUAGE sql STABLE AS 'SELECT * FROM pgwright.routes';

CREATE FUNCTION pgwright.routes_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY pgwright_routes;
    RETURN NULL;
END $$;

CREATE TRIGGER routes_changed AFTER INSERT OR UPDATE OR DELETE ON pgwright.routes
FOR EACH STATEMENT EXECUTE FUNCTION pgwright.routes_changed();

-- Who am I, as the database sees it.
CREATE FUNCTION pgwright.context() RETURNS json LANGUAGE sql AS $$
    SELECT json_build_object('token', current_setting('pgwright.token', true),
                             'request_id', current_setting('pgwright.request_id', true),
                             'pid', pg_backend_pid(),
                             'search_path', current_setting('search_path'),
                             'statement_timeout', current_setting('statement_timeout'),
                             'application_name', current_setting('application_name')) $$;

CREATE FUNCTION pgwright.echo(name text, page integer DEFAULT NULL, flag boolean DEFAULT NULL,
                              filters json DEFAULT NULL, amount numeric DEFAULT NULL)
RETURNS json LANGUAGE sql AS $$
    SELECT json_build_object('name', name, 'page', page, 'flag', flag, 'filters', filters,
                             'amount', amount) $$;

CREATE FUNCTION pgwright.create_thing(kind text, data json) RETURNS json LANGUAGE sql AS $$
    SELECT json_build_object('kind', kind, 'data', data) $$;

CREATE FUNCTION pgwright.forget_thing(id uuid) RETURNS void LANGUAGE sql AS '';

CREATE FUNCTION pgwright.answer(status integer, headers json DEFAULT NULL, body json DEFAULT NULL)
RETURNS pgwright.response LANGUAGE sql AS 'SELECT ROW(status, headers, body)::pgwright.response';

CREATE FUNCTION pgwright.fail(sqlstate text) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'secret internals of %', sqlstate
        USING ERRCODE = sqlstate, DETAIL = '[{"field":"name","message":"is taken"}]',
              HINT = 'Choose another.';
END $$;

CREATE FUNCTION pgwright.sleep(seconds numeric) RETURNS json LANGUAGE sql AS $$
    SELECT json_build_object('slept', seconds) FROM pg_sleep(seconds::float8) $$;

CREATE TABLE pgwright.journal (at timestamptz DEFAULT clock_timestamp(), note text);
CREATE FUNCTION pgwright.write_slowly(note text, seconds numeric) RETURNS json
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pgwright.journal (note) VALUES (write_slowly.note);
    PERFORM pg_sleep(seconds::float8);
    RETURN json_build_object('note', note);
END $$;

-- Fails after the journal entry, which must not stay.
CREATE FUNCTION pgwright.write_and_fail(note text) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pgwright.journal (note) VALUES (write_and_fail.note);
    RAISE EXCEPTION 'no' USING ERRCODE = 'PW409';
END $$;

CREATE FUNCTION pgwright.big(kilobytes integer) RETURNS json LANGUAGE sql AS $$
    SELECT to_json(repeat('x', kilobytes * 1024)) $$;

-- Loses what the connection has prepared, as a pooler in between might.
CREATE FUNCTION pgwright.deallocate() RETURNS json LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'DEALLOCATE ALL';
    RETURN '{}';
END $$;

CREATE FUNCTION pgwright.changing() RETURNS json LANGUAGE sql AS $$ SELECT '1'::json $$;

INSERT INTO pgwright.routes (method, path, function_name, arguments, constants, body_argument,
                             success_status, returns) VALUES
    ('GET', '/t/context', 'pgwright.context', '[]', '{}', NULL, 200, 'json'),
    ('GET', '/t/echo/{name}', 'pgwright.echo',
     '[{"name":"name","type":"text","required":true},{"name":"page","type":"integer"},
       {"name":"flag","type":"boolean"},{"name":"filters","type":"json"},
       {"name":"amount","type":"numeric"}]', '{}', NULL, 200, 'json'),
    ('POST', '/t/echo', 'pgwright.echo',
     '[{"name":"name","type":"text","required":true},{"name":"page","type":"integer"},
       {"name":"flag","type":"boolean"},{"name":"filters","type":"json"},
       {"name":"amount","type":"numeric"}]', '{"page":7}', NULL, 200, 'json'),
    ('POST', '/t/things/{kind}', 'pgwright.create_thing',
     '[{"name":"kind","type":"text","required":true},{"name":"data","type":"json","required":true}]',
     '{}', 'data', 201, 'json'),
    ('DELETE', '/t/things/{id}', 'pgwright.forget_thing',
     '[{"name":"id","type":"uuid","required":true}]', '{}', NULL, 204, 'void'),
    ('POST', '/t/answer', 'pgwright.answer',
     '[{"name":"status","type":"integer","required":true},{"name":"headers","type":"json"},
       {"name":"body","type":"json"}]', '{}', NULL, 200, 'response'),
    ('GET', '/t/fail/{sqlstate}', 'pgwright.fail',
     '[{"name":"sqlstate","type":"text","required":true}]', '{}', NULL, 200, 'json'),
    ('GET', '/t/sleep/{seconds}', 'pgwright.sleep',
     '[{"name":"seconds","type":"numeric","required":true}]', '{}', NULL, 200, 'json'),
    ('POST', '/t/write-slowly', 'pgwright.write_slowly',
     '[{"name":"note","type":"text","required":true},{"name":"seconds","type":"numeric","required":true}]',
     '{}', NULL, 200, 'json'),
    ('POST', '/t/write-and-fail', 'pgwright.write_and_fail',
     '[{"name":"note","type":"text","required":true}]', '{}', NULL, 200, 'json'),
    ('GET', '/t/big/{kilobytes}', 'pgwright.big',
     '[{"name":"kilobytes","type":"integer","required":true}]', '{}', NULL, 200, 'json'),
    ('POST', '/t/deallocate', 'pgwright.deallocate', '[]', '{}', NULL, 200, 'json'),
    ('GET', '/t/changing', 'pgwright.changing', '[]', '{}', NULL, 200, 'json'),
    ('GET', '/t/missing-function', 'pgwright.no_such_function', '[]', '{}', NULL, 200, 'json'),
    -- Rows the shim has to leave out without further ado.
    ('BREW', '/t/teapot', 'pgwright.context', '[]', '{}', NULL, 200, 'json'),
    ('GET', 'no-slash', 'pgwright.context', '[]', '{}', NULL, 200, 'json'),
    ('GET', '/t/bad-type', 'pgwright.echo', '[{"name":"name","type":"text; DROP"}]', '{}', NULL, 200, 'json'),
    ('GET', '/t/{nothing}', 'pgwright.context', '[]', '{}', NULL, 200, 'json');
