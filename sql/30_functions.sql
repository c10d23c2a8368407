-- The SQL surface. Functions in C pin their search path and switch users inside the engine, which
-- costs nothing when the path is pinned already; functions in SQL carry a SET clause.

-- Identity -----------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.user_id() RETURNS uuid
    LANGUAGE c STABLE PARALLEL SAFE STRICT COST 2 AS 'MODULE_PATHNAME', 'pgwright_user_id';
COMMENT ON FUNCTION pgwright.user_id() IS 'The caller''s user, as the signed token says; NULL for the anonymous caller';

CREATE FUNCTION pgwright.tenant_id() RETURNS uuid
    LANGUAGE c STABLE PARALLEL SAFE STRICT COST 2 AS 'MODULE_PATHNAME', 'pgwright_tenant_id';
COMMENT ON FUNCTION pgwright.tenant_id() IS 'The caller''s tenant, as the signed token says; NULL for the anonymous caller';

CREATE FUNCTION pgwright.has_permission(permission text) RETURNS boolean
    LANGUAGE c STABLE PARALLEL SAFE STRICT COST 2 AS 'MODULE_PATHNAME', 'pgwright_has_permission';
COMMENT ON FUNCTION pgwright.has_permission(text) IS 'Whether the caller holds resource:action[:scope]; scope is tenant unless given. False for the anonymous caller';

CREATE FUNCTION pgwright.whoami() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED STRICT AS 'MODULE_PATHNAME', 'pgwright_whoami';
COMMENT ON FUNCTION pgwright.whoami() IS 'The caller: {"authenticated","id","email","display_name","tenant","roles","permissions","expires_at"}; {"authenticated":false} for the anonymous caller';

CREATE FUNCTION pgwright.me() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED STRICT AS 'MODULE_PATHNAME', 'pgwright_me';
COMMENT ON FUNCTION pgwright.me() IS 'As whoami(), but AUTHENTICATION_REQUIRED for the anonymous caller';

