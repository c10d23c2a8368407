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
COMMENT ON FUNCTION pgwright.create_entity(json) IS 'Creates the draft of an entity in the caller''s tenant; "fields" and "indexes" may hold definitions. Returns the draft with both. VALIDATION_ERROR tells every fault at once';

CREATE FUNCTION pgwright.list_entities(category text DEFAULT NULL, entity_type text DEFAULT NULL, status text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_entities';
COMMENT ON FUNCTION pgwright.list_entities(text, text, text) IS 'The entity definitions the caller may see, as an array ordered by name, each with the number of its open draft as "draft_version"; each argument narrows it';

CREATE FUNCTION pgwright.get_entity(entity text, version text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_entity';
COMMENT ON FUNCTION pgwright.get_entity(text, text) IS 'One entity definition (name or id) with its "fields", "indexes" and "draft_version". version: draft, published or a number; NULL: what is published, or drafted if it never was';

CREATE FUNCTION pgwright.update_entity(entity text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_entity';
COMMENT ON FUNCTION pgwright.update_entity(text, json) IS 'Merges the given members into the draft of an entity and returns it. The first change of a published entity opens a draft version; what is published keeps serving';

CREATE FUNCTION pgwright.rename_entity(entity text, name text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_rename_entity';
COMMENT ON FUNCTION pgwright.rename_entity(text, text) IS 'Gives an entity another name, in its draft; its table keeps the one it has. Returns the draft';

CREATE FUNCTION pgwright.archive_entity(entity text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_archive_entity';
COMMENT ON FUNCTION pgwright.archive_entity(text) IS 'Takes a published entity out of service; its table and records stay. CONFLICT, with the list, while others refer to it';

CREATE FUNCTION pgwright.unarchive_entity(entity text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_unarchive_entity';
COMMENT ON FUNCTION pgwright.unarchive_entity(text) IS 'Serves an archived entity again';

CREATE FUNCTION pgwright.discard_draft(entity text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_discard_draft';
COMMENT ON FUNCTION pgwright.discard_draft(text) IS 'Drops the open draft version of a published entity and returns what is published';

CREATE FUNCTION pgwright.delete_entity(entity text, allow_destructive boolean DEFAULT false) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_entity';
COMMENT ON FUNCTION pgwright.delete_entity(text, boolean) IS 'Deletes a draft, or an archived entity, whose table is retired with its records, which allow_destructive must allow. CONFLICT for a published entity and, with the list, for one that others refer to';

CREATE FUNCTION pgwright.list_versions(entity text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_versions';
COMMENT ON FUNCTION pgwright.list_versions(text) IS 'The versions of an entity, newest first, the open draft among them';

CREATE FUNCTION pgwright.create_field(entity text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_field';
COMMENT ON FUNCTION pgwright.create_field(text, json) IS 'Adds a field to the draft of an entity (name or id). Returns the field';

CREATE FUNCTION pgwright.list_fields(entity text, version text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_fields';
COMMENT ON FUNCTION pgwright.list_fields(text, text) IS 'The field definitions of an entity (name or id), as an array in display order; version as in get_entity()';

CREATE FUNCTION pgwright.list_all_fields() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_all_fields';
COMMENT ON FUNCTION pgwright.list_all_fields() IS 'The field definitions of all the tenant''s entities as list_fields() gives them, each with its "entity_id": an array by entity and display order';

CREATE FUNCTION pgwright.get_field(entity text, field text, version text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_field';
COMMENT ON FUNCTION pgwright.get_field(text, text, text) IS 'One field definition (name or id)';

CREATE FUNCTION pgwright.update_field(entity text, field text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_field';
COMMENT ON FUNCTION pgwright.update_field(text, text, json) IS 'Merges the given members into a field of the draft and returns it. A new name goes into formulas, indexes and settings of the entity that use it';

CREATE FUNCTION pgwright.delete_field(entity text, field text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_field';
COMMENT ON FUNCTION pgwright.delete_field(text, text) IS 'Removes a field from the draft; publishing retires its column with its values. CONFLICT, naming them, while formulas, indexes or settings of the entity use it';

CREATE FUNCTION pgwright.create_index(entity text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_index';
COMMENT ON FUNCTION pgwright.create_index(text, json) IS 'Adds an index to the draft of an entity: {"name","index_type","field_names","is_unique","condition"}. Returns the index';

CREATE FUNCTION pgwright.list_indexes(entity text, version text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_indexes';
COMMENT ON FUNCTION pgwright.list_indexes(text, text) IS 'The index definitions of an entity, as an array ordered by name; version as in get_entity()';

CREATE FUNCTION pgwright.get_index(entity text, index text, version text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_index';
COMMENT ON FUNCTION pgwright.get_index(text, text, text) IS 'One index definition (name or id)';

CREATE FUNCTION pgwright.update_index(entity text, index text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_index';
COMMENT ON FUNCTION pgwright.update_index(text, text, json) IS 'Merges the given members into an index of the draft and returns it';

CREATE FUNCTION pgwright.delete_index(entity text, index text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_index';
COMMENT ON FUNCTION pgwright.delete_index(text, text) IS 'Removes an index from the draft';

CREATE FUNCTION pgwright.create_relationship(definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_create_relationship';
COMMENT ON FUNCTION pgwright.create_relationship(json) IS 'Creates a relationship between two entities: the lookup in the target''s draft, or for many-to-many the draft of a junction entity. Returns the relationship';

CREATE FUNCTION pgwright.list_relationships(entity text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_relationships';
COMMENT ON FUNCTION pgwright.list_relationships(text) IS 'The relationships of the tenant, or those an entity is an end of, as an array ordered by name';

CREATE FUNCTION pgwright.get_relationship(relationship text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_relationship';
COMMENT ON FUNCTION pgwright.get_relationship(text) IS 'One relationship (name or id)';

CREATE FUNCTION pgwright.update_relationship(relationship text, definition json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_update_relationship';
COMMENT ON FUNCTION pgwright.update_relationship(text, json) IS 'Merges the given members into a relationship; what concerns its lookup goes into the target''s draft. Returns the relationship';

CREATE FUNCTION pgwright.delete_relationship(relationship text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_delete_relationship';
COMMENT ON FUNCTION pgwright.delete_relationship(text) IS 'Removes a relationship with its lookup from the target''s draft; a junction entity is deleted while it is a draft and archived once it was published';

CREATE FUNCTION pgwright.validate_entity_name(name text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_validate_entity_name';
COMMENT ON FUNCTION pgwright.validate_entity_name(text) IS 'Whether an entity may be called so: {"name","valid","available","errors","suggestion"}';

CREATE FUNCTION pgwright.validate_field_name(entity text, name text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_validate_field_name';
COMMENT ON FUNCTION pgwright.validate_field_name(text, text) IS 'Whether a field of that entity may be called so: {"name","valid","available","errors","suggestion"}';

CREATE FUNCTION pgwright.preview_migration(entity text, backfill json DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_preview_migration';
COMMENT ON FUNCTION pgwright.preview_migration(text, json) IS 'What publishing an entity would do, with the SQL up and down, locks, risks and what the records say to it (docs/data-model.md); changes nothing. backfill: values for the records that lack one, by field';

CREATE FUNCTION pgwright.publish_entity(entity text, commit_message text DEFAULT NULL, allow_destructive boolean DEFAULT false, backfill json DEFAULT NULL, fingerprint text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_publish_entity';
COMMENT ON FUNCTION pgwright.publish_entity(text, text, boolean, json, text) IS 'Executes what preview_migration shows and returns the migration''s record. CONFLICT for a stale fingerprint and for destructive changes that are not allowed; VALIDATION_ERROR for records that do not fit. When a statement fails nothing of it stays, and the record says status "failed" and error_message';

CREATE FUNCTION pgwright.publish_entities(entities json, commit_message text DEFAULT NULL, allow_destructive boolean DEFAULT false, backfill json DEFAULT NULL, fingerprint text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_publish_entities';
COMMENT ON FUNCTION pgwright.publish_entities(json, text, boolean, json, text) IS 'Publishes several drafts (names or ids) in one act, all or none, foreign keys last, so that they may refer to each other. backfill: {"<entity>":{"<field>":value}}. Returns the migrations'' records in the given order';

CREATE FUNCTION pgwright.list_migrations(entity text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_migrations';
COMMENT ON FUNCTION pgwright.list_migrations(text) IS 'The migrations of an entity (name or id), as an array, newest first';

CREATE FUNCTION pgwright.get_migration(migration text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_migration';
COMMENT ON FUNCTION pgwright.get_migration(text) IS 'One migration''s record';

CREATE FUNCTION pgwright.rollback_migration(migration text) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_rollback_migration';
COMMENT ON FUNCTION pgwright.rollback_migration(text) IS 'Undoes the last migration of an entity, structure and data; those published together go back together. Returns the record. CONFLICT, with the reason, when later migrations or other entities stand on it';

CREATE FUNCTION pgwright.list_retired() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_retired';
COMMENT ON FUNCTION pgwright.list_retired() IS 'Columns and tables that were taken out of service, newest first';

CREATE FUNCTION pgwright.purge_retired(older_than interval DEFAULT '30 days') RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_purge_retired';
COMMENT ON FUNCTION pgwright.purge_retired(interval) IS 'Drops for good what was retired that long ago, and tells what: [{"id","entity_id","kind","table","column","purged","error"}]';

CREATE FUNCTION pgwright.is_convertible(value text, field_type text) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT COST 5 AS 'MODULE_PATHNAME', 'pgwright_is_convertible';
COMMENT ON FUNCTION pgwright.is_convertible(text, text) IS 'Whether a text is a value of a field type (integer, date, ...), by the rules of values that clients send; what passes can be cast to the type of such a field''s column. False for an unknown type';

CREATE FUNCTION pgwright.http_publish_entity(entity text, commit_message text DEFAULT NULL, allow_destructive boolean DEFAULT false, backfill json DEFAULT NULL, fingerprint text DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN m ->> 'status' = 'failed'
            THEN ROW(409, '{}'::json, json_build_object('success', false, 'error', json_build_object(
                     'code', 'CONFLICT', 'message', 'publishing failed and changed nothing: ' || (m ->> 'error_message'),
                     'details', json_build_array(), 'migration_id', m -> 'id',
                     'request_id', nullif(current_setting('pgwright.request_id', true), ''))))::pgwright.response
            ELSE ROW(200, '{}'::json, m)::pgwright.response END
        FROM pgwright.publish_entity(entity, commit_message, allow_destructive, backfill, fingerprint) AS m
    $$;
COMMENT ON FUNCTION pgwright.http_publish_entity(text, text, boolean, json, text) IS 'publish_entity() for the route: a failed migration is answered with 409, and stays recorded';

CREATE FUNCTION pgwright.http_publish_entities(entities json, commit_message text DEFAULT NULL, allow_destructive boolean DEFAULT false, backfill json DEFAULT NULL, fingerprint text DEFAULT NULL) RETURNS pgwright.response
    LANGUAGE sql VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT CASE WHEN m -> 0 ->> 'status' = 'failed'
            THEN ROW(409, '{}'::json, json_build_object('success', false, 'error', json_build_object(
                     'code', 'CONFLICT', 'message', 'publishing failed and changed nothing: ' || (m -> 0 ->> 'error_message'),
                     'details', json_build_array(), 'migration_id', m -> 0 -> 'id',
                     'request_id', nullif(current_setting('pgwright.request_id', true), ''))))::pgwright.response
            ELSE ROW(200, '{}'::json, m)::pgwright.response END
        FROM pgwright.publish_entities(entities, commit_message, allow_destructive, backfill, fingerprint) AS m
    $$;
COMMENT ON FUNCTION pgwright.http_publish_entities(json, text, boolean, json, text) IS 'publish_entities() for the route: a failed migration is answered with 409, and stays recorded';

CREATE FUNCTION pgwright.analyze_schema(entity text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_analyze_schema';
COMMENT ON FUNCTION pgwright.analyze_schema(text) IS 'What was changed in the database behind the definitions of the tenant, or of one entity (name or id): {"in_sync","entities":[{"entity_id","entity_name","in_sync","differences"}]}, each difference with its repairs (docs/data-model.md)';

CREATE FUNCTION pgwright.sync_schema(direction text, entity text DEFAULT NULL, dry_run boolean DEFAULT false, allow_destructive boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_sync_schema';
COMMENT ON FUNCTION pgwright.sync_schema(text, text, boolean, boolean) IS 'Brings definitions and database together again, all or nothing, after a backup: direction "database" repairs the database, "definition" takes over what the database has. Returns what was done and what was left; dry_run changes nothing';

CREATE FUNCTION pgwright.schema_backup_create(name text, description text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_schema_backup_create';
COMMENT ON FUNCTION pgwright.schema_backup_create(text, text) IS 'Keeps a bundle of the tenant''s definitions and returns the backup without it';

CREATE FUNCTION pgwright.schema_backup_list() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_schema_backup_list';
COMMENT ON FUNCTION pgwright.schema_backup_list() IS 'The tenant''s backups, newest first, without their bundles but with their sizes and counts';

CREATE FUNCTION pgwright.schema_backup_restore(backup text, allow_destructive boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_schema_backup_restore';
COMMENT ON FUNCTION pgwright.schema_backup_restore(text, boolean) IS 'Restores a backup (id, or the newest of that name) as import_schema() does a bundle';

CREATE FUNCTION pgwright.export_schema() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_export_schema';
COMMENT ON FUNCTION pgwright.export_schema() IS 'The tenant''s definitions as a bundle (docs/data-model.md)';

CREATE FUNCTION pgwright.import_schema(bundle json, allow_destructive boolean DEFAULT false) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_import_schema';
COMMENT ON FUNCTION pgwright.import_schema(json, boolean) IS 'Makes what a bundle describes, all or nothing: new entities, or changes of those of the same names, published, with drafts and relationships. Returns {"created","updated","unchanged","skipped","untouched","relationships","backup_id"}';

CREATE FUNCTION pgwright.attach_schema(schema text, tenant text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_attach_schema';
COMMENT ON FUNCTION pgwright.attach_schema(text, text) IS 'Lets a tenant (slug) look at a schema and import from it, and the engine into the schema. Whoever attaches trusts the owners of its tables, whose triggers run when records are written. For members of pgwright_admin';

CREATE FUNCTION pgwright.detach_schema(schema text, tenant text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_detach_schema';
COMMENT ON FUNCTION pgwright.detach_schema(text, text) IS 'Takes attach_schema() back; CONFLICT, naming the entities, while some are imported from the schema. For members of pgwright_admin';

CREATE FUNCTION pgwright.introspect(schema text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_introspect';
COMMENT ON FUNCTION pgwright.introspect(text) IS 'What the caller''s tenant may import: the relations of its own schema and of those attached to it, as an array ordered by schema and name, with columns, keys, foreign keys, indexes and checks, "importable" or its "obstacle", and "read_only_reason"';

CREATE FUNCTION pgwright.import_entity(relation text, definition json DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_import_entity';
COMMENT ON FUNCTION pgwright.import_entity(text, json) IS 'Describes an existing relation (schema.table, by SQL''s quoting rules) as a published entity and lets the engine use it, without touching its data or whoever uses it. Returns the entity with "fields" and "migration"';

CREATE FUNCTION pgwright.preview_import(relation text, definition json DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_preview_import';
COMMENT ON FUNCTION pgwright.preview_import(text, json) IS 'What import_entity() would store and execute; changes nothing';

CREATE FUNCTION pgwright.unimport_entity(entity text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_unimport_entity';
COMMENT ON FUNCTION pgwright.unimport_entity(text) IS 'Takes import_entity() back: the definition goes, and policies, privileges and row security of the relation are as they were';

-- Records ------------------------------------------------------------------------------------------


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
COMMENT ON FUNCTION pgwright.field_type_of(regtype) IS 'The field type that represents a column of that SQL type, a domain as its base type and an enum as text; "other" when none does';
