-- A warm has_permission(), called :calls times in one statement, less what the loop itself costs. Its
-- argument changes from row to row, or the planner would call it once.
CREATE FUNCTION pg_temp.milliseconds(query text) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    started timestamptz := clock_timestamp();
BEGIN
    EXECUTE query;
    RETURN extract(epoch FROM clock_timestamp() - started) * 1000;
END $$;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
\set called 'SELECT count(*) FROM generate_series(1, ' :calls ') n WHERE pgwright.has_permission(CASE n % 2 WHEN 0 THEN ''deal:read'' ELSE ''deal:update'' END)'
\set bare 'SELECT count(*) FROM generate_series(1, ' :calls ') n WHERE length(CASE n % 2 WHEN 0 THEN ''deal:read'' ELSE ''deal:update'' END) > 0'
SELECT pg_temp.milliseconds(:'called') \g /dev/null
SELECT format('has_permission(): %s µs per call over %s calls',
    round(((pg_temp.milliseconds(:'called') - pg_temp.milliseconds(:'bare')) * 1000 / :calls)::numeric, 3), :calls);
