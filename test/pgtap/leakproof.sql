-- The leakproof operators say what the server's own say, whatever they are given; the engine's answers
-- under row security are those of the same conditions in plain SQL beside a predicate written by hand;
-- and nobody's function sees a row that a policy hides.
\ir setup.psql
SELECT plan(64);
SET jit = off;  -- which the made-up costs below would call for
SELECT make_role('pgwright_tap_leak', '{pgwright_user}') \g /dev/null
CREATE EXTENSION pg_trgm SCHEMA public;
SELECT setseed(0.5) \g /dev/null

-- Every number against every number -------------------------------------------------------------------------

CREATE TABLE number AS SELECT n::numeric FROM unnest('{NULL,NaN,Infinity,-Infinity,0,-0,0.0,0.00,1,1.0,-1,1e-20,1e300,-1e300,123456789012345678901234567890.123456789,123456789012345678901234567890.12345678900,0.1,0.10,99999,100000,10000,9999}'::text[]) n;
INSERT INTO number SELECT ('1e' || e)::numeric + random()::numeric FROM generate_series(1, 5000, 700) e;
CREATE FUNCTION differing(ours text, plain text, relation text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SELECT count(*) FILTER (WHERE (%s) IS DISTINCT FROM (%s)) FROM %s', ours, plain, relation) INTO found;
    RETURN found;
END $$;
SELECT is(differing(format('a.n OPERATOR(pgwright.%s) b.n', op), format('a.n %s b.n', op), 'number a, number b'), 0::bigint, format('numbers: %s is the server''s', op))
  FROM unnest('{=,<,<=,>,>=}'::text[]) op;
-- Of an empty list the server says false about null too.
SELECT is(differing(format('a.n OPERATOR(pgwright.<@) %s', list), format('a.n = ANY (%s) AND a.n IS NOT NULL OR CASE WHEN a.n IS NULL THEN NULL ELSE false END', list), 'number a'), 0::bigint, format('numbers: among %s', list))
  FROM unnest(ARRAY[$$'{NaN,1.00,1e300}'::numeric[]$$, $$'{}'::numeric[]$$, $$'{5,NULL,-Infinity}'::numeric[]$$, $$'{{1,2},{-1,100000.000}}'::numeric[]$$, 'ARRAY[a.n, 7]', 'NULL::numeric[]']) list;
SELECT ok(differing('a.n OPERATOR(pgwright.<) b.n', 'a.n <= b.n', 'number a, number b') > 0, 'the comparison sees a difference');

-- Every text against every needle, in collations that fold differently -----------------------------------------

CREATE TABLE word AS SELECT w FROM unnest(ARRAY[NULL, '', ' ', '%', '_', '\', '\\', '%%', 'a\%b', 'A_b', 'aXb', 'abc', 'ABC', 'aBcAbC', 'xABCx', 'ß', 'SS', 'straße', 'STRASSE',
    'İ', 'I', 'i', 'ı', 'Iı', 'É', 'é', E'e\u0301', 'ΟΔΥΣΣΕΥΣ', 'ΣΑΣ', 'σας', 'Σ', 'ς', 'σ', 'ΑΣ_', 'ΑΣ%Α', 'Ǆ', 'ǆ', '日本', '本', '𝒳', '😀a', 'tab	', E'line\nend', repeat('Ab%', 3000)]) w;
INSERT INTO word SELECT string_agg(substr('aAbB%_\ΣσςİIé', 1 + floor(random() * 13)::int, 1), '') FROM generate_series(1, 80) s, generate_series(1, 8) WHERE random() < 0.6 GROUP BY s;
-- The needle as it was written into a pattern before there were such operators.
CREATE FUNCTION escaped(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT regexp_replace($1, '([%_\\])', '\\\1', 'g') $$;
SELECT is(differing(format('a.w COLLATE %I OPERATOR(pgwright.%s) b.w', c, op), format('a.w COLLATE %I ILIKE %s', c, pattern), 'word a, word b'), 0::bigint, format('texts: %s is ILIKE %s, collation %s', op, pattern, c))
  FROM (VALUES ('~@~', $$'%' || escaped(b.w) || '%'$$), ('^@~', $$escaped(b.w) || '%'$$), ('~@^', $$'%' || escaped(b.w)$$)) o (op, pattern),
       unnest('{default,C,und-x-icu,tr-x-icu,el-x-icu}'::text[]) c;
SELECT is(differing('pgwright.like_pattern(w, true, false)', $$'%' || escaped(w)$$, 'word'), 0::bigint, 'a pattern escapes what is special');
SELECT ok(differing('a.w OPERATOR(pgwright.^@~) b.w', $$a.w ILIKE b.w || '%'$$, 'word a, word b') > 0, 'which matters');

-- Every array against every array, of each type of items --------------------------------------------------------------

CREATE TABLE list AS SELECT array_agg(n) FILTER (WHERE random() < 0.4) AS l FROM generate_series(1, 6) n, generate_series(1, 40) s GROUP BY s;
INSERT INTO list VALUES (NULL), ('{}'), ('{NULL}'), ('{1,NULL}'), ('{{1,2},{3,4}}'), ('{1,1,1}'), ('[5:6]={1,2}');
CREATE VIEW lists AS SELECT l AS integers, l::bigint[] AS bigints, l::numeric[] AS numerics, l::text[] AS texts,
    (SELECT array_agg('2026-01-01'::date + i) FROM unnest(l) i) AS dates, (SELECT array_agg('2026-01-01Z'::timestamptz + i * interval '1 hour') FROM unnest(l) i) AS times,
    (SELECT array_agg(md5(i::text)::uuid) FROM unnest(l) i) AS uuids FROM list;
SELECT is(differing(format('a.%I OPERATOR(pgwright.%s) b.%1$I', c, op), format('a.%I %s b.%1$I', c, op), 'lists a, lists b'), 0::bigint, format('arrays: %s of %s is the server''s', op, c))
  FROM unnest('{@>,&&}'::text[]) op, unnest('{integers,bigints,numerics,texts,dates,times,uuids}'::text[]) c;
SELECT ok(differing('a.texts OPERATOR(pgwright.@>) b.texts', 'a.texts && b.texts', 'lists a, lists b') > 0, 'the comparison sees a difference between arrays');

-- Nothing raises an error -----------------------------------------------------------------------------------------

CREATE COLLATION tests.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SELECT is(state_of($$SELECT 'Abc' COLLATE tests.loose ILIKE 'abc'$$), '0A000', 'ILIKE refuses a collation that finds different bytes equal');
SELECT ok('xAbc' COLLATE tests.loose OPERATOR(pgwright.~@~) 'ABC', 'the operator folds, and compares bytes');
SELECT is((SELECT count(*) FROM word a, word b WHERE pgwright.contains_text(a.w COLLATE "C", b.w) IS NULL), (SELECT 2 * count(*) - 1 FROM word), 'NULL is all that is neither true nor false');
-- 256 MB: what folding cannot hold in one piece. ILIKE fails there.
SELECT is(pgwright.contains_text(repeat(repeat('x', 65536), 4096), 'x') OR pgwright.contains_text('x', repeat(repeat('x', 65536), 4096)), false, 'a text too long to be folded is not found');

-- The engine under row security, and plain SQL ---------------------------------------------------------------------

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "item", "supports_soft_delete": false, "fields": [
    {"name": "label", "field_type": "text"}, {"name": "code", "field_type": "string", "is_indexed": true},
    {"name": "amount", "field_type": "decimal", "is_indexed": true}, {"name": "rate", "field_type": "decimal"},
    {"name": "grp", "field_type": "integer", "is_required": true}],
    "indexes": [{"name": "words", "index_type": "gin", "field_names": ["label"]}]}') \g /dev/null
SELECT is(pgwright.publish_entity('item') ->> 'status', 'completed', 'an entity with numbers and trigrams is published');
ALTER TABLE t_acme.item DROP CONSTRAINT item_amount_range;  -- NaN and infinities are no values of a field, but may stand in imported tables
-- A policy of the row beside the generated ones, which ask for the caller alone.
CREATE POLICY some_rows ON t_acme.item AS RESTRICTIVE TO pgwright_runtime, pgwright_user USING (grp % 3 <> 0);
INSERT INTO t_acme.item (label, code, amount, rate, grp)
SELECT (SELECT w FROM word WHERE octet_length(w) < 2000 OR w IS NULL ORDER BY random() + 0 * g LIMIT 1), 'c' || g % 50,
       (SELECT n FROM number ORDER BY random() + 0 * g LIMIT 1), CASE WHEN random() < 0.9 THEN round(random()::numeric * 100, 1) END, g
  FROM generate_series(1, 400) g;
SELECT ok(count(DISTINCT label) > 50 AND count(DISTINCT amount) > 10, 'the rows differ') FROM t_acme.item;
ANALYZE t_acme.item;

-- A random condition: as the engine is asked, and as it is meant.
CREATE TYPE condition AS (asked jsonb, meant text);
CREATE FUNCTION pick(text[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT $1[1 + floor(random() * cardinality($1))::int] $$;
CREATE FUNCTION random_text_leaf() RETURNS condition LANGUAGE plpgsql AS $$
DECLARE
    op text := tests.pick('{contains,starts_with,ends_with}');
    needle text := (SELECT w FROM tests.word WHERE octet_length(w) < 100 ORDER BY random() LIMIT 1);
BEGIN
    IF random() < 0.5 THEN needle := substr(needle, 1 + floor(random() * 3)::int, 1 + floor(random() * 4)::int); END IF;
    RETURN (jsonb_build_object('field', 'label', 'operator', op, 'value', needle),
            format('label ILIKE %L', CASE WHEN op <> 'starts_with' THEN '%' ELSE '' END || tests.escaped(needle) || CASE WHEN op <> 'ends_with' THEN '%' ELSE '' END));
END $$;
CREATE FUNCTION random_number_leaf() RETURNS condition LANGUAGE plpgsql AS $$
DECLARE
    field text := tests.pick('{amount,rate}');
    op text := tests.pick('{eq,ne,lt,lte,gt,gte,in,not_in,is_null}');
    values numeric[] := ARRAY(SELECT coalesce(CASE WHEN field = 'rate' THEN rate WHEN abs(amount) <= 1e300 THEN amount END, 50) FROM t_acme.item ORDER BY random() LIMIT 1 + floor(random() * 12));
    sign jsonb := '{"eq":"=","ne":"IS DISTINCT FROM","lt":"<","lte":"<=","gt":">","gte":">="}';
BEGIN
    IF op = 'is_null' THEN RETURN (jsonb_build_object('field', field, 'operator', op), field || ' IS NULL'); END IF;
    IF op IN ('in', 'not_in') THEN
        RETURN (jsonb_build_object('field', field, 'operator', op, 'value', to_jsonb(values)),
                format('%s(%I = ANY (%L::numeric[])) IS TRUE', CASE WHEN op = 'not_in' THEN 'NOT ' ELSE '' END, field, values));
    END IF;
    RETURN (jsonb_build_object('field', field, 'operator', op, 'value', values[1]), format('%I %s %L::numeric', field, sign ->> op, values[1]));
END $$;
CREATE FUNCTION random_condition(depth integer) RETURNS condition LANGUAGE plpgsql AS $$
DECLARE
    word text := tests.pick('{AND,OR,NOT}');
    first tests.condition;
    second tests.condition;
BEGIN
    IF depth = 0 OR random() < 0.3 THEN
        IF random() < 0.5 THEN RETURN tests.random_text_leaf(); END IF;
        RETURN tests.random_number_leaf();
    END IF;
    first := tests.random_condition(depth - 1);
    second := tests.random_condition(depth - 1);
    IF word = 'NOT' THEN
        RETURN (jsonb_build_object('operator', 'NOT', 'conditions', jsonb_build_array(first.asked)), format('((%s) IS NOT TRUE)', first.meant));
    END IF;
    RETURN (jsonb_build_object('operator', word, 'conditions', jsonb_build_array(first.asked, second.asked)), format('(%s %s %s)', first.meant, word, second.meant));
END $$;
-- How many, and the first page of them.
CREATE FUNCTION engine_ids(asked jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT concat(a ->> 'total', ' ', (SELECT string_agg(i ->> 'id', ' ' ORDER BY i ->> 'id') FROM json_array_elements(a -> 'items') i))
      FROM pgwright.list_records('item', page_size => 100, filters => jsonb_build_object('operator', 'AND', 'conditions', jsonb_build_array(asked))::json) a
$$;
CREATE FUNCTION plain_ids(meant text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    ids text;
BEGIN
    EXECUTE format('SELECT concat(count(*), '' '', string_agg(id::text, '' '' ORDER BY id) FILTER (WHERE n <= 100))
                      FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM t_acme.item WHERE grp %% 3 <> 0 AND (%s)) s', meant) INTO ids;
    RETURN ids;
END $$;
CREATE TABLE trial (asked jsonb, meant text, engine text, plain text);
CREATE FUNCTION try(count integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c tests.condition;
BEGIN
    FOR i IN 1 .. count LOOP
        c := tests.random_condition(2);
        INSERT INTO tests.trial VALUES (c.asked, c.meant, tests.engine_ids(c.asked), tests.plain_ids(c.meant));
    END LOOP;
END $$;
SELECT try(900) \g /dev/null
SET enable_seqscan = off;
SELECT try(600) \g /dev/null
SET plan_cache_mode = force_generic_plan;
SELECT try(600) \g /dev/null
RESET plan_cache_mode;
RESET enable_seqscan;
SELECT is((SELECT jsonb_agg(to_jsonb(t)) FROM (SELECT asked, meant FROM trial WHERE engine IS DISTINCT FROM plain LIMIT 3) t), NULL, 'thousands of random conditions: the engine under row security and plain SQL agree');
SELECT ok(count(*) FILTER (WHERE plain LIKE '0 %') < 1500 AND count(DISTINCT plain) > 300, 'which find many different sets of rows') FROM trial;
SELECT cmp_ok(split_part(plain_ids('true'), ' ', 1)::bigint, '<', (SELECT count(*) FROM t_acme.item), 'some rows are beyond the policy');

-- A curious person with SQL ------------------------------------------------------------------------------------------

CREATE TABLE seen (n integer);
GRANT USAGE ON SCHEMA tests TO pgwright_tap_leak;
GRANT INSERT ON seen TO pgwright_tap_leak;
CREATE FUNCTION curious(grp integer, label text, amount numeric) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN INSERT INTO tests.seen VALUES (grp); RETURN 1 / (grp % 3) IS NOT NULL; END $$;
-- How often the function was called, and on how many rows beyond the policy; with how the rows were read.
CREATE FUNCTION curiosity(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    reads text := '';
    query text := 'SELECT count(*) FROM t_acme.item WHERE tests.curious(grp, label, amount) AND ' || condition;
BEGIN
    TRUNCATE tests.seen;
    SET LOCAL ROLE pgwright_tap_leak;
    EXECUTE query;
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP reads := reads || coalesce(substring(line FROM '(Seq Scan|Index Scan using \w+|Bitmap Index Scan on \w+)'), ''); END LOOP;
    RESET ROLE;
    RETURN (SELECT format('%s of %s hidden, %s', count(*) FILTER (WHERE n % 3 = 0), CASE WHEN count(*) > 0 THEN 'some' ELSE 'none' END, reads) FROM tests.seen);
END $$;
SELECT is(curiosity('true'), '0 of some hidden, Seq Scan', 'a function in a condition sees the rows of the policy alone');
SELECT is(curiosity('label OPERATOR(pgwright.~@~) ''a'' AND rate OPERATOR(pgwright.>) 1'), '0 of some hidden, Seq Scan', 'beside leakproof operators too');
SET enable_seqscan = off;
SELECT is(curiosity('amount OPERATOR(pgwright.<) 10'), '0 of some hidden, Index Scan using item_amount_idx', 'and beside an index on numbers') WHERE set_config('enable_bitmapscan', 'off', false) IS NOT NULL;
RESET enable_bitmapscan;
SELECT is(curiosity('label OPERATOR(pgwright.~@~) ''abc'''), '0 of some hidden, Bitmap Index Scan on item_words_ix', 'and beside one on trigrams');
CREATE INDEX item_gist ON t_acme.item USING gist (label public.gist_trgm_ops);
DROP INDEX t_acme.item_words_ix;
SET enable_bitmapscan = off;
SELECT is(curiosity('label OPERATOR(pgwright.~@~) ''abc'''), '0 of some hidden, Index Scan using item_gist', 'and beside one that rechecks by ILIKE');
SELECT is(run_as('pgwright_tap_leak', $$SELECT count(*) FROM t_acme.item WHERE label OPERATOR(pgwright.^@~) 'ab'$$), split_part(plain_ids('label ILIKE ''ab%'''), ' ', 1), 'which finds the same rows');
RESET enable_bitmapscan;
SELECT isnt(curiosity('amount < 10'), curiosity('amount OPERATOR(pgwright.<) 10'), 'the server''s operator has no use of it');
RESET enable_seqscan;
SELECT is(run_as('pgwright_tap_leak', $$SELECT count(*) FROM t_acme.item WHERE 1 / (grp % 3) >= 0 AND amount OPERATOR(pgwright.>=) 0 AND label OPERATOR(pgwright.~@~) ''$$), split_part(plain_ids('amount >= 0 AND label IS NOT NULL'), ' ', 1), 'no error tells of a hidden row');

-- Whoever reads another's view plans it, without a right on the schema of what it calls.
SELECT make_role('pgwright_tap_view') \g /dev/null
CREATE VIEW abc AS SELECT grp FROM t_acme.item WHERE label OPERATOR(pgwright.~@~) 'abc';
GRANT USAGE ON SCHEMA tests TO pgwright_tap_view;
GRANT SELECT ON abc TO pgwright_tap_view;
GRANT EXECUTE ON FUNCTION pgwright.contains_text(text, text), pgwright.like_pattern(text, boolean, boolean) TO pgwright_tap_view;
SELECT is(run_as('pgwright_tap_view', 'SELECT count(*) FROM tests.abc'), (SELECT count(*)::text FROM t_acme.item WHERE label ILIKE '%abc%'), 'a view of the operators is open to whom it is granted');

-- In parallel workers the answers are the same.
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
CREATE FUNCTION explained(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    text text := '';
BEGIN
    SET LOCAL ROLE pgwright_runtime;
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP text := text || line; END LOOP;
    RESET ROLE;
    RETURN text;
END $$;
\set query 'SELECT count(*) FROM t_acme.item WHERE label OPERATOR(pgwright.~@~) ''b'' AND rate OPERATOR(pgwright.>) 20 AND rate OPERATOR(pgwright.<@) ARRAY(SELECT n / 10 FROM generate_series(1, 900) n)::numeric[]'
SELECT alike(explained(:'query'), '%Parallel Seq Scan%~@~%', 'workers evaluate the operators');
SELECT is(run_as('pgwright_runtime', :'query'), split_part(plain_ids('label ILIKE ''%b%'' AND rate > 20 AND rate = ANY (ARRAY(SELECT n / 10 FROM generate_series(1, 900) n)::numeric[])'), ' ', 1), 'and find the same rows');

SELECT drop_role(r) FROM unnest('{pgwright_tap_leak,pgwright_tap_view}'::name[]) r \g /dev/null
SELECT * FROM finish();
