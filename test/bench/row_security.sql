-- One statement, :repeats times over in one session, from a function that keeps its plan. Prints
-- milliseconds per execution. A few executions first, for the caches.
SET jit = off;
SELECT format('CREATE FUNCTION pg_temp.repeat_it(times integer) RETURNS double precision LANGUAGE plpgsql AS %L', format($$
DECLARE
    started timestamptz := clock_timestamp();
BEGIN
    FOR i IN 1 .. times LOOP PERFORM * FROM (%s) s; END LOOP;
    RETURN extract(epoch FROM clock_timestamp() - started) * 1000 / times;
END $$, :'statement')) \gexec
SELECT pg_temp.repeat_it(6) \g /dev/null
SELECT pg_temp.repeat_it(:repeats);
