-- The catalog, linted. Each rule is a view that lists what breaks it: it must be empty, and must not
-- be once something bad was made.
\ir setup.psql
SELECT plan(62);

CREATE VIEW ours AS  -- members of the extension, and what else lives in its schema
    SELECT p.*, p.oid::regprocedure::text AS object, l.lanname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
     WHERE p.pronamespace = 'pgwright'::regnamespace
        OR p.oid IN (SELECT objid FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
                      WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND x.extname = 'pgwright');
CREATE VIEW our_tables AS
    SELECT c.*, c.oid::regclass::text AS object, NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0) AS is_proxy
      FROM pg_class c WHERE c.relnamespace IN ('pgwright'::regnamespace, 'pgwright_shared'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S');
CREATE VIEW our_schemas AS SELECT oid, nspname, nspacl, nspowner FROM pg_namespace WHERE nspname IN ('pgwright', 'pgwright_shared') OR nspname LIKE 't\_%';

-- The rules -----------------------------------------------------------------------------------------------

CREATE VIEW functions_without_comment AS
    SELECT object FROM ours WHERE coalesce(obj_description(oid, 'pg_proc'), '') = '';
CREATE VIEW functions_open_to_public AS  -- a missing list of privileges stands for the default, which is open
    SELECT object FROM ours, aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0;
-- Who only reads is STABLE, so that the planner may fold it into a snapshot; who writes or signs in is VOLATILE.
CREATE VIEW expected_volatility (name, volatility) AS
    SELECT name, 's' FROM unnest('{has_rule,tenant_with,tenant_with_some,role_names,user_email,user_department,explain_access,check_access,
        require_roles_permission,known_permissions,list_permissions,resolve_permission,list_role_permissions,list_access_templates,entity_grants}'::text[]) name UNION ALL
    SELECT 'list_all_fields', 's' UNION ALL
    SELECT name, 'i' FROM unnest('{eav_entity_json,eav_fields,merge_config,generated_column,generated_input,default_permissions,platform_areas,access_templates,role_id}'::text[]) name UNION ALL
    SELECT name, 'v' FROM unnest('{write_through,create_related_record,link_related_records,unlink_related_records,write_records,create_project_record,update_project_record,delete_project_record,eav_create_entity,eav_replace_entity,eav_update_entity,eav_delete_entity,eav_create_entities,eav_update_entities,
        create_entity_metadata,update_entity_metadata,delete_entity_metadata,guard_record,check_grant,check_row_rule,check_field_rule,synthesise_access,preview_access,grant_permission,
        revoke_permission,apply_access_template,get_public_record,list_public_records}'::text[]) name UNION ALL
    SELECT name, 's' FROM unnest('{list_signing_keys,get_identity_provider,list_identity_providers,identity_provider_test}'::text[]) name UNION ALL
    SELECT name, 'v' FROM unnest('{sign_in_with_token,revoke_outside_tokens,rotate_signing_key,retire_signing_key,create_identity_provider,
        update_identity_provider,delete_identity_provider,link_identity,unlink_identity}'::text[]) name UNION ALL
    SELECT name, 'i' FROM unnest('{like_pattern,numeric_eq,numeric_lt,numeric_le,numeric_gt,numeric_ge,numeric_among,contains_text,starts_with_text,ends_with_text,array_contains,array_overlaps}'::text[]) f,
           unnest(ARRAY[f, f || '_support']) name UNION ALL
    SELECT name, 'i' FROM unnest('{search_languages,search_query,markup_text,search_matches,search_matches_markup,search_rank,search_gin_keys,search_gin_keys_of_markup,search_gin_probe,search_gin_consistent,search_gin_compare_partial,search_gin_triconsistent}'::text[]) name UNION ALL
    SELECT name, 'v' FROM unnest('{create_record_as,bulk_upsert_records,http_bulk_upsert_records}'::text[]) name UNION ALL
    SELECT name, 's' FROM unnest('{record_tag,http_get_record}'::text[]) name UNION ALL
    SELECT name, 'i' FROM unnest('{row_tag}'::text[]) name UNION ALL
    SELECT 'plan_cache_use', 'v' UNION ALL
    SELECT name, 'v' FROM unnest('{restore_record,purge_record,upsert_record,bulk_update_records,bulk_delete_records,update_records_where,delete_records_where,
        http_create_record,http_update_record,http_delete_record,http_restore_record,http_purge_record,http_upsert_record,bulk_update,bulk_delete}'::text[]) name UNION ALL
    SELECT name, 's' FROM unnest('{analyze_schema,export_schema,schema_backup_list}'::text[]) name UNION ALL
    SELECT name, 'v' FROM unnest('{sync_schema,import_schema,schema_backup_create,schema_backup_restore}'::text[]) name UNION ALL
    SELECT name, 's' FROM unnest('{user_id,tenant_id,has_permission,whoami,me,list_entities,get_entity,list_fields,list_migrations,preview_migration,
        get_record,list_records,query_records,aggregate_records,describe_entity,list_records_deprecated,list_project_records,get_project_record,eav_records,eav_list_entities,eav_search_entities,eav_get_entity,list_entity_metadata,get_entity_metadata,stored_metadata,metadata_changes,list_related_records,route_table,introspect,preview_import,get_file,list_files,list_versions,get_field,list_indexes,get_index,list_relationships,
        get_relationship,validate_entity_name,validate_field_name,get_migration,list_retired,
        face_error,face_entity,list_projects,get_project,require_project,list_collections,get_collection,list_collection_fields,
        get_collection_field,list_collection_indexes,get_collection_index,list_schema_ops,eav_page,eav_entity_definition,
        eav_list_entity_types,eav_get_entity_type,eav_entity_type_stats,eav_with_rules,eav_attribute_definition,eav_attribute,
        eav_list_attributes,eav_attributes_of,eav_get_attribute,eav_analyze_schema,eav_list_backups,eav_list_migrations,
        eav_generate_migration}'::text[]) name
    UNION ALL SELECT name, 's' FROM unnest('{auth_response,list_my_sessions,my_tenants,get_security_policies,list_invitations,list_users,get_user,
        list_api_keys,get_api_key,api_key_usage}'::text[]) name
    UNION ALL SELECT name, 'v' FROM unnest('{try_login,http_login,try_refresh,http_refresh,try_change_password,http_change_password,end_session,
        logout_everywhere,switch_tenant,update_security_policies,invite_user,accept_invitation,revoke_invitation,update_user,set_user_roles,
        remove_user,set_user_status,create_api_key,update_api_key,rotate_api_key,revoke_api_key,record_api_key_usage}'::text[]) name
    UNION ALL SELECT name, 's' FROM unnest('{get_import_job,list_import_jobs,list_import_errors}'::text[]) name
    UNION ALL SELECT name, 's' FROM unnest('{eav_get_import,eav_list_imports,eav_import_errors}'::text[]) name
    UNION ALL SELECT name, 'i' FROM unnest('{eav_import_json,eav_import_page,eav_check_limit}'::text[]) name
    UNION ALL SELECT name, 'v' FROM unnest('{queue_import_job,run_due_job,run_due_jobs,delete_import_job,eav_import,eav_create_import,eav_update_import,eav_import_data,
        eav_preview_import,eav_validate_import,eav_run_import,eav_queue_import,eav_cancel_import,eav_delete_import}'::text[]) name
    UNION ALL SELECT name, 'v' FROM unnest('{create_import_job,update_import_job,add_import_data,preview_import_job,validate_import_job,run_import_job,
        run_import,cancel_import_job,import_records,purge_transfers,export_records,export_file,http_export,eav_export}'::text[]) name
    UNION ALL SELECT name, 'i' FROM unnest('{field_type_of,is_convertible,is_list,items_have_length,items_have_scale,items_match,matches_json_schema,expression_count,expression_sqrt,expression_power,expression_pad_left,expression_pad_right,
        expression_date_text,expression_datetime_text,expression_text_date,expression_number,expression_boolean,expression_months,
        face_faults,face_definition,face_flag,project_json,collection_json,collection_type,collection_field_json,
        collection_index_json,collection_field_names,collection_field_definition,eav_envelope,eav_answer,eav_entity_type_json,
        eav_entity_names,eav_strategy_note,eav_backend_type,eav_attribute_names,eav_rules_of,eav_attribute_json,eav_rule_definition}'::text[]) name
    UNION ALL SELECT name, 'v' FROM unnest('{uuid_v7,act_as,login,logout,create_tenant,create_user,create_entity,create_field,publish_entity,
        http_publish_entity,create_record,update_record,delete_record,bulk_create_records,stamp_record,invalidate_catalog,invalidate_security,
        notify_routes,import_relation,create_file,update_file,delete_file,check_references,delete_referrers,attach_schema,detach_schema,import_entity,unimport_entity,update_entity,rename_entity,
        archive_entity,unarchive_entity,discard_draft,delete_entity,update_field,delete_field,create_index,update_index,delete_index,create_relationship,
        update_relationship,delete_relationship,publish_entities,http_publish_entities,rollback_migration,purge_retired,
        log_failed_operation,face_fail,face_lock,face_set_service,face_edit,face_publish,change_and_publish,face_delete_entity,
        face_update_entity,create_project,update_project,create_collection,update_collection,delete_collection,
        change_collection_field,create_collection_field,update_collection_field,delete_collection_field,create_collection_index,
        delete_collection_index,eav_create_entity_type,eav_update_entity_type,eav_delete_entity_type,eav_change_attribute,
        eav_create_attribute,eav_update_attribute,eav_delete_attribute,eav_add_option,eav_sync_schema,eav_create_backup,
        eav_restore_backup}'::text[]) name;
CREATE VIEW functions_of_wrong_volatility AS
    SELECT object FROM ours o LEFT JOIN expected_volatility e ON e.name = o.proname WHERE e.volatility IS DISTINCT FROM o.provolatile;
-- What stands in policies and defaults must run in workers; writers must not; readers use the backend's caches and plans.
CREATE VIEW functions_of_wrong_parallel_label AS
    SELECT object FROM ours WHERE proparallel <> CASE
        WHEN proname IN ('user_id', 'tenant_id', 'has_permission', 'has_rule', 'tenant_with', 'tenant_with_some', 'role_names', 'user_email', 'user_department', 'uuid_v7') OR provolatile = 'i' THEN 's'
        WHEN provolatile = 'v' THEN 'u' ELSE 'r' END;
CREATE VIEW functions_with_open_path AS  -- C pins inside; a body that is parsed already looks nothing up; a procedure with a path could not commit
    SELECT object FROM ours WHERE prokind <> 'p' AND (lanname NOT IN ('c', 'internal') AND prosqlbody IS NULL OR prosecdef)
       AND NOT EXISTS (SELECT FROM unnest(proconfig) s WHERE s ~ '^search_path=(pg_catalog, )?pg_temp$|^search_path=pg_catalog, pg_temp$|^search_path=""$');
CREATE VIEW functions_that_can_be_null_called AS  -- an argument nobody may leave out makes it STRICT, or the code says what NULL means
    SELECT object FROM ours WHERE proname IN ('user_id', 'tenant_id', 'has_permission') AND NOT proisstrict;
CREATE VIEW tables_open_to_public AS
    SELECT t.object FROM our_tables t, aclexplode(coalesce(t.relacl, acldefault('r', t.relowner))) a WHERE a.grantee = 0
    UNION ALL SELECT t.object || '.' || c.attname FROM our_tables t JOIN pg_attribute c ON c.attrelid = t.oid, aclexplode(c.attacl) a WHERE a.grantee = 0;
CREATE VIEW schemas_open_to_public AS
    SELECT s.nspname FROM our_schemas s, aclexplode(coalesce(s.nspacl, acldefault('n', s.nspowner))) a WHERE a.grantee = 0;
CREATE VIEW tables_without_forced_row_security AS
    SELECT object FROM our_tables WHERE relkind = 'r' AND NOT is_proxy AND NOT (relrowsecurity AND relforcerowsecurity);
CREATE VIEW tables_without_policy AS
    SELECT object FROM our_tables t WHERE relkind = 'r' AND NOT is_proxy AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = t.oid);
