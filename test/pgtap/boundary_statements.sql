-- Subtransactions, SPI connections, kept plans and results. In autocommit, so that commits are real.
\ir boundary_functions.psql
SELECT plan(44);

CREATE TABLE entry (note text);
CREATE FUNCTION notes() RETURNS text[] LANGUAGE sql AS 'SELECT array_agg(note ORDER BY note) FROM entry';

-- subtransactions -------------------------------------------------------------------------------------

SELECT is(pgwright_test_subtransaction($$INSERT INTO entry VALUES ('committed')$$, 'commit'), 'left []', 'commit');
SELECT is(notes(), '{committed}', 'keeps the work');
SELECT is(pgwright_test_subtransaction($$INSERT INTO entry VALUES ('rolled back')$$, 'rollback'), 'left []', 'rollback');
SELECT is(pgwright_test_subtransaction($$INSERT INTO entry VALUES ('left')$$, 'leave'), 'left []', 'no commit');
SELECT is(pgwright_test_subtransaction($$INSERT INTO entry VALUES ('failed')$$, 'failure'), 'on purpose []', 'a C++ exception');
SELECT is(pgwright_test_subtransaction($$INSERT INTO entry VALUES ('raised')$$, 'error'), 'division by zero []', 'a server error');
SELECT is(notes(), '{committed}', 'none of these keeps the work, and the statements around them were committed');
SELECT is(pgwright_test_subtransaction($$DO 'BEGIN INSERT INTO entry VALUES (''half''); PERFORM 1/0; END'$$, 'commit'),
    'division by zero []', 'a statement that fails half way');
SELECT is(notes(), '{committed}', 'leaves no half behind');

BEGIN;
INSERT INTO entry VALUES ('around');
SELECT is(pgwright_test_nested_subtransactions($$INSERT INTO entry VALUES ('outer')$$, $$INSERT INTO entry VALUES ('inner')$$),
    'still here', 'after a nested failure the connection opened outside works');
COMMIT;
SELECT is(notes(), '{around,committed,outer}', 'the outer work was committed, the inner was not');

BEGIN;
SELECT pgwright_test_subtransaction($$INSERT INTO entry VALUES ('discarded')$$, 'commit') AS ignored \gset
ROLLBACK;
SELECT is(notes(), '{around,committed,outer}', 'a committed subtransaction still depends on the outer one');

CREATE TABLE lock_probe (id int PRIMARY KEY);
BEGIN;
SELECT pgwright_test_subtransaction('LOCK TABLE lock_probe', 'error') AS ignored \gset
SELECT is((SELECT count(*) FROM pg_locks WHERE relation = 'lock_probe'::regclass), 0::bigint, 'a rolled back one holds no locks');
COMMIT;

-- connections -----------------------------------------------------------------------------------------

SELECT is(pgwright_test_connections('SELECT 1/0'), 'unusable, 1 open, same connection',
    'after an error the connection is unusable, the one outside works');
CREATE FUNCTION fails_deep() RETURNS void LANGUAGE plpgsql AS $$
BEGIN PERFORM pgwright_test_run('DO ''BEGIN PERFORM 1/0; END'''); END $$;
SELECT is(pgwright_test_connections('SELECT fails_deep()'), 'unusable, 1 open, same connection',
    'also with connections of other functions left above');
SELECT is(pgwright_test_connections($$SELECT caught('SELECT fails_deep()')$$), 'usable, 1 open, same connection',
    'an error that SQL has caught leaves ours usable');
SELECT is(pgwright_test_connection_and_exception(), '1 open', 'a C++ exception closes the connection');
SELECT is(pgwright_test_open_connection('commit'),
    'an SPI connection is still open in the subtransaction, 1 open', 'commit under an open connection is refused');
SELECT is(pgwright_test_open_connection('rollback'), 'ended, 1 open', 'rollback closes it');
SELECT is(error_of('SELECT pgwright_test_no_connection()'),
    '{"sqlstate": "XX000", "message": "no SPI connection is open"}', 'a statement needs a connection');
SELECT is(pgwright_test_result_memory(), repeat('y', 100), 'what a function returns does not lie in SPI''s memory');

