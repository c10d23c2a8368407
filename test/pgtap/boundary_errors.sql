-- Errors pass both doors whole, and every C++ object on their way is destroyed.
\ir boundary_functions.psql
BEGIN;
SELECT plan(42);

CREATE TABLE account (
    id integer CONSTRAINT account_key PRIMARY KEY,
    balance integer CONSTRAINT account_balance CHECK (balance >= 0)
);
INSERT INTO account VALUES (1, 10);
CREATE DOMAIN even AS integer CONSTRAINT even_number CHECK (VALUE % 2 = 0);

-- What PostgreSQL says of a statement must not change by going through C++.
CREATE FUNCTION same_error(sql text, description text) RETURNS text LANGUAGE sql AS $$
    SELECT is(error_of(format('SELECT pgwright_test_run(%L)', sql)), error_of(sql), description)
$$;

SELECT pgwright_test_probes() \gset before_

-- outwards --------------------------------------------------------------------------------------------

SELECT is(error_of($$SELECT pgwright_test_throw_failure(400, 'record is not valid', 'price', 'must be positive', 'see the docs')$$),
    '{"sqlstate": "PW400", "message": "record is not valid", "detail": "[{\"field\":\"price\",\"message\":\"must be positive\"}]", "hint": "see the docs"}',
    'a failure has its SQLSTATE, its faults in DETAIL and its hint');
SELECT is(error_of($$SELECT pgwright_test_throw_failure(412, 'stale', NULL, NULL, NULL)$$),
    '{"sqlstate": "PW412", "message": "stale"}', 'a failure without faults has no DETAIL');
SELECT is(array_agg(error_of(format($$SELECT pgwright_test_throw_failure(%s, 'x', NULL, NULL, NULL)$$, code)) ->> 'sqlstate' ORDER BY code),
    '{PW400,PW401,PW403,PW404,PW409,PW412,PW429,PW500,PW503}', 'every code has its SQLSTATE')
    FROM unnest('{400,401,403,404,409,412,429,500,503}'::int[]) code;
SELECT is(error_of($$SELECT pgwright_test_throw_failure(400, 'Größe %s %n', 'a"b\c', E'line\n%d', NULL)$$),
    '{"sqlstate": "PW400", "message": "Größe %s %n", "detail": "[{\"field\":\"a\\\"b\\\\c\",\"message\":\"line\\n%d\"}]"}',
    'text is never taken for a format');
SELECT is(error_of($$SELECT pgwright_test_throw_error('22023', 'bad value', 'the detail', 'the hint')$$),
    '{"sqlstate": "22023", "message": "bad value", "detail": "the detail", "hint": "the hint"}',
    'an error made in C++ keeps SQLSTATE, detail and hint');
SELECT is(error_of($$SELECT pgwright_test_throw_other('bad_alloc')$$),
    '{"sqlstate": "53200", "message": "out of memory"}', 'bad_alloc is out of memory');
SELECT is(error_of($$SELECT pgwright_test_throw_other('exception')$$),
    '{"sqlstate": "XX000", "message": "internal error", "hint": "The server''s log has the details."}',
    'an unforeseen exception shows no internals');
SELECT is(error_of($$SELECT pgwright_test_throw_other('int')$$) ->> 'sqlstate', 'XX000',
    'what is not even a std::exception is an internal error');
SELECT is(error_of($$SELECT pgwright_test_too_large()$$) ->> 'sqlstate', '54000',
    'an allocation beyond the server''s limit is refused as an exception');
SELECT matches(caught($$DO 'BEGIN PERFORM pgwright_test_throw_failure(404, ''gone'', NULL, NULL, NULL); END'$$) ->> 'context',
    'PL/pgSQL function inline_code_block line 1 at PERFORM', 'a new error tells where it happened');
SELECT is(pgwright_test_probes(), '0/18', 'all objects were destroyed');

-- NULL where a value is needed
SELECT is(error_of($$SELECT pgwright_test_run(NULL)$$),
    '{"sqlstate": "22004", "message": "argument 1 must not be null"}', 'a NULL argument is named');
SELECT pgwright_test_probes() \gset ignored_

-- inwards and out again -------------------------------------------------------------------------------

SELECT same_error('SELECT 1/0', 'division by zero');
SELECT same_error('INSERT INTO account VALUES (1, 5)', 'unique violation: detail, schema, table, constraint');
SELECT same_error('INSERT INTO account VALUES (2, -1)', 'check violation');
SELECT same_error('INSERT INTO account VALUES (NULL, 1)', 'not-null violation: the column');
SELECT same_error('SELECT 3::even', 'domain violation: the type');
SELECT same_error('SELECT nothing FROM account', 'undefined column');
SELECT same_error('SELECT has_typo(1)', 'undefined function: the hint');
SELECT same_error($sql$DO $do$ BEGIN RAISE EXCEPTION USING ERRCODE = 'AB123', MESSAGE = 'm %', DETAIL = 'd', HINT = 'h',
    SCHEMA = 's', TABLE = 't', COLUMN = 'c', CONSTRAINT = 'k', DATATYPE = 'y'; END $do$ $sql$, 'every field at once');