CREATE VIEW policies_for_public AS
    SELECT polrelid::regclass::text || ' ' || polname AS object FROM pg_policy JOIN our_tables t ON t.oid = polrelid WHERE 0 = ANY (polroles);
-- Evaluated once per statement: (SELECT pgwright.user_id()), never the bare call.
CREATE VIEW policies_that_call_per_row AS
    SELECT polrelid::regclass::text || ' ' || polname AS object FROM pg_policy JOIN our_tables t ON t.oid = polrelid,
           LATERAL (SELECT concat(pg_get_expr(polqual, polrelid), ' ', pg_get_expr(polwithcheck, polrelid))) AS e (text)
     WHERE regexp_count(e.text, '(user_id|tenant_id|has_permission)\(') <> regexp_count(e.text, 'SELECT pgwright\.(user_id|tenant_id|has_permission)\(');
CREATE VIEW tables_not_dumped AS
    SELECT object FROM our_tables WHERE relkind IN ('r', 'S') AND NOT is_proxy
       AND relnamespace = 'pgwright'::regnamespace
       AND oid <> ALL (SELECT unnest(extconfig) FROM pg_extension WHERE extname = 'pgwright');
CREATE VIEW tables_without_comment AS SELECT object FROM our_tables WHERE coalesce(obj_description(oid, 'pg_class'), '') = '';
-- created_by and its kin lead no index: users are disabled or marked deleted, and only an administrator's DELETE of a user
-- would look for them. parent_version_id: versions are few.
CREATE VIEW foreign_keys_without_index AS
    SELECT k.conrelid::regclass::text || '.' || a.attname AS object FROM pg_constraint k JOIN our_tables t ON t.oid = k.conrelid
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
     WHERE k.contype = 'f' AND a.attname NOT IN ('created_by', 'updated_by', 'deleted_by', 'actor_user_id', 'rolled_back_by', 'parent_version_id')
       AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1]);
