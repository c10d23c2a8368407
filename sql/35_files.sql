-- Files: a system entity that people write, through the record engine as any other. The columns that
-- they do not write are left out of the grants (50_security.sql) and read-only in the catalog (40_importer.sql).

ALTER TABLE pgwright.files ALTER COLUMN tenant_id SET DEFAULT pgwright.tenant_id();

CREATE FUNCTION pgwright.create_file(definition json) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.create_record('files', definition) $$;
COMMENT ON FUNCTION pgwright.create_file(json) IS 'Registers a file: {"name","content_type","size_bytes","checksum","metadata"}; its bytes are kept elsewhere. {"id","data"}. Needs files:create';

CREATE FUNCTION pgwright.get_file(file text) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.get_record('files', file) $$;
COMMENT ON FUNCTION pgwright.get_file(text) IS 'What is known of a file: {"id","data"}; RESOURCE_NOT_FOUND when there is none or the caller may not see it';

CREATE FUNCTION pgwright.list_files(page integer DEFAULT 1, page_size integer DEFAULT 25) RETURNS json
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.list_records('files', page, page_size, 'created_at:desc') $$;
COMMENT ON FUNCTION pgwright.list_files(integer, integer) IS 'A page of files, newest first: {"items","total","page","page_size","pages"}; page_size at most 100';

CREATE FUNCTION pgwright.update_file(file text, definition json) RETURNS json
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.update_record('files', file, definition) $$;
COMMENT ON FUNCTION pgwright.update_file(text, json) IS 'Changes what is given of a file: {"id","data"}. Needs files:update';

CREATE FUNCTION pgwright.delete_file(file text) RETURNS void
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pgwright.delete_record('files', file) $$;
COMMENT ON FUNCTION pgwright.delete_file(text) IS 'Marks a file deleted; CONFLICT while a record refers to it. Needs files:delete';
