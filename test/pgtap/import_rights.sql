-- Who may look at what, what an import gives to whom, and that taking it back leaves the relation as it was.
\ir setup.psql
\set owner pgwright_tap_rights_owner
\set clerk pgwright_tap_rights_clerk
\ir rental_schema.psql
SELECT plan(70);
SELECT pgwright.create_tenant('acme', 'Acme'), pgwright.create_tenant('evil', 'Evil') \g /dev/null
SELECT add_actor('ada', 'acme', 'admin'), add_actor('max', 'acme', 'member'), add_actor('eve', 'evil', 'admin') \g /dev/null
SELECT make_role('pgwright_tap_rights_user', '{pgwright_user}'), make_role('pgwright_tap_rights_admin', '{pgwright_admin}') \g /dev/null
GRANT USAGE ON SCHEMA tests TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tests TO PUBLIC;

-- Row security as somebody had it before.
SET ROLE :"owner";
CREATE TABLE rental.secret (secret_id integer PRIMARY KEY, clerk name DEFAULT current_user, note text);
ALTER TABLE rental.secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON rental.secret USING (clerk = current_user);
RESET ROLE;
INSERT INTO rental.secret VALUES (1, :'clerk', 'his'), (2, :'owner', 'hers');
GRANT SELECT ON rental.store TO pgwright_runtime;  -- somebody's own grants stay