CREATE VIEW routes_without_callable_function AS
    SELECT r.method || ' ' || r.path AS object FROM pgwright.routes r
     WHERE to_regproc(r.function_name) IS NULL  -- NULL for an overloaded name too
        OR NOT coalesce(has_function_privilege('pgwright_shim', to_regproc(r.function_name)::oid, 'EXECUTE'), false);
CREATE VIEW routes_with_unknown_argument AS
    SELECT r.method || ' ' || r.path AS object FROM pgwright.routes r LEFT JOIN pg_proc p ON p.oid = to_regproc(r.function_name),
           LATERAL (SELECT m[1] AS name FROM regexp_matches(r.path, '\{(\w+)\}', 'g') m
                    UNION ALL SELECT r.body_argument WHERE r.body_argument IS NOT NULL
                    UNION ALL SELECT jsonb_object_keys(r.constants) UNION ALL SELECT jsonb_object_keys(r.headers)) a
     WHERE a.name <> ALL (coalesce(p.proargnames[:p.pronargs], '{}'));
CREATE VIEW relations_outside_the_extension AS
    SELECT object FROM our_tables WHERE relnamespace = 'pgwright'::regnamespace
       AND oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_extension'::regclass AND deptype = 'e');
CREATE VIEW dangerous_roles AS
    SELECT rolname FROM pg_roles WHERE rolname IN ('pgwright_owner', 'pgwright_runtime', 'pgwright_user', 'pgwright_shim', 'pgwright_admin')
       AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
    UNION ALL  -- and none is in another, which would add up their rights
    SELECT m.rolname FROM pg_auth_members x JOIN pg_roles m ON m.oid = x.member JOIN pg_roles g ON g.oid = x.roleid
     WHERE m.rolname IN ('pgwright_owner', 'pgwright_runtime', 'pgwright_user', 'pgwright_shim', 'pgwright_admin');