CREATE FUNCTION pgwright.act_as(email text, tenant text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_act_as';
COMMENT ON FUNCTION pgwright.act_as(text, text) IS 'Makes this database session act as that user, in that tenant (slug) when the user has several, by setting pgwright.token. For members of pgwright_admin';

-- Accounts -----------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.login(email text, password text, tenant text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_login';
COMMENT ON FUNCTION pgwright.login(text, text, text) IS 'Opens a session: {"access_token","refresh_token","token_type","expires_in","user"}; expires_in is in seconds. AUTHENTICATION_REQUIRED, without saying why, for anything else';

CREATE FUNCTION pgwright.logout() RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_logout';
COMMENT ON FUNCTION pgwright.logout() IS 'Revokes the caller''s session; its access token ends with it';

CREATE FUNCTION pgwright.create_tenant(slug text, name text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_tenant';
COMMENT ON FUNCTION pgwright.create_tenant(text, text) IS 'Creates a tenant and its schema t_<slug>. For members of pgwright_admin and holders of tenants:create:all';

CREATE FUNCTION pgwright.create_user(email text, password text, tenant text, role text DEFAULT 'member', display_name text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_user';
COMMENT ON FUNCTION pgwright.create_user(text, text, text, text, text) IS 'Creates a user with a role in a tenant (slug). For members of pgwright_admin and holders of users:create:all';

-- Data model ---------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.create_entity(definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_entity';
COMMENT ON FUNCTION pgwright.create_entity(json) IS 'Creates the draft of an entity in the caller''s tenant; "fields" may hold field definitions. Returns the draft with its fields. VALIDATION_ERROR tells every fault at once';

CREATE FUNCTION pgwright.create_field(entity text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_field';
COMMENT ON FUNCTION pgwright.create_field(text, json) IS 'Adds a field to the draft of an entity (name or id). Returns the field';

CREATE FUNCTION pgwright.list_entities(category text DEFAULT NULL, entity_type text DEFAULT NULL, status text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_entities';
COMMENT ON FUNCTION pgwright.list_entities(text, text, text) IS 'The entity definitions the caller may see, as an array ordered by name; each argument narrows it';

CREATE FUNCTION pgwright.get_entity(entity text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_entity';
COMMENT ON FUNCTION pgwright.get_entity(text) IS 'One entity definition (name or id) with its "fields"';

CREATE FUNCTION pgwright.list_fields(entity text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_fields';
COMMENT ON FUNCTION pgwright.list_fields(text) IS 'The field definitions of an entity (name or id), as an array in display order';

CREATE FUNCTION pgwright.list_migrations(entity text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_migrations';
COMMENT ON FUNCTION pgwright.list_migrations(text) IS 'The migrations of an entity (name or id), as an array, newest first';

CREATE FUNCTION pgwright.preview_migration(entity text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_preview_migration';
COMMENT ON FUNCTION pgwright.preview_migration(text) IS 'What publishing an entity would do: {"entity_id","entity_name","up_script","down_script","estimated_impact","changes"}; changes nothing';

CREATE FUNCTION pgwright.publish_entity(entity text, commit_message text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_publish_entity';
COMMENT ON FUNCTION pgwright.publish_entity(text, text) IS 'Executes what preview_migration shows, with policies, grants and trigger, and returns the migration''s record. When a statement fails nothing of it stays, and the record says status "failed" and error_message';

CREATE FUNCTION pgwright.http_publish_entity(entity text, commit_message text DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN m ->> 'status' = 'failed'
            THEN ROW(409, '{}'::json, json_build_object('success', false, 'error', json_build_object(
                     'code', 'CONFLICT', 'message', 'publishing failed and changed nothing: ' || (m ->> 'error_message'),
                     'details', json_build_array(), 'migration_id', m -> 'id',
                     'request_id', nullif(current_setting('pgwright.request_id', true), ''))))::pgwright.response
            ELSE ROW(200, '{}'::json, m)::pgwright.response END
        FROM pgwright.publish_entity(entity, commit_message) AS m
    $$;
COMMENT ON FUNCTION pgwright.http_publish_entity(text, text) IS 'publish_entity() for the route: a failed migration is answered with 409, and stays recorded';

-- Records ------------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.create_record(entity text, data json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_record';
COMMENT ON FUNCTION pgwright.create_record(text, json) IS 'Creates a record: {"id","data"}';

CREATE FUNCTION pgwright.get_record(entity text, id text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_record';
COMMENT ON FUNCTION pgwright.get_record(text, text) IS 'One record: {"id","data"}; RESOURCE_NOT_FOUND when there is none or the caller may not see it';

CREATE FUNCTION pgwright.list_records(entity text, page integer DEFAULT 1, page_size integer DEFAULT 25, sort text DEFAULT NULL, filters json DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_records';
COMMENT ON FUNCTION pgwright.list_records(text, integer, integer, text, json) IS 'A page of records: {"items","total","page","page_size","pages"}. sort: "name:asc,created_at:desc"; filters: a condition tree or an object of field: value; page_size at most 100';

CREATE FUNCTION pgwright.update_record(entity text, id text, data json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_record';
COMMENT ON FUNCTION pgwright.update_record(text, text, json) IS 'Changes the given fields of a record: {"id","data"}';

CREATE FUNCTION pgwright.delete_record(entity text, id text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_record';
COMMENT ON FUNCTION pgwright.delete_record(text, text) IS 'Deletes a record; softly where the entity says so';

CREATE FUNCTION pgwright.bulk_create_records(entity text, records json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_bulk_create_records';
COMMENT ON FUNCTION pgwright.bulk_create_records(text, json) IS 'Creates up to 1,000 records in one statement, all or none: {"created","failed","errors","ids"}, ids in the records'' order';

CREATE FUNCTION pgwright.stamp_record() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_stamp_record';
COMMENT ON FUNCTION pgwright.stamp_record() IS 'Trigger of every managed table: sets created_*, updated_* and, on a soft delete, deleted_at and deleted_by, whoever writes, and keeps id, created_* and deleted_* as they were';

CREATE FUNCTION pgwright.check_references() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_check_references';
COMMENT ON FUNCTION pgwright.check_references() IS 'Trigger of tables with lookups, after each statement: what their rows refer to is not marked deleted';

CREATE FUNCTION pgwright.delete_referrers() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_referrers';
COMMENT ON FUNCTION pgwright.delete_referrers() IS 'Trigger of tables with soft delete: does to what refers to a record that is marked deleted what its foreign key says of a deletion';

-- Rules of values, for constraints of generated tables ----------------------------------------------------

CREATE FUNCTION pgwright.is_list(items anyarray) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT COST 2 AS 'MODULE_PATHNAME', 'pgwright_is_list';
COMMENT ON FUNCTION pgwright.is_list(anyarray) IS 'Whether the array is a list as JSON knows it: one dimension that begins at 1, no nulls, at most 10,000 items';

CREATE FUNCTION pgwright.items_have_length(items text[], lowest integer, highest integer) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT COST 5 AS 'MODULE_PATHNAME', 'pgwright_items_have_length';
COMMENT ON FUNCTION pgwright.items_have_length(text[], integer, integer) IS 'Whether every item has from lowest to highest characters';

CREATE FUNCTION pgwright.items_have_scale(items numeric[], places integer) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT COST 5 AS 'MODULE_PATHNAME', 'pgwright_items_have_scale';
COMMENT ON FUNCTION pgwright.items_have_scale(numeric[], integer) IS 'Whether every item has at most that many decimal places, trailing zeros aside';

CREATE FUNCTION pgwright.items_match(items text[], pattern text) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT COST 20 AS 'MODULE_PATHNAME', 'pgwright_items_match';
COMMENT ON FUNCTION pgwright.items_match(text[], text) IS 'Whether every item matches the regular expression';

CREATE FUNCTION pgwright.matches_json_schema(document jsonb, schema jsonb) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT COST 50 AS 'MODULE_PATHNAME', 'pgwright_matches_json_schema';
COMMENT ON FUNCTION pgwright.matches_json_schema(jsonb, jsonb) IS 'Whether the document matches the JSON schema (draft 4, the keywords of docs/field-types.md); false for one of over a megabyte. VALIDATION_ERROR for a schema that is none';

-- Invalidation -------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.invalidate_catalog() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_invalidate_catalog';
COMMENT ON FUNCTION pgwright.invalidate_catalog() IS 'Trigger of the catalog''s tables: every backend forgets its cached entities when the transaction commits';

CREATE FUNCTION pgwright.invalidate_security() RETURNS trigger
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_invalidate_security';
COMMENT ON FUNCTION pgwright.invalidate_security() IS 'Trigger of the identity tables: every backend forgets its cached identities when the transaction commits';

CREATE FUNCTION pgwright.notify_routes() RETURNS trigger
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN NOTIFY pgwright_routes; RETURN NULL; END $$;
COMMENT ON FUNCTION pgwright.notify_routes() IS 'Trigger of the route table: tells the shims to read it again';

-- Importer -----------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.field_type_of(sql_type regtype) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_field_type_of';
COMMENT ON FUNCTION pgwright.field_type_of(regtype) IS 'The field type that represents a column of that SQL type; "other" when none does';
