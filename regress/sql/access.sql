-- What scopes, row rules, field rules and public reading make of policies, guard and grants. The expected
-- output is the reference of generated policies.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('access');
SELECT pgwright.create_entity('{"name":"company","fields":[{"name":"name","field_type":"string"},{"name":"owner_id","field_type":"lookup","reference_entity":"users"}]}') \g /dev/null
SELECT pgwright.create_entity('{"name":"deal","fields":[{"name":"title","field_type":"string"},{"name":"region","field_type":"string"},{"name":"margin","field_type":"integer"},{"name":"company_id","field_type":"lookup","reference_entity":"company"}]}') \g /dev/null
SELECT r ->> 'entity_id' IS NOT NULL AS published, r ->> 'status' AS status, r -> 'warnings' AS warnings FROM json_array_elements(pgwright.publish_entities('["company","deal"]')) r;
SELECT pgwright.create_record('roles', '{"name":"rep","label":"Sales representative"}') ->> 'id' AS rep \gset
SELECT id AS deal FROM pgwright.entity_definitions WHERE name = 'deal' AND tenant_id = pgwright.tenant_id() \gset

CREATE FUNCTION pg_temp.access() RETURNS TABLE (object text, definition text) LANGUAGE sql AS $$
    SELECT polname || CASE WHEN polqual IS NULL THEN '' ELSE ' USING' END, pg_temp.tidy(pg_get_expr(coalesce(polqual, polwithcheck), polrelid)) FROM pg_policy WHERE polrelid = 't_access.deal'::regclass
    UNION ALL SELECT polname || ' WITH CHECK', pg_temp.tidy(pg_get_expr(polwithcheck, polrelid)) FROM pg_policy WHERE polrelid = 't_access.deal'::regclass AND polcmd = 'w'
    UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 't_access.deal'::regclass AND tgname = 'pgwright_guard_record'
    UNION ALL SELECT 'grant ' || privilege_type, string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = 't_access.deal'::regclass AND x.grantee = 'pgwright_user'::regrole GROUP BY privilege_type
    ORDER BY 1
$$;

-- As published: one-time filters.
SELECT * FROM pg_temp.access();

-- A role at scope own.
SELECT pgwright.grant_permission(:'rep', 'deal:read:own') \g /dev/null
SELECT definition FROM pg_temp.access() WHERE object = 'pgwright_select USING';
SELECT pgwright.revoke_permission(:'rep', 'deal:read:own');

-- Row rules: a field, who asks, and a field of the record that is referred to.
SELECT pgwright.grant_permission(:'rep', p) FROM unnest('{deal:read,deal:update}'::text[]) p \g /dev/null
SELECT pgwright.create_record('row_rules', json_build_object('role_id', :'rep', 'entity_id', :'deal', 'action', 'read', 'condition',
    '{"operator":"OR","conditions":[{"field":"company.owner_id","operator":"eq","value":"{current_user_id}"},{"field":"region","operator":"eq","value":"{current_user_department}"}]}'::json)) \g /dev/null
SELECT pgwright.create_record('row_rules', json_build_object('role_id', :'rep', 'entity_id', :'deal', 'action', 'update', 'condition', '{"region":"north"}'::json)) \g /dev/null
SELECT * FROM pg_temp.access();
SELECT pgwright.preview_migration('deal') -> 'warnings' AS warnings;

-- Everybody reads some of it; a field that a role does not see.
SELECT pgwright.grant_permission(pgwright.role_id('public')::text, 'deal:read') \g /dev/null
SELECT pgwright.create_record('row_rules', json_build_object('role_id', pgwright.role_id('public'), 'entity_id', :'deal', 'action', 'read', 'condition', '{"region":"south"}'::json)) \g /dev/null
SELECT pgwright.create_record('field_rules', json_build_object('role_id', :'rep', 'entity_id', :'deal', 'mode', 'hidden',
    'field_id', (SELECT id FROM pgwright.field_definitions WHERE entity_id = :'deal' AND name = 'margin'))) \g /dev/null
SELECT * FROM pg_temp.access() WHERE object ~ 'select|grant';

-- The next publication tells of the columns that no index leads.
SELECT pgwright.update_field('deal', 'title', '{"label":"Name of the deal"}') \g /dev/null
SELECT pgwright.publish_entity('deal') -> 'warnings' AS warnings;
