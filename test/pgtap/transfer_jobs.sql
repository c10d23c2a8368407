-- Imports that go on by themselves: whose rights they have, and that nobody gets others by them; jobs that end, that are
-- deleted, that nobody goes on with.
\ir setup.psql
SELECT plan(49);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT pgwright.create_tenant('rival', 'Rival') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('bob', 'acme', 'member') \g /dev/null
SELECT add_actor('rob', 'rival', 'owner') \g /dev/null
SELECT user_id AS bob FROM actor WHERE name = 'bob' \gset
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "item", "fields": [{"name": "title", "field_type": "string", "is_unique": true}, {"name": "stock", "field_type": "integer"}]}') \g /dev/null
SELECT pgwright.publish_entity('item') \g /dev/null
SELECT make_role('transfer_jobs_user', '{pgwright_user}'), make_role('transfer_jobs_shim', '{pgwright_shim}') \g /dev/null
GRANT USAGE ON SCHEMA tests TO transfer_jobs_user, transfer_jobs_shim;

CREATE FUNCTION outcome(job json) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', job ->> 'status', job ->> 'processed_rows', job ->> 'successful_rows', job ->> 'failed_rows', job ->> 'error_message')
$$;
CREATE FUNCTION rows_of(prefix text, n integer) RETURNS bytea LANGUAGE sql AS $$
    SELECT convert_to(E'title,stock\n' || string_agg(prefix || i || ',' || i, E'\n' ORDER BY i), 'UTF8') FROM generate_series(1, n) i
