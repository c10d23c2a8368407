-- Import and export: jobs, the bytes they are made of, what was found in them.

CREATE TABLE pgwright.import_jobs (
    id              uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id       uuid NOT NULL REFERENCES pgwright.tenants (id),
    entity_id       uuid NOT NULL REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES pgwright.users (id),
    file_name       text CHECK (char_length(file_name) BETWEEN 1 AND 255),
    file_format     text NOT NULL CHECK (file_format IN ('csv', 'jsonl', 'json')),
    mode            text NOT NULL DEFAULT 'all' CHECK (mode IN ('all', 'partial')),
    action          text NOT NULL DEFAULT 'insert' CHECK (action IN ('insert', 'upsert', 'update')),
    key_fields      text,                                   -- as it was asked for; none: what the columns give
    status          text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    mapping         jsonb,                                  -- column to field; none: by name
    options         jsonb NOT NULL DEFAULT '{}',
    columns         jsonb,                                  -- what the file's first line says
    total_bytes     bigint NOT NULL DEFAULT 0,
    processed_bytes bigint NOT NULL DEFAULT 0,              -- where the next record begins
    processed_lines bigint NOT NULL DEFAULT 0,
    processed_records bigint NOT NULL DEFAULT 0,
    total_rows      bigint NOT NULL DEFAULT 0,              -- 0: not known yet
    processed_rows  bigint NOT NULL DEFAULT 0,
    successful_rows bigint NOT NULL DEFAULT 0,
    inserted_rows   bigint NOT NULL DEFAULT 0,              -- with updated_rows the successful ones
    updated_rows    bigint NOT NULL DEFAULT 0,
    failed_rows     bigint NOT NULL DEFAULT 0,
    reported_errors bigint NOT NULL DEFAULT 0,              -- rows of import_errors
    error_details   jsonb NOT NULL DEFAULT '[]',            -- the first 100 of them
    error_message   text,                                   -- why it failed as a whole
    validation      jsonb,                                  -- what the last validation found
    queued_at       timestamptz,                            -- when it is due; none: its maker runs it
    started_at      timestamptz,
    completed_at    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX import_jobs_tenant_idx ON pgwright.import_jobs (tenant_id, created_at);
CREATE INDEX import_jobs_entity_idx ON pgwright.import_jobs (entity_id);
CREATE INDEX import_jobs_user_idx ON pgwright.import_jobs (user_id);
CREATE INDEX import_jobs_status_idx ON pgwright.import_jobs (status);
CREATE INDEX import_jobs_queued_idx ON pgwright.import_jobs (queued_at) WHERE status IN ('pending', 'processing');

-- A file in pieces of 256 KB, each with its offset. Deleted when the job is over.
CREATE TABLE pgwright.import_data (
    id       uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    job_id   uuid NOT NULL REFERENCES pgwright.import_jobs (id) ON DELETE CASCADE,
    start_at bigint NOT NULL,
    content  bytea NOT NULL,
    UNIQUE (job_id, start_at)
);
ALTER TABLE pgwright.import_data ALTER COLUMN content SET STORAGE EXTERNAL;

-- The keys that rows of an upsert or update have had, as hashes, so that one that repeats is found. Deleted
-- when the job is over.
CREATE TABLE pgwright.import_keys (
    job_id     uuid NOT NULL REFERENCES pgwright.import_jobs (id) ON DELETE CASCADE,
    hash1      bigint NOT NULL,
    hash2      bigint NOT NULL,
    row_number bigint NOT NULL,
    line       bigint NOT NULL,
    PRIMARY KEY (job_id, hash1, hash2)
);

-- Jobs whose end was asked for while another transaction held them.
CREATE TABLE pgwright.import_cancellations (
    job_id       uuid PRIMARY KEY REFERENCES pgwright.import_jobs (id) ON DELETE CASCADE,
    requested_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE pgwright.import_errors (
    id         uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id  uuid NOT NULL REFERENCES pgwright.tenants (id),
    job_id     uuid NOT NULL REFERENCES pgwright.import_jobs (id) ON DELETE CASCADE,
    line       bigint NOT NULL,                             -- in the file, from 1
    row_number bigint NOT NULL,                             -- of the record, from 1
    field      text,                                        -- none: the record as a whole
    message    text NOT NULL
);
CREATE INDEX import_errors_job_idx ON pgwright.import_errors (job_id, line);
CREATE INDEX import_errors_tenant_idx ON pgwright.import_errors (tenant_id);

-- One row for each export that was read to its end: who took what.
CREATE TABLE pgwright.export_jobs (
    id           uuid PRIMARY KEY DEFAULT pgwright.uuid_v7(),
    tenant_id    uuid NOT NULL REFERENCES pgwright.tenants (id),
    entity_id    uuid NOT NULL REFERENCES pgwright.entity_definitions (id) ON DELETE CASCADE,
    user_id      uuid NOT NULL REFERENCES pgwright.users (id),
    file_format  text NOT NULL CHECK (file_format IN ('csv', 'json', 'jsonl', 'xml', 'xlsx')),
    columns      jsonb NOT NULL,
    filters      jsonb,
    search       text,
    sort         text,
    options      jsonb,
    row_count    bigint NOT NULL,
    started_at   timestamptz NOT NULL,
    completed_at timestamptz NOT NULL
);
CREATE INDEX export_jobs_tenant_idx ON pgwright.export_jobs (tenant_id, completed_at);
CREATE INDEX export_jobs_entity_idx ON pgwright.export_jobs (entity_id);
CREATE INDEX export_jobs_user_idx ON pgwright.export_jobs (user_id);

COMMENT ON TABLE pgwright.import_jobs IS 'Imports of files, with their progress';
COMMENT ON TABLE pgwright.import_data IS 'Bytes of files that imports are made of';
COMMENT ON TABLE pgwright.import_keys IS 'Keys that rows of imports have had, as hashes';
COMMENT ON TABLE pgwright.import_cancellations IS 'Imports under way whose end was asked for';
COMMENT ON TABLE pgwright.import_errors IS 'What was wrong with rows of imports, by line';
COMMENT ON TABLE pgwright.export_jobs IS 'Exports that were read to their end';

CREATE FUNCTION pgwright.create_import_job(entity text, file_name text DEFAULT NULL, format text DEFAULT NULL, mode text DEFAULT NULL, mapping json DEFAULT NULL, options json DEFAULT NULL, action text DEFAULT NULL, key text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_import_job';
COMMENT ON FUNCTION pgwright.create_import_job(text, text, text, text, json, json, text, text) IS 'Begins an import into an entity: the job. format: csv, jsonl or json, or by the file name; mode: all (the default: every row or none) or partial; mapping: {"column":"field"}, or "lookup.field" for the record that has the value, null to leave a column out; action: insert (the default), upsert or update by a unique key, key: its fields, separated by commas, or its index, needed when the columns give several; options: delimiter, header, null_text, decimal_comma, date_format. Needs <entity>:bulk and <entity>:create, <entity>:update or both';

CREATE FUNCTION pgwright.update_import_job(job text, file_name text DEFAULT NULL, format text DEFAULT NULL, mode text DEFAULT NULL, mapping json DEFAULT NULL, options json DEFAULT NULL, action text DEFAULT NULL, key text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_import_job';
COMMENT ON FUNCTION pgwright.update_import_job(text, text, text, text, json, json, text, text) IS 'Changes what is given of the caller''s own job that has imported nothing yet; CONFLICT otherwise';

CREATE FUNCTION pgwright.add_import_data(job text, content bytea, "offset" bigint DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_add_import_data';
COMMENT ON FUNCTION pgwright.add_import_data(text, bytea, bigint) IS 'Adds bytes to the file of a pending job. CONFLICT unless the offset, when given, is the number of bytes that are there (total_bytes), so that a request can be sent again. 2 GB at most';

CREATE FUNCTION pgwright.preview_import_job(job text, rows integer DEFAULT 10) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_preview_import_job';
COMMENT ON FUNCTION pgwright.preview_import_job(text, integer) IS 'What an import would do, without doing it: {"format","columns":[{"name","field","label","field_type"}],"problems","delimiter","rows":[{"line","data","errors"}]}, the first rows, at most 100';

CREATE FUNCTION pgwright.validate_import_job(job text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_validate_import_job';
COMMENT ON FUNCTION pgwright.validate_import_job(text) IS 'Does the whole import and takes it back: the job, whose validation says how many rows are valid, and whose errors which are not';

CREATE FUNCTION pgwright.run_import_job(job text, max_rows integer DEFAULT 20000) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_run_import_job';
COMMENT ON FUNCTION pgwright.run_import_job(text, integer) IS 'Imports the next rows of a job, in mode all every one: the job. To be called until status is not processing any more; each call is whole or nothing, so an import that was interrupted goes on where it was';

CREATE FUNCTION pgwright.cancel_import_job(job text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_cancel_import_job';
COMMENT ON FUNCTION pgwright.cancel_import_job(text) IS 'Ends a job that is not completed, and deletes its file; rows that were imported stay. One that is being run ends after its present batch, of mode all with nothing imported: until then cancel_requested is true';

CREATE FUNCTION pgwright.delete_import_job(job text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_import_job';
COMMENT ON FUNCTION pgwright.delete_import_job(text) IS 'Deletes the caller''s own job with its file and errors; CONFLICT while it is processing';

CREATE FUNCTION pgwright.queue_import_job(job text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_queue_import_job';
COMMENT ON FUNCTION pgwright.queue_import_job(text) IS 'Lets the caller''s own job go on by itself, with his rights of that time: run_due_job() runs it. Not with a token that proves fewer rights than he has, such as an API key''s';

CREATE FUNCTION pgwright.run_due_job(max_rows integer DEFAULT 20000) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_run_due_job';
COMMENT ON FUNCTION pgwright.run_due_job(integer) IS 'Imports the next rows of the queued job that is due first, with its maker''s rights; false when none is due. For a worker, pg_cron or an operator';

CREATE FUNCTION pgwright.import_records(entity text, content bytea, file_name text DEFAULT NULL, format text DEFAULT NULL, mode text DEFAULT NULL, mapping json DEFAULT NULL, options json DEFAULT NULL, action text DEFAULT NULL, key text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_import_records';
COMMENT ON FUNCTION pgwright.import_records(text, bytea, text, text, text, json, json, text, text) IS 'Imports a whole file at once: the job, completed or failed. Arguments as of create_import_job';

CREATE FUNCTION pgwright.get_import_job(job text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_import_job';
COMMENT ON FUNCTION pgwright.get_import_job(text) IS 'An import: the caller''s own, or with transfers:read any of the tenant';

CREATE FUNCTION pgwright.list_import_jobs(entity text DEFAULT NULL, status text DEFAULT NULL, page integer DEFAULT 1, page_size integer DEFAULT 25) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_import_jobs';
COMMENT ON FUNCTION pgwright.list_import_jobs(text, text, integer, integer) IS 'A page of imports, newest first: the caller''s own, or with transfers:read all of the tenant';

CREATE FUNCTION pgwright.list_import_errors(job text, page integer DEFAULT 1, page_size integer DEFAULT 25) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_import_errors';
COMMENT ON FUNCTION pgwright.list_import_errors(text, integer, integer) IS 'A page of what was wrong with rows of an import, by line: {"line","row_number","field","message"}; at most 10,000 are kept';

-- Without a pinned path, because a procedure with one may not commit: so every name is qualified.
CREATE PROCEDURE pgwright.run_import(job text, batch_rows integer DEFAULT 20000)
    LANGUAGE plpgsql
    AS $$
BEGIN
    WHILE (pgwright.run_import_job(job, batch_rows) OPERATOR(pg_catalog.->>) 'status') OPERATOR(pg_catalog.=) 'processing' LOOP
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE pgwright.run_import(text, integer) IS 'Runs an import to its end, committing after each batch';

CREATE PROCEDURE pgwright.run_due_jobs(batch_rows integer DEFAULT 20000)
    LANGUAGE plpgsql
    AS $$
BEGIN
    WHILE pgwright.run_due_job(batch_rows) LOOP
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE pgwright.run_due_jobs(integer) IS 'Runs queued jobs until none is due, committing after each batch';

CREATE FUNCTION pgwright.purge_transfers(older_than interval DEFAULT '30 days') RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_purge_transfers';
COMMENT ON FUNCTION pgwright.purge_transfers(interval) IS 'Deletes the tenant''s import jobs, with their files and errors, and export records that are older: how many. Needs transfers:delete';

-- Value by value: SELECT pgwright.export_records(...) passes each part on before it makes the next.
CREATE FUNCTION pgwright.export_records(entity text, format text DEFAULT 'csv', columns text DEFAULT NULL, filters json DEFAULT NULL, sort text DEFAULT NULL, options json DEFAULT NULL, search text DEFAULT NULL) RETURNS SETOF text
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_export_records';
COMMENT ON FUNCTION pgwright.export_records(text, text, text, json, text, json, text) IS 'The records that the caller sees and the filters and the search select as a text file, in parts that together are the file; call it in the SELECT list, where parts are not gathered. format: csv, json, jsonl or xml; columns: fields, with commas or as an array; options: delimiter, header, null_text, escape_formulas, bom. Needs <entity>:read and <entity>:export';

CREATE FUNCTION pgwright.export_file(entity text, format text DEFAULT 'csv', columns text DEFAULT NULL, filters json DEFAULT NULL, sort text DEFAULT NULL, options json DEFAULT NULL, search text DEFAULT NULL) RETURNS SETOF bytea
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_export_file';
COMMENT ON FUNCTION pgwright.export_file(text, text, text, json, text, json, text) IS 'As export_records(), as bytes, and in format xlsx too';

CREATE FUNCTION pgwright.http_export(entity text, format text DEFAULT 'csv', columns text DEFAULT NULL, filters json DEFAULT NULL, sort text DEFAULT NULL, options json DEFAULT NULL, search text DEFAULT NULL) RETURNS SETOF bytea
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_http_export';
-- The same under the names of the admin face's export configuration.
CREATE FUNCTION pgwright.eav_export(entity_type text, format text DEFAULT 'csv', columns text DEFAULT NULL, filters json DEFAULT NULL, sort text DEFAULT NULL, options json DEFAULT NULL, search text DEFAULT NULL) RETURNS SETOF bytea
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_http_export';
COMMENT ON FUNCTION pgwright.eav_export(text, text, text, json, text, json, text) IS 'As http_export(), of an entity type';
COMMENT ON FUNCTION pgwright.http_export(text, text, text, json, text, json, text) IS 'As export_file(), after the head of the HTTP answer: {"status","headers"}';