-- plans -----------------------------------------------------------------------------------------------

CREATE TABLE item (id int, name text);
INSERT INTO item VALUES (1, 'nut'), (2, 'bolt');
SELECT pgwright_test_prepare('items', 'SELECT * FROM item WHERE name = $1');
SELECT is(pgwright_test_execute('items', 'nut')::text, '[[1,"nut"]]', 'a kept plan runs');
SELECT is(pgwright_test_execute('items', 'none')::text, '[]', 'a kept plan runs again');
SELECT is(pgwright_test_plan_valid('items'), true, 'and is valid');
ALTER TABLE item ADD COLUMN price numeric(10, 2) DEFAULT 1.5;
SELECT is(pgwright_test_plan_valid('items'), false, 'ALTER TABLE makes it invalid');
SELECT is(pgwright_test_execute('items', 'nut')::text, '[[1,"nut",1.50]]', 'it runs with the new column');
SELECT is(pgwright_test_plan_valid('items'), true, 'and is valid again');
ALTER TABLE item DROP COLUMN id, ALTER COLUMN price TYPE text;
SELECT is(pgwright_test_execute('items', 'nut')::text, '[["nut","1.50"]]', 'a dropped and a changed column');
ALTER TABLE item RENAME TO item_old;
SELECT is(error_of($$SELECT pgwright_test_execute('items', 'nut')$$) ->> 'sqlstate', '42P01', 'a table that is gone');
SELECT is(error_of($$SELECT pgwright_test_execute('items', 'nut')$$) ->> 'sqlstate', '42P01', 'is gone again');
ALTER TABLE item_old RENAME TO item;
SELECT is(pgwright_test_execute('items', 'nut')::text, '[["nut","1.50"]]', 'the plan has survived the errors');
SELECT pgwright_test_prepare('division', 'SELECT 10 / $1::int');
SELECT is(error_of($$SELECT pgwright_test_execute('division', '0')$$) ->> 'sqlstate', '22012', 'a plan that fails');
SELECT is(pgwright_test_execute('division', '5')::text, '[[2]]', 'runs the next time');
BEGIN;
SELECT pgwright_test_prepare('rolled back', 'SELECT $1');
ROLLBACK;
SELECT is(pgwright_test_execute('rolled back', 'x')::text, '[["x"]]', 'a plan belongs to its object, not to a transaction');
SELECT is(error_of($$SELECT pgwright_test_prepare('bad', 'SELEC $1')$$) ->> 'sqlstate', '42601', 'a syntax error in a plan');
SELECT is(error_of($$SELECT pgwright_test_drop_plan('bad')$$), NULL, 'dropping what is not there');
SELECT is(pgwright_test_drop_plan('items') AND pgwright_test_drop_plan('division') AND pgwright_test_drop_plan('rolled back'),
    true, 'plans are freed');
SELECT is((SELECT count(*) FROM pg_backend_memory_contexts WHERE ident LIKE 'SELECT * FROM item WHERE name%'), 0::bigint,
    'and so is their memory');

-- parameters and rows ---------------------------------------------------------------------------------

SELECT is(pgwright_test_params() #>> '{0,8}', '["a","","long enough to need padding"]', 'an array of text as a parameter');
SELECT is(pgwright_test_params() #>> '{0,9}',
    '["0190a6f0-7b3c-7def-8123-456789abcdef","00000000-0000-0000-0000-000000000000"]', 'an array of uuid');
SELECT is(error_of('SELECT pgwright_test_misread(0)'), '{"sqlstate": "22004", "message": "column \"nothing\" is null"}',
    'NULL is not an integer');
SELECT is(error_of('SELECT pgwright_test_misread(1)') ->> 'sqlstate', 'XX000', 'nor is text');
SELECT is(pgwright_test_wide_rows(50), (50 * 51 / 2 + 50 * 99)::bigint, 'rows of a hundred columns');

SELECT is(pgwright_test_results(100), 1::bigint, 'of two hundred results only the one that counts them is left');

SELECT * FROM finish();
DROP SCHEMA boundary CASCADE;