$$;
CREATE FUNCTION job_of(content bytea, mode text DEFAULT 'partial', action text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE job text;
BEGIN
    job := pgwright.create_import_job('item', 'a.csv', mode => mode, action => action) ->> 'id';
    PERFORM pgwright.add_import_data(job, content);
    RETURN job;
END $$;

-- By themselves ---------------------------------------------------------------------------------------------------

SELECT become('bob') \g /dev/null
SELECT job_of(rows_of('b', 25)) AS job \gset
SELECT is(pgwright.run_due_job(), false, 'a job that is not queued is not due');
SELECT is(pgwright.get_import_job(:'job') ->> 'queued_at', NULL, 'and says so');
SELECT ok(pgwright.queue_import_job(:'job') ->> 'queued_at' IS NOT NULL, 'its maker queues it');
SELECT become('nobody') \g /dev/null
SELECT is(run_as('transfer_jobs_shim', 'SELECT pgwright.run_due_job(10)'), 'true', 'a worker runs it, who is nobody');
SELECT is(run_as('transfer_jobs_shim', 'SELECT pgwright.whoami() ->> ''authenticated'''), 'false', 'and is nobody afterwards');
SELECT is((SELECT count(*) FROM t_acme.item), 10::bigint, 'a part is in');
SELECT become('bob') \g /dev/null
SELECT is(outcome(pgwright.get_import_job(:'job')), 'processing 10 10 0', 'the job is under way');
SELECT job_of(rows_of('c', 5)) AS other \gset
SELECT pgwright.queue_import_job(:'other') \g /dev/null
SELECT become('nobody') \g /dev/null
SELECT is(pgwright.run_due_job(10), true, 'jobs take turns') FROM generate_series(1, 2);
SELECT become('bob') \g /dev/null
SELECT is(outcome(pgwright.get_import_job(:'other')), 'completed 5 5 0', 'so a short one is not kept waiting');
SELECT is(outcome(pgwright.get_import_job(:'job')), 'processing 20 20 0', 'by a long one');
SELECT become('nobody') \g /dev/null
CALL pgwright.run_due_jobs(10);
SELECT is(pgwright.run_due_job(), false, 'the procedure runs what there is');
SELECT become('bob') \g /dev/null
SELECT is(outcome(pgwright.get_import_job(:'job')), 'completed 25 25 0', 'to its end');
SELECT is((SELECT count(*) FROM t_acme.item WHERE created_by = :'bob' AND updated_by = :'bob'), 30::bigint, 'the rows are their maker''s');
SELECT is(state_of(format('SELECT pgwright.queue_import_job(%L)', :'job')), 'PW409', 'what is over is not queued');

-- Whose right it is -----------------------------------------------------------------------------------------------

SELECT job_of(rows_of('d', 5)) AS job \gset
SELECT become('rob') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.queue_import_job(%L)', :'job')), 'PW404', 'another tenant does not queue it');
SELECT become('ann') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.queue_import_job(%L)', :'job')), 'PW404', 'nor does anybody else of his own');
SELECT is(run_as('transfer_jobs_user', 'SELECT pgwright.run_due_job()'), '42501', 'people do not run others'' jobs');
SELECT is(run_as('transfer_jobs_user', 'UPDATE pgwright.import_jobs SET queued_at = now()'), '42501', 'nor write who has made them');
SELECT become('bob') \g /dev/null
SELECT pgwright.create_api_key('{"name": "k", "scopes": ["item:create:tenant", "item:bulk:tenant", "item:update:tenant", "item:read:tenant"]}') ->> 'key' AS key \gset
SELECT is(:'key' IS NOT NULL, true, 'an API key is made');
SELECT set_config('pgwright.token', :'key', false) \g /dev/null
SELECT is(outcome(pgwright.get_import_job(:'job')), 'pending 0 0 0', 'which sees the job');
SELECT is(state_of(format('SELECT pgwright.queue_import_job(%L)', :'job')), 'PW403', 'and does not lend it all rights of its user');
SELECT become('bob') \g /dev/null
SELECT pgwright.queue_import_job(:'job') \g /dev/null
DELETE FROM pgwright.user_roles WHERE user_id = :'bob';
SELECT become('nobody') \g /dev/null
SELECT is(pgwright.run_due_job(), true, 'a job of one who has lost his rights');
SELECT is((SELECT concat_ws(' ', status, error_message) FROM pgwright.import_jobs WHERE id = :'job'), 'failed who made the import has no rights any more', 'fails');
SELECT is((SELECT count(*) FROM t_acme.item WHERE title LIKE 'd%'), 0::bigint, 'with nothing imported');
SELECT is(pgwright.run_due_job(), false, 'and is not due any more');

-- What goes wrong ---------------------------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
SELECT job_of(E'nonsense\n1\n') AS job \gset
SELECT job_of(E'title,stock\ne1,1\ne1,2\n', 'all') AS whole \gset
SELECT job_of(rows_of('f', 3)) AS good \gset
SELECT pgwright.queue_import_job(j) FROM unnest(ARRAY[:'job', :'whole', :'good']) j \g /dev/null
SELECT is(pgwright.run_due_job(), true, 'a job') FROM generate_series(1, 3);
SELECT is(outcome(pgwright.get_import_job(:'job')), 'failed 0 0 0 the mapping is not valid; mapping.nonsense: matches no field; map it, or map it to null to leave it out', 'a job that cannot be run says why');
SELECT is(outcome(pgwright.get_import_job(:'whole')), 'failed 2 0 1 1 rows are not valid; none was imported', 'one with bad rows too');
SELECT is(outcome(pgwright.get_import_job(:'good')), 'completed 3 3 0', 'others go on');
SELECT pgwright.update_import_job(:'job', mapping => '{"nonsense": "title"}') \g /dev/null
SELECT pgwright.queue_import_job(:'job') \g /dev/null
SELECT is(pgwright.run_due_job(), true, 'what was mended is run again');
SELECT is(outcome(pgwright.get_import_job(:'job')), 'completed 1 1 0', 'and succeeds');
CREATE FUNCTION tests.out_of_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'secret cause' USING ERRCODE = current_setting('tests.code'); END $$;
CREATE TRIGGER out_of_order BEFORE INSERT ON t_acme.item EXECUTE FUNCTION tests.out_of_order();
SET tests.code = '40P01';
SELECT job_of(rows_of('g', 3)) AS job \gset
SELECT pgwright.queue_import_job(:'job') \g /dev/null
SELECT is(pgwright.run_due_job(), true, 'what may pass');
SELECT is((SELECT concat_ws('|', status, error_message, queued_at > clock_timestamp() + interval '50 seconds') FROM pgwright.import_jobs WHERE id = :'job'), 'pending|an error of the server ended it|t', 'is tried again later, without its cause being told');
SET tests.code = 'XX000';
UPDATE pgwright.import_jobs SET queued_at = now() WHERE id = :'job';
SELECT is(pgwright.run_due_job(), true, 'what will not');
SELECT is(outcome(pgwright.get_import_job(:'job')), 'failed 0 0 0 an error of the server ended it', 'is the end of the job');
DROP TRIGGER out_of_order ON t_acme.item;

-- Ends -----------------------------------------------------------------------------------------------------------

SELECT is(state_of($$SELECT pgwright.list_import_jobs(status => 'done')$$), 'PW400', 'jobs are listed by a status that there is');
SELECT is((SELECT count(*) FROM json_array_elements(pgwright.list_import_jobs(status => 'failed') -> 'items') j WHERE j ->> 'status' = 'failed'), 3::bigint, 'and no other');
SELECT job_of(rows_of('h', 30)) AS job \gset
SELECT pgwright.run_import_job(:'job', 10) \g /dev/null
SELECT is(state_of(format('SELECT pgwright.delete_import_job(%L)', :'job')), 'PW409', 'a job under way is not deleted');
INSERT INTO pgwright.import_cancellations (job_id) VALUES (:'job');
SELECT is(pgwright.get_import_job(:'job') ->> 'cancel_requested', 'true', 'its end may be asked for');
SELECT is(outcome(pgwright.run_import_job(:'job', 10)), 'cancelled 10 10 0', 'which a run sees');
SELECT is((SELECT count(*) FROM pgwright.import_data WHERE job_id = :'job'), 0::bigint, 'the file goes');
SELECT pgwright.delete_import_job(:'job') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.get_import_job(%L)', :'job')), 'PW404', 'then it is deleted');
SELECT is(state_of(format('SELECT pgwright.delete_import_job(%L)', :'other')), 'PW404', 'nobody deletes another''s');
SELECT job_of(rows_of('i', 30), action => 'upsert') AS job \gset
SELECT pgwright.run_import_job(:'job', 10) \g /dev/null
UPDATE pgwright.import_jobs SET updated_at = now() - interval '31 days' WHERE id = :'job';
SELECT is(pgwright.run_due_job(), false, 'a job that nobody goes on with');
SELECT is(outcome(pgwright.get_import_job(:'job')), 'cancelled 10 10 0 nobody went on with it for 30 days', 'is ended');
SELECT is((SELECT count(*) FROM pgwright.import_data WHERE job_id = :'job') + (SELECT count(*) FROM pgwright.import_keys), 0::bigint, 'and its file deleted');
SELECT drop_role('transfer_jobs_user'), drop_role('transfer_jobs_shim') \g /dev/null
SELECT become('nobody') \g /dev/null
SELECT * FROM finish();