SELECT is(pgwright_test_probes(), '0/16', 'all objects were destroyed, two for each');

SELECT is(pgwright_test_catch('INSERT INTO account VALUES (1, 5)')::jsonb - 'context',
    '{"sqlstate": "23505", "message": "duplicate key value violates unique constraint \"account_key\"",
      "detail": "Key (id)=(1) already exists.", "hint": "", "schema": "boundary", "table": "account", "column": "",
      "constraint": "account_key", "is_cancel": false}', 'C++ sees every field');
SELECT is(pgwright_test_catch('SELECT 1')::text, NULL, 'no error, none seen');
SELECT is(pgwright_test_state_after_error('SELECT 1/0'), '[]', 'an error leaves the server''s state as it was');
SELECT is(pgwright_test_state_after_error($$DO 'BEGIN PERFORM 1/0; END'$$), '[]',
    'also when it comes from a function in another language');
SELECT is(pgwright_test_catch_many(10), '22012', 'errors can be caught again and again');

-- position within an inner statement: psql's pointer, which the diagnostics do not offer
SELECT matches(caught($$SELECT pgwright_test_run('SELECT 1 +')$$) ->> 'message', 'syntax error at end of input',
    'a syntax error');
SELECT pgwright_test_probes() \gset ignored_

-- nested: C++ -> SPI -> PL/pgSQL -> C++ -> SPI -> C++ that throws -> all the way back -------------------

CREATE FUNCTION middle() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pgwright_test_run(
        'SELECT pgwright_test_throw_failure(409, ''innermost'', ''sku'', ''is taken'', ''choose another'')');
END $$;
SELECT is(error_of($$SELECT pgwright_test_run('SELECT middle()')$$),
    '{"sqlstate": "PW409", "message": "innermost", "detail": "[{\"field\":\"sku\",\"message\":\"is taken\"}]", "hint": "choose another"}',
    'nested guards keep the failure');
SELECT is(pgwright_test_probes(), '0/5', 'and destroy all objects of all levels');
SELECT matches(caught($$SELECT pgwright_test_run('SELECT middle()')$$) ->> 'context',
    'SQL statement "SELECT pgwright_test_throw_failure.*PL/pgSQL function middle\(\) line 3 at PERFORM.*SQL statement "SELECT middle\(\)"',
    'the context names every level');
SELECT is((SELECT count(*) FROM regexp_matches(caught($$SELECT pgwright_test_run('SELECT middle()')$$) ->> 'context',
    'PL/pgSQL function middle', 'g')), 1::bigint, 'the context names each level once');
SELECT is(error_of($$SELECT pgwright_test_run('SELECT pgwright_test_run(''SELECT pgwright_test_run(''''SELECT 1/0'''')'')')$$),
    '{"sqlstate": "22012", "message": "division by zero"}', 'three levels of C++');
SELECT pgwright_test_probes() \gset ignored_
SELECT is(error_of('SELECT pgwright_test_recurse()') ->> 'sqlstate', '54001', 'endless recursion through SQL');
SELECT is(error_of('SELECT pgwright_test_recurse_directly()') ->> 'sqlstate', '54001', 'the guard looks at the stack''s depth');
SELECT matches(pgwright_test_probes(), '^0/\d+$', 'and both unwind whole');

-- cancel and time-out pass through --------------------------------------------------------------------

SET LOCAL statement_timeout = '200ms';
SELECT is(error_of($$SELECT pgwright_test_run('SELECT pg_sleep(20)')$$) ->> 'sqlstate', '57014',
    'a statement time-out passes');
SELECT is(error_of($$SELECT pgwright_test_busy(20000)$$) ->> 'message', 'canceling statement due to statement timeout',
    'C++ code that looks for interrupts can be timed out');
SET LOCAL statement_timeout = 0;
SELECT is(error_of($$SELECT pgwright_test_run('SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(20)')$$),
    '{"sqlstate": "57014", "message": "canceling statement due to user request"}', 'a query cancel passes');
SELECT is(error_of($$SELECT pgwright_test_run_and_rethrow('SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(20)')$$),
    '{"sqlstate": "57014", "message": "canceling statement due to user request"}',
    'also a handler for everything that rethrows');
SELECT is(pgwright_test_catch('SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(20)')::jsonb ->> 'is_cancel', 'true',
    'C++ can tell a cancel');
SELECT is(error_of($$SELECT pgwright_test_run('SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(0.01)')$$) ->> 'sqlstate',
    '57014', 'and interrupts are still on after all these');
SELECT matches(pgwright_test_probes(), '^0/\d+$', 'all objects were destroyed');

SELECT * FROM finish();
ROLLBACK;
DROP SCHEMA boundary CASCADE;
