-- 100,000 failing calls in one backend: nothing grows.
\ir boundary_functions.psql
SELECT plan(10);

-- Bytes of the contexts that live as long as the backend.
CREATE FUNCTION lasting_bytes() RETURNS bigint LANGUAGE sql AS $$
    SELECT sum(used_bytes)::bigint FROM pg_backend_memory_contexts
    WHERE name IN ('TopMemoryContext', 'ErrorContext', 'CacheMemoryContext', 'SPI Plan', 'CachedPlanSource', 'pgwright type output')
$$;

-- Runs it n times with the error caught each time, after a run to warm up; what grew, in kB.
CREATE FUNCTION growth_kb(n int, sql text, OUT contexts bigint, OUT resident bigint) LANGUAGE plpgsql AS $$
DECLARE failures int := 0;
BEGIN
    FOR i IN 1 .. n + 2000 LOOP
        BEGIN
            EXECUTE sql;
        EXCEPTION WHEN OTHERS THEN failures := failures + 1;
        END;
        IF i = 2000 THEN
            contexts := lasting_bytes();
            resident := pgwright_test_resident_kb();
        END IF;
    END LOOP;
    IF failures <> n + 2000 THEN RAISE 'only % failures', failures; END IF;
    contexts := (lasting_bytes() - contexts) / 1024;
    resident := pgwright_test_resident_kb() - resident;
END $$;

SELECT * FROM growth_kb(100000, $$SELECT pgwright_test_throw_failure(400, 'no', 'field', repeat('fault ', 100), 'hint')$$) \gset failure_
SELECT * FROM growth_kb(100000, $$SELECT pgwright_test_run('SELECT 1/0')$$) \gset error_
SELECT * FROM growth_kb(100000, $$SELECT pgwright_test_throw_other('exception')$$) \gset exception_
SELECT * FROM growth_kb(10000, $$SELECT pgwright_test_prepare('bad', 'SELECT nothing')$$) \gset plan_

SELECT cmp_ok(:failure_contexts::bigint, '<=', 16::bigint, 'failures: contexts');
SELECT cmp_ok(:failure_resident::bigint, '<=', 1024::bigint, 'failures: resident memory');
SELECT cmp_ok(:error_contexts::bigint, '<=', 16::bigint, 'server errors: contexts');
SELECT cmp_ok(:error_resident::bigint, '<=', 1024::bigint, 'server errors: resident memory');
SELECT cmp_ok(:exception_contexts::bigint, '<=', 16::bigint, 'exceptions: contexts');
SELECT cmp_ok(:plan_contexts::bigint, '<=', 16::bigint, 'plans that fail to be made');

-- One statement, so no memory context is reset between the errors.
SELECT pgwright_test_catch_many(2000), pgwright_test_resident_kb() AS before \gset many_
SELECT pgwright_test_catch_many(100000), pgwright_test_resident_kb() AS after \gset many_
SELECT cmp_ok(:many_after::bigint - :many_before::bigint, '<=', 1024::bigint, 'errors caught in C++ within one call');

SELECT pgwright_test_write_many(repeat('a', 100000), 100), pgwright_test_resident_kb() AS before \gset values_
SELECT pgwright_test_write_many(ARRAY[1.5, 2.25]::numeric[], 100000), pgwright_test_write_many('{"a": [1, 2]}'::jsonb, 100000),
    pgwright_test_write_many(interval '1 day', 100000), pgwright_test_resident_kb() AS after \gset values_
SELECT cmp_ok(:values_after::bigint - :values_before::bigint, '<=', 1024::bigint, 'values written 100,000 times within one call');
CREATE TABLE large (t text, b jsonb, n int[]);
ALTER TABLE large ALTER t SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL, ALTER n SET STORAGE EXTERNAL;
INSERT INTO large SELECT repeat('x', 10000), to_jsonb(repeat('y', 10000)), array_agg(i) FROM generate_series(1, 2500) i;
SELECT pgwright_test_write_many(t, 10), pgwright_test_write_many(b, 10), pgwright_test_write_many(n, 10),
    pgwright_test_resident_kb() AS before FROM large \gset large_
SELECT pgwright_test_write_many(t, 1000), pgwright_test_write_many(b, 1000), pgwright_test_write_many(n, 1000),
    pgwright_test_resident_kb() AS after FROM large \gset large_
SELECT cmp_ok(:large_after::bigint - :large_before::bigint, '<=', 1024::bigint, 'values stored out of line, written 1,000 times within one call');
SELECT is(split_part(pgwright_test_probes(), '/', 1), '0', 'all objects were destroyed');

SELECT * FROM finish();
DROP SCHEMA boundary CASCADE;