-- The rules hold --------------------------------------------------------------------------------------------

CREATE TEMPORARY TABLE rule (n serial, name text, bad text);  -- bad: statements that break it
INSERT INTO rule (name, bad) VALUES
    ('functions_without_comment', 'CREATE FUNCTION pgwright.bad() RETURNS void LANGUAGE sql AS ''SELECT 1'''),
    ('functions_open_to_public', 'GRANT EXECUTE ON FUNCTION pgwright.act_as(text, text) TO PUBLIC'),
    ('functions_of_wrong_volatility', 'ALTER FUNCTION pgwright.user_id() VOLATILE'),
    ('functions_of_wrong_parallel_label', 'ALTER FUNCTION pgwright.user_id() PARALLEL RESTRICTED'),
    ('functions_with_open_path', 'ALTER FUNCTION pgwright.route_table() SET search_path = public'),
    ('functions_that_can_be_null_called', 'ALTER FUNCTION pgwright.has_permission(text) CALLED ON NULL INPUT'),
    ('tables_open_to_public', 'GRANT SELECT (email) ON pgwright.users TO PUBLIC'),
    ('schemas_open_to_public', 'GRANT USAGE ON SCHEMA pgwright_shared TO PUBLIC'),
    ('tables_without_forced_row_security', 'ALTER TABLE pgwright.sessions NO FORCE ROW LEVEL SECURITY'),
    ('tables_without_policy', 'DROP POLICY pgwright_read ON pgwright.user_roles'),
    ('policies_for_public', 'ALTER POLICY pgwright_read ON pgwright.roles TO PUBLIC'),
    ('policies_that_call_per_row', 'ALTER POLICY pgwright_read ON pgwright.roles USING (tenant_id = pgwright.tenant_id())'),
    ('tables_not_dumped', 'CREATE TABLE pgwright.bad (a integer)'),
    ('tables_without_comment', 'COMMENT ON TABLE pgwright.roles IS NULL'),
    ('foreign_keys_without_index', 'DROP INDEX pgwright.sessions_user_idx'),
    ('routes_without_callable_function', 'REVOKE EXECUTE ON FUNCTION pgwright.whoami() FROM pgwright_shim;
        INSERT INTO pgwright.routes (method, path, function_name, module) VALUES (''GET'', ''/api/bad'', ''pgwright.whoami'', ''test'')'),
    ('routes_with_unknown_argument', 'UPDATE pgwright.routes SET path = path || ''/{bad}'' WHERE method = ''DELETE'' AND path LIKE ''%/records/{id}'''),
    ('relations_outside_the_extension', 'CREATE VIEW pgwright.bad AS SELECT 1 AS a'),
    ('dangerous_roles', 'GRANT pgwright_owner TO pgwright_user');

CREATE FUNCTION broken(rule text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    objects text[];
BEGIN
    EXECUTE format('SELECT coalesce(array_agg(x::text ORDER BY x::text), ''{}'') FROM tests.%I AS v (x)', rule) INTO objects;
    RETURN objects;
END $$;
-- What the rule finds once the bad statements ran, which are undone.
CREATE FUNCTION broken_by(rule text, bad text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    found integer;
BEGIN
    BEGIN
        EXECUTE bad;
        found := cardinality(tests.broken(rule));
        RAISE EXCEPTION SQLSTATE 'XUNDO';
    EXCEPTION WHEN SQLSTATE 'XUNDO' THEN RETURN found;
    END;
END $$;

SELECT is(broken(name), '{}', format('no %s', replace(name, '_', ' '))) FROM rule ORDER BY n;
SELECT is(broken_by(name, bad), 1, format('the rule about %s sees one', replace(name, '_', ' '))) FROM rule ORDER BY n;
SELECT is(broken(name), '{}', format('no %s is left', replace(name, '_', ' '))) FROM rule ORDER BY n;

-- Overloads, which a route cannot name, and functions of SECURITY DEFINER are few and known.
SELECT is(broken_by('routes_without_callable_function', 'CREATE FUNCTION pgwright.http_login(text) RETURNS json LANGUAGE sql AS ''SELECT NULL::json'''), 1,
    'a route to an overloaded function is seen');
SELECT is(array_agg(object ORDER BY object), '{pgwright.get_entity_metadata(text),pgwright.known_permissions(),pgwright.list_entity_metadata(text),pgwright.route_table()}', 'few functions run with their owner''s rights') FROM ours WHERE prosecdef;
-- Who is marked leakproof sees rows that policies hide: test/pgtap/leakproof.sql and docs/performance.md say why these may.
SELECT is(array_agg(DISTINCT proname ORDER BY proname), '{array_contains,array_overlaps,contains_text,ends_with_text,like_pattern,markup_text,numeric_among,numeric_eq,numeric_ge,numeric_gt,numeric_le,numeric_lt,row_tag,search_matches,search_matches_markup,search_rank,starts_with_text}',
    'few functions are leakproof') FROM ours WHERE proleakproof;
SELECT ok(count(*) >= 30, 'the rules looked at the extension''s functions') FROM ours;
SELECT ok(count(*) >= 16, 'and at its tables') FROM our_tables;

SELECT * FROM finish();