-- The state of everything in the schema that an import could touch. A missing list of privileges stands for the owner's.
CREATE FUNCTION state() RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_object_agg(c.oid::regclass::text, jsonb_build_array(c.relrowsecurity, c.relforcerowsecurity,
               (SELECT jsonb_agg(a::text ORDER BY a::text) FROM aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) a),
               (SELECT jsonb_agg(concat_ws(' ', polname, polpermissive, polcmd, polroles, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) ORDER BY polname) FROM pg_policy WHERE polrelid = c.oid),
               (SELECT jsonb_agg(pg_get_triggerdef(oid) ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
               (SELECT jsonb_agg(concat_ws(' ', attname, atttypid, attnotnull, atthasdef, attacl) ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0)))
      FROM pg_class c WHERE c.relnamespace = 'rental'::regnamespace AND c.relkind <> 'i'
$$;
CREATE FUNCTION schema_acl() RETURNS text LANGUAGE sql AS $$ SELECT array_agg(a::text ORDER BY a::text)::text FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'rental' $$;
SELECT state() AS before, schema_acl() AS schema_before \gset

-- Attaching is for administrators of the database, and not everything can be attached ---------------------
SELECT become('ada') \g /dev/null
SELECT is(state_of(as_role('pgwright_tap_rights_user', $$SELECT pgwright.attach_schema('rental', 'acme')$$)), '42501', 'people cannot even call it');
SELECT is(pgwright.introspect()::text, '[]', 'a tenant sees no schema that is not its own');
SELECT is(state_of($$SELECT pgwright.introspect('rental')$$), 'PW404', 'another one does not exist for it');
SELECT is(state_of($$SELECT pgwright.introspect('no_such')$$), 'PW404', 'as one that does not exist');
SELECT is(error_of($$SELECT pgwright.import_entity('rental.film')$$), error_of($$SELECT pgwright.import_entity('rental.no_such')$$), 'nor does a relation in it');
SELECT is(faults_of(format('SELECT pgwright.attach_schema(%L, ''acme'')', s)), 'PW400 schema: belongs to the server, to pgwright or to a tenant', format('%s cannot be attached', s))
  FROM unnest('{pg_catalog,information_schema,pgwright,pgwright_shared,pgwright_retired,t_evil,t_acme,pg_temp_1,pg_toast}'::text[]) s;
SELECT is(faults_of($$SELECT pgwright.attach_schema('no_such', 'acme')$$), 'PW404 schema: is not known', 'nor what is not there');
SELECT is(faults_of($$SELECT pgwright.attach_schema('rental', 'no_such')$$), 'PW404 tenant: is not known', 'nor to nobody');
SELECT is(state_of(as_role('pgwright_tap_rights_admin', $$SELECT pgwright.attach_schema('rental', 'acme')$$)), 'ok', 'an administrator attaches a schema');
SELECT is((SELECT count(*) FROM json_array_elements(pgwright.introspect())), 21::bigint, 'then the tenant sees what is in it');
SELECT ok(has_schema_privilege('pgwright_runtime', 'rental', 'USAGE') AND has_schema_privilege('pgwright_user', 'rental', 'USAGE'), 'and the engine gets into it');
SELECT become('eve') \g /dev/null
SELECT is(pgwright.introspect()::text, '[]', 'no other tenant does');
SELECT is(state_of($$SELECT pgwright.import_entity('rental.film')$$), 'PW404', 'nor can import from it');
SELECT become('max') \g /dev/null
SELECT is(state_of($$SELECT pgwright.import_entity('rental.film')$$), 'PW403', 'nor who may not change the data model');
SELECT is(state_of($$SELECT pgwright.preview_import('rental.film')$$), 'PW403', 'or look at what it would do');
SELECT become('nobody') \g /dev/null
SELECT is(state_of($$SELECT pgwright.introspect()$$), 'PW401', 'nor who is nobody');
-- An attachment that somebody wrote into the table by hand opens nothing that may not be attached.
INSERT INTO pgwright.attached_schemas (tenant_id, schema_name) SELECT id, s FROM pgwright.tenants, unnest('{pgwright,pg_catalog,t_evil,information_schema}'::text[]) s WHERE slug = 'acme';
SELECT become('ada') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.import_entity(%L)', r)), 'PW404', format('%s cannot be imported', r))
  FROM unnest('{pg_catalog.pg_authid,pgwright.users,pgwright.signing_keys,information_schema.tables}'::text[]) r;

-- Names are read as SQL reads them ------------------------------------------------------------------------
SELECT is(pgwright.preview_import(r) ->> 'table_name', t, format('%s is %s', r, t))
  FROM (VALUES ('rental."StaffNotes"', 'StaffNotes'), ('RENTAL.Film', 'film'), ('"rental" . "film"', 'film')) v (r, t);
SELECT is(faults_of(format('SELECT pgwright.import_entity(%L)', r)), 'PW400 relation: must be a schema''s and a relation''s name: schema.table', format('%L is no relation''s name', r))
  FROM unnest(ARRAY['film', 'a.rental.film', 'rental."film', '', 'rental.film; DROP TABLE rental.film']) r;
SELECT is(state_of($$SELECT pgwright.import_entity('rental.staffnotes')$$), 'PW404', 'case counts where it is quoted');
SELECT is(faults_of($$SELECT pgwright.import_entity('rental.film', '{"name": "Film", "label": "", "primary_field": "x", "default_sort_field": "fulltext", "stamp": true, "supports_soft_delete": true, "colour": 1, "fields": {"title": 5, "y": "Y"}}')$$),
    'PW400 name: must begin with a letter a-z and hold only a-z, 0-9 and _; label: must not be empty; primary_field: is not a column of the relation; '
    'default_sort_field: cannot be sorted by; supports_soft_delete: needs the columns deleted_at (timestamp with time zone, nullable) and deleted_by (uuid, nullable); '
    'stamp: needs a column to stamp, such as created_at; fields.title: must be a label, or an object with label, description and help_text; '
    'fields.y: is not a column of the relation; colour: is not known here', 'all faults of a definition are told at once');

-- A preview says what an import does, and does nothing --------------------------------------------------------
SELECT pgwright.preview_import('rental.film', '{"label": "Films", "fields": {"title": "Title of the film"}}') -> 'migration' AS shown \gset
SELECT is(state(), :'before', 'a preview changes nothing');
SELECT pgwright.import_entity('rental.film', '{"label": "Films", "fields": {"title": "Title of the film"}}') AS film \gset
SELECT is(:'film'::json ->> 'label', 'Films', 'the entity has the label it was given');
SELECT is(x ->> 'label', 'Title of the film', 'and its field too') FROM json_array_elements(:'film'::json -> 'fields') x WHERE x ->> 'name' = 'title';
SELECT is((:'film'::jsonb -> 'migration' ->> 'up_script'), :'shown'::jsonb ->> 'up_script', 'an import executes what the preview showed');
SELECT is(list ->> 'down_script', :'shown'::jsonb ->> 'down_script', 'and records it with the way back') FROM json_array_elements(pgwright.list_migrations('film')) list;
SELECT is(faults_of($$SELECT pgwright.import_entity('rental.film')$$), 'PW409 relation: is an entity already', 'it is imported once');
SELECT is(faults_of($$SELECT pgwright.import_entity('rental.store', '{"name": "film"}')$$), 'PW409 name: is taken', 'under a name of its own');
SELECT pgwright.import_entity('rental.language') \g /dev/null
SELECT is(x ->> 'field_type', 'lookup', 'a foreign key becomes a lookup when its target is imported later')
  FROM json_array_elements(pgwright.list_fields('film')) x WHERE x ->> 'name' = 'language_id';

-- The table works on for whoever used it ----------------------------------------------------------------------
SELECT become('nobody') \g /dev/null
SELECT is(run_as(:'owner', 'SELECT count(*) FROM rental.film'), '60', 'its owner');
SELECT is(run_as(:'clerk', 'WITH n AS (INSERT INTO rental.film (title, language_id) VALUES (''Clerk'', 1) RETURNING 1) SELECT count(*) FROM n'), '1', 'the clerk, who has no identity, adds');
SELECT is(run_as(:'clerk', 'WITH n AS (UPDATE rental.film SET length = 1 RETURNING 1) SELECT count(*) FROM n'), '61', 'changes');
SELECT is(run_as(:'clerk', 'WITH n AS (DELETE FROM rental.film WHERE title = ''Clerk'' RETURNING 1) SELECT count(*) FROM n'), '1', 'and deletes');
SELECT is(run_as('pgwright_tap_rights_user', 'SELECT count(*) FROM rental.film'), '0', 'people of pgwright without an identity see nothing');
SELECT become('ada') \g /dev/null
SELECT is(run_as('pgwright_tap_rights_user', 'SELECT count(*) FROM rental.film'), '60', 'with one, what their permissions allow');
SELECT become('eve') \g /dev/null
SELECT is(run_as('pgwright_tap_rights_user', 'SELECT count(*) FROM rental.film'), '0', 'of another tenant, nothing');
SELECT is(state_of($$SELECT pgwright.list_records('film')$$), 'PW404', 'for whom there is no such entity');

-- Where row security was on, its policies stay as they are, and hold whom they held -----------------------------
SELECT become('ada') \g /dev/null
SELECT pgwright.import_entity('rental.secret'), pgwright.import_entity('rental.film_list'), pgwright.import_entity('rental.store') \g /dev/null
SELECT is((pgwright.list_records('secret') ->> 'total')::int, 2, 'the tenant sees the records');
SELECT is(run_as(:'clerk', 'SELECT string_agg(note, '','') FROM rental.secret'), 'his', 'the clerk what was the clerk''s');
SELECT is((pgwright.list_records('film_list') ->> 'total')::int, 60, 'a view is served by the engine');
SELECT is(run_as('pgwright_tap_rights_user', 'SELECT count(*) FROM rental.film_list'), '42501', 'and by it alone, since no policy can guard it');

-- The way back ----------------------------------------------------------------------------------------------------
SELECT is(state_of(as_role('pgwright_tap_rights_admin', $$SELECT pgwright.detach_schema('rental', 'acme')$$)), 'PW409', 'a schema that is in use stays attached');
SELECT become('eve') \g /dev/null
SELECT is(state_of($$SELECT pgwright.unimport_entity('film')$$), 'PW404', 'another tenant undoes nothing');
SELECT become('ada') \g /dev/null
CREATE POLICY later ON rental.film USING (true);
SELECT is(state_of($$SELECT pgwright.unimport_entity('film')$$), 'PW409', 'row security that others have come to need is not turned off');
DROP POLICY later ON rental.film;
SELECT pgwright.unimport_entity('language') \g /dev/null
SELECT is(x ->> 'field_type', 'integer', 'a lookup is a number again when its target goes')
  FROM json_array_elements(pgwright.list_fields('film')) x WHERE x ->> 'name' = 'language_id';
DROP POLICY pgwright_others ON rental.film;  -- what is gone needs no undoing
SELECT pgwright.unimport_entity(e) FROM unnest('{film,secret,film_list,store}'::text[]) e \g /dev/null
SELECT is(state(), :'before', 'row security, policies, privileges and triggers are as they were');
SELECT is(state_of($$SELECT pgwright.list_records('film')$$), 'PW404', 'and the entity is gone');
SELECT pgwright.import_entity('rental.customer', '{"stamp": true}'), pgwright.unimport_entity('customer') \g /dev/null
SELECT is(pgwright.import_entity('rental.film') ->> 'name', 'film', 'until it is imported again');
SELECT pgwright.unimport_entity('film') \g /dev/null
SELECT is(state(), :'before', 'a trigger that an import attached goes too');
SELECT pgwright.import_entity('rental.inventory') \g /dev/null
DROP TABLE rental.inventory CASCADE;
SELECT is(state_of($$SELECT pgwright.unimport_entity('inventory')$$), 'ok', 'a table that is gone is let go of');
SELECT pgwright.detach_schema('rental', 'acme') \g /dev/null
SELECT is(schema_acl(), :'schema_before', 'a schema that is detached is as it was');

-- A backend that has a platform entity in its cache sees the tenant's own of that name as soon as it is published.
SELECT is((pgwright.list_records('files') -> 'items')::text, '[]', 'the platform''s files are asked for, and kept in the cache');
INSERT INTO pgwright.entity_definitions (tenant_id, name, label, schema_name, table_name, origin, key_fields, status, supports_soft_delete)
    SELECT id, 'files', 'Files', 'rental', 'film_list', 'imported', '[]', 'published', false FROM pgwright.tenants WHERE slug = 'acme';
GRANT USAGE ON SCHEMA rental TO pgwright_runtime;
GRANT SELECT ON rental.film_list TO pgwright_runtime;
SELECT is((pgwright.list_records('files') ->> 'total')::int, 60, 'then those of the tenant');

DROP SCHEMA rental CASCADE;
SELECT drop_role(r) FROM unnest(ARRAY[:'owner', :'clerk', 'pgwright_tap_rights_user', 'pgwright_tap_rights_admin']) r \g /dev/null
SELECT * FROM finish();
