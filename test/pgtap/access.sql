-- Roles that inherit, groups, row rules, field rules, templates: what they give and take, that policies
-- follow in the same transaction, and what is said of them.
\ir setup.psql
SELECT plan(75);
SELECT make_role('pgwright_tap_access', '{pgwright_user}') \g /dev/null

SELECT pgwright.create_tenant(t, t) FROM unnest('{acme,rival}'::text[]) t \g /dev/null
SELECT add_actor('ann', 'acme', 'owner') \g /dev/null
SELECT add_actor('mia', 'acme', 'member') \g /dev/null
SELECT add_actor('vic', 'acme', 'viewer') \g /dev/null
SELECT add_actor('eve', 'rival', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "company", "fields": [{"name": "name", "field_type": "string"}, {"name": "owner", "field_type": "lookup", "reference_entity": "users"}]}') \g /dev/null
SELECT pgwright.create_entity('{"name": "deal", "fields": [{"name": "title", "field_type": "string", "is_required": true}, {"name": "company_id", "field_type": "lookup", "reference_entity": "company"},
    {"name": "stage", "field_type": "string"}, {"name": "card", "field_type": "string"}, {"name": "amount", "field_type": "integer"},
    {"name": "twice", "field_type": "integer", "is_calculated": true, "calculation_formula": "amount * 2"}]}') \g /dev/null
SELECT pgwright.publish_entities('["company", "deal"]') \g /dev/null
SELECT id AS company FROM pgwright.entity_definitions WHERE name = 'company' \gset
SELECT id AS deal FROM pgwright.entity_definitions WHERE name = 'deal' \gset
CREATE FUNCTION field(field text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM pgwright.field_definitions f WHERE f.name = field AND entity_id = (SELECT id FROM pgwright.entity_definitions WHERE name IN ('deal', 'sale') AND NOT is_deleted) $$;
CREATE FUNCTION make(entity text, data json) RETURNS text LANGUAGE sql AS $$ SELECT pgwright.create_record(entity, data) ->> 'id' $$;
CREATE FUNCTION role(name text, parent text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$ SELECT make('roles', json_build_object('name', name, 'label', name, 'parent_role_id', parent)) $$;
CREATE FUNCTION allow(role text, permission text) RETURNS text LANGUAGE sql AS $$ SELECT pgwright.grant_permission(role, permission) ->> 'id' $$;
CREATE FUNCTION rule(role text, entity text, action text, condition json) RETURNS text LANGUAGE sql AS $$
    SELECT make('row_rules', json_build_object('role_id', role, 'entity_id', entity, 'action', action, 'condition', condition)) $$;
CREATE FUNCTION hide(role text, field text, mode text, mask text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT make('field_rules', json_build_object('role_id', role, 'entity_id', f.entity_id, 'field_id', f.id, 'mode', mode, 'mask', mask)) FROM pgwright.field_definitions f WHERE f.id = field(hide.field) $$;
CREATE FUNCTION titles() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(i ->> 'title', ' ' ORDER BY i ->> 'title') FROM json_array_elements(pgwright.list_records('deal') -> 'items') i $$;
CREATE FUNCTION policy(policy text) RETURNS text LANGUAGE sql AS $$ SELECT pg_get_expr(coalesce(polqual, polwithcheck), polrelid) FROM pg_policy WHERE polrelid = 't_acme.deal'::regclass AND polname = policy $$;

-- Permissions ------------------------------------------------------------------------------------------------------

SELECT is(pgwright.list_permissions('deal') ->> 'total', '21', 'a published entity has its permissions: seven actions, three scopes');
SELECT is((SELECT string_agg(r.name || ':' || p.action, ' ' ORDER BY r.name, p.action) FROM pgwright.role_permissions p JOIN pgwright.roles r ON r.id = p.role_id WHERE p.entity_id = :'deal' AND r.name <> 'data_manager'),
    'member:bulk member:create member:delete member:read member:update viewer:read', 'and is granted to the built-in roles');
SELECT is(pgwright.list_permissions('nothing') ->> 'total', '0', 'what is no resource has none');
SELECT become('mia') \g /dev/null
SELECT is(state_of($$SELECT pgwright.list_permissions()$$), 'PW403', 'roles are not for everybody to read');
SELECT is(state_of($$SELECT pgwright.create_record('roles', '{"name": "x", "label": "X"}')$$), 'PW403', 'nor to make');
SELECT become('ann') \g /dev/null
SELECT is(faults_of(format($$SELECT pgwright.create_record('role_permissions', '{"role_id": "%s", "resource": "nothing", "action": "read"}')$$, role('rep'))), 'PW400 resource: is neither an entity, nor a platform area, nor *: "nothing"', 'a permission is of something that there is');
SELECT id AS rep FROM pgwright.roles WHERE name = 'rep' \gset
SELECT is((SELECT count(*) FROM (SELECT allow(:'rep', p) FROM unnest('{deal:create,deal:read,deal:update,deal:delete,company:read}'::text[]) p) g), 5::bigint, 'a role is granted permissions by their texts');
SELECT is(state_of(format($$SELECT pgwright.grant_permission('%s', 'tenants:create:all')$$, :'rep')), 'PW403', 'nobody grants what he does not hold');
SELECT is(state_of(format($$SELECT pgwright.create_record('roles', '{"name": "boss", "label": "B", "parent_role_id": "%s"}')$$, (SELECT id FROM pgwright.roles WHERE name = 'super_admin'))), 'PW403', 'nor lets a role inherit it');
SELECT is(state_of(format($$SELECT pgwright.update_record('roles', '%s', '{"label": "x"}')$$, (SELECT id FROM pgwright.roles WHERE name = 'member'))), 'PW403', 'built-in roles stay as they are');
SELECT is(pgwright.list_role_permissions(:'rep') ->> 'total', '5', 'what a role is granted can be listed');

-- Hierarchy and groups ---------------------------------------------------------------------------------------------

SELECT role('junior', :'rep') AS junior \gset
SELECT is(faults_of(format($$SELECT pgwright.update_record('roles', '%s', '{"parent_role_id": "%s"}')$$, :'rep', :'junior')), 'PW400 parent_role_id: inherits from this role already', 'roles do not inherit in circles');
SELECT add_actor('rob', 'acme', 'rep'), add_actor('jim', 'acme', 'junior') \g /dev/null
SELECT user_id AS rob FROM actor WHERE name = 'rob' \gset
SELECT user_id AS jim FROM actor WHERE name = 'jim' \gset
SELECT become('jim') \g /dev/null
SELECT ok(pgwright.has_permission('deal:update'), 'a role inherits permissions');
SELECT become('ann') \g /dev/null
SELECT make('user_groups', '{"name": "sales", "label": "Sales"}') AS sales \gset
SELECT make('group_roles', json_build_object('group_id', :'sales', 'role_id', :'rep')) AS group_role \gset
SELECT add_actor('gus', 'acme', 'api_client') \g /dev/null
SELECT make('group_members', json_build_object('group_id', :'sales', 'user_id', (SELECT user_id FROM actor WHERE name = 'gus'))) AS membership \gset
SELECT become('gus') \g /dev/null
SELECT ok(pgwright.has_permission('deal:update'), 'a group''s members hold its roles');
SELECT become('ann') \g /dev/null
SELECT pgwright.delete_record('group_members', :'membership') \g /dev/null
SELECT become('gus') \g /dev/null
SELECT ok(NOT pgwright.has_permission('deal:update'), 'and hold them no more when they leave');
SELECT become('ann') \g /dev/null
SELECT is(faults_of(format($$SELECT make('group_members', '{"group_id": "%s", "user_id": "%s"}')$$, :'sales', (SELECT user_id FROM actor WHERE name = 'eve'))), 'PW400 user_id: does not exist', 'groups are of the tenant''s people');

-- Row rules --------------------------------------------------------------------------------------------------------

SELECT make('company', json_build_object('name', 'Mine', 'owner', :'rob')) AS mine, make('company', '{"name": "Other"}') AS other \gset
SELECT make('deal', json_build_object('title', 'a', 'company_id', :'mine', 'amount', 1, 'card', '1234567890')) AS a, make('deal', json_build_object('title', 'b', 'company_id', :'other', 'amount', 2)) AS b,
    make('deal', '{"title": "c", "stage": "open"}') AS c \gset
SELECT rule(:'rep', :'deal', 'read', '{"operator": "OR", "conditions": [{"field": "company.owner", "operator": "eq", "value": "{current_user_id}"}, {"field": "stage", "operator": "eq", "value": "open"}]}') AS reading,
    rule(:'rep', :'deal', 'update', '{"field": "stage", "operator": "eq", "value": "open"}') AS updating \gset
SELECT become('rob') \g /dev/null
SELECT is(titles(), 'a c', 'a rule shows the rows that it is true of, by records referred to as well');
SELECT is(state_of(format($$SELECT pgwright.update_record('deal', '%s', '{"title": "cc"}')$$, :'c')), 'ok', 'what the rule reaches is changed');
SELECT is(state_of(format($$SELECT pgwright.update_record('deal', '%s', '{"title": "x"}')$$, :'a')), 'PW403', 'what is seen and not reached is refused');
SELECT is(state_of(format($$SELECT pgwright.update_record('deal', '%s', '{"title": "x"}')$$, :'b')), 'PW404', 'what is not seen is not there');
SELECT is(state_of(format($$SELECT pgwright.update_record('deal', '%s', '{"stage": "done"}')$$, :'c')), 'PW403', 'nor is a row put beyond one''s reach');
SELECT is(state_of(format($$SELECT pgwright.update_record('deal', '%s', '{"stage": "open"}')$$, :'a')), 'PW403', 'nor pulled into it');
SELECT is(state_of(as_role('pgwright_tap_access', format($$UPDATE t_acme.deal SET stage = 'open' WHERE id = '%s'$$, :'a'))), 'PW403', 'by direct SQL neither');
SELECT is(run_as('pgwright_tap_access', 'SELECT string_agg(title, '' '' ORDER BY title) FROM t_acme.deal'), 'a cc', 'direct SQL sees the same rows');
SELECT become('jim') \g /dev/null
SELECT is(titles(), 'cc', 'a rule narrows what heirs of its role inherit');
SELECT become('mia') \g /dev/null
SELECT is(titles(), 'a b cc', 'and nobody else');
SELECT become('ann') \g /dev/null
SELECT matches(policy('pgwright_select'), 'has_rule\(''rep:deal:read:tenant''', 'the policy names the role');
SELECT pgwright.update_record('row_rules', :'reading', '{"is_active": false}') \g /dev/null
SELECT unalike(policy('pgwright_select'), '%has_rule%', 'and is made again when the rule changes');
SELECT become('rob') \g /dev/null
SELECT is(titles(), 'a b cc', 'which counts at once');
SELECT become('ann') \g /dev/null
BEGIN;
SELECT pgwright.update_record('row_rules', :'reading', '{"is_active": true}') \g /dev/null
SELECT alike(policy('pgwright_select'), '%has_rule%', 'in the same transaction');
ROLLBACK;
SELECT unalike(policy('pgwright_select'), '%has_rule%', 'or not at all');
SELECT pgwright.update_record('row_rules', :'reading', '{"is_active": true}') \g /dev/null
SELECT unalike(pgwright.analyze_schema('deal')::text, '%policy%', 'policies that follow rules are no drift');

SELECT is(faults_of(format($$SELECT rule('%s', '%s', 'delete', '{"nothing": 1}')$$, :'rep', :'deal')), 'PW400 condition.nothing: unknown field', 'a rule is about fields that there are');
SELECT is(faults_of(format($$SELECT rule('%s', '%s', 'delete', '{"operator": "AND", "conditions": []}')$$, :'rep', :'deal')), 'PW400 condition: must say something', 'and says something');
SELECT is(faults_of(format($$SELECT rule('%s', '%s', 'delete', '{"stage": "{current_user_roles}"}')$$, :'rep', :'deal')), 'PW400 condition.stage: {current_user_roles} goes with in and not_in only', 'placeholders are used as they are meant');

-- Rules follow names and hold fields ---------------------------------------------------------------------------------

SELECT pgwright.update_field('deal', 'stage', '{"name": "state"}') \g /dev/null
SELECT is(pgwright.publish_entity('deal') ->> 'status', 'completed', 'a field that rules use gets another name');
SELECT is(pgwright.get_record('row_rules', :'updating') -> 'data' -> 'condition' ->> 'field', 'state', 'and the rules follow');
SELECT become('rob') \g /dev/null
SELECT is(titles(), 'a cc', 'they mean the same');
SELECT become('ann') \g /dev/null
SELECT pgwright.update_field('company', 'owner', '{"name": "keeper"}') \g /dev/null
SELECT is(pgwright.publish_entity('company') ->> 'status', 'completed', 'so does one at the end of a dotted field');
SELECT is(pgwright.get_record('row_rules', :'reading') -> 'data' -> 'condition' -> 'conditions' -> 0 ->> 'field', 'company.keeper', 'in the rules of another entity');
SELECT is(pgwright.rollback_migration((SELECT m ->> 'id' FROM json_array_elements(pgwright.list_migrations('company')) WITH ORDINALITY x (m, n) WHERE n = 1)) ->> 'status', 'rolled_back', 'a rollback');
SELECT is(pgwright.get_record('row_rules', :'reading') -> 'data' -> 'condition' -> 'conditions' -> 0 ->> 'field', 'company.owner', 'takes the name back there too');
SELECT pgwright.discard_draft('company') \g /dev/null
SELECT pgwright.delete_field('deal', 'state') \g /dev/null
SELECT matches(faults_of($$SELECT pgwright.publish_entity('deal', allow_destructive => true)$$), '^PW400 state: is used by the row rule of rep for read', 'a field that rules use is not retired');
SELECT pgwright.discard_draft('deal') \g /dev/null
SELECT is(faults_of(format($$SELECT rule('%s', '%s', 'read', '{"company.nothing": 1}')$$, :'rep', :'deal')), 'PW400 condition.company.nothing: unknown field', 'dotted fields are checked');

-- Field rules ------------------------------------------------------------------------------------------------------

SELECT hide(:'rep', 'amount', 'hidden') AS hidden, hide(:'rep', 'card', 'masked', 'last4') AS masked, hide(:'rep', 'state', 'readonly') AS readonly, hide(:'rep', 'company_id', 'write_once') AS once \gset
SELECT is(faults_of(format($$SELECT make('field_rules', '{"role_id": "%s", "entity_id": "%s", "field_id": "%s", "mode": "masked", "mask": "last4"}')$$, :'junior', :'deal', field('amount'))), 'PW400 mask: last4 is for texts; fields of other types take hash or constant', 'masks fit their field');
SELECT become('rob') \g /dev/null
SELECT is((SELECT string_agg(k, ' ') FROM json_object_keys(pgwright.get_record('deal', :'a') -> 'data') k), 'id title company_id state card created_at updated_at created_by updated_by', 'a hidden field is not there, nor what is calculated of it');
SELECT is(pgwright.get_record('deal', :'a') -> 'data' ->> 'card', '******7890', 'a masked one is read as its mask');
SELECT is(state_of(s), 'PW400', s) FROM unnest(ARRAY[$$SELECT pgwright.list_records('deal', filters => '{"amount": 1}')$$, $$SELECT pgwright.list_records('deal', filters => '{"twice": 2}')$$, $$SELECT pgwright.list_records('deal', sort => 'amount')$$,
    $$SELECT pgwright.list_records('deal', filters => '{"card": "1234567890"}')$$, $$SELECT pgwright.list_records('deal', sort => 'card')$$, $$SELECT pgwright.create_record('deal', '{"title": "n", "amount": 1}')$$,
    format($$SELECT pgwright.update_record('deal', '%s', '{"state": "done"}')$$, :'c')]) WITH ORDINALITY x (s, n) ORDER BY n;
SELECT is(run_as('pgwright_tap_access', format('SELECT %I::text FROM t_acme.deal LIMIT 1', f)), '42501', f || ' is not granted to direct connections') FROM unnest('{amount,card,twice}'::text[]) f;
SELECT is(run_as('pgwright_tap_access', 'SELECT title FROM t_acme.deal WHERE title = ''a'''), 'a', 'the others are');
SELECT become('mia') \g /dev/null
SELECT is(pgwright.get_record('deal', :'a') -> 'data' ->> 'amount', '1', 'who has no such rule sees the field');
SELECT become('ann') \g /dev/null
SELECT pgwright.set_user_roles(:'rob', '["rep", "viewer"]') \g /dev/null
SELECT become('rob') \g /dev/null
SELECT is(pgwright.get_record('deal', :'a') -> 'data' ->> 'amount', '1', 'and whom another role does not restrict');
SELECT is(titles(), 'a b cc', 'to some of the rows either');
SELECT become('ann') \g /dev/null

-- Explaining, previewing, checking -----------------------------------------------------------------------------------

SELECT is((SELECT e ->> 'allowed' || ' ' || (e ->> 'scope') || ' ' || (e -> 'record' ->> 'allowed') FROM pgwright.explain_access('deal', 'jim@acme.example', 'update', :'a') e), 'true by row rules false', 'explain_access() tells of a user and a record');
SELECT is((SELECT e ->> 'allowed' FROM pgwright.explain_access('deal', 'vic@acme.example', 'update') e), 'false', 'and of one who may not');
SELECT is((SELECT u ->> 'lost' FROM json_array_elements(pgwright.preview_access('deal', json_build_array(json_build_object('operation', 'create', 'entity', 'row_rules', 'data',
    json_build_object('role_id', pgwright.role_id('member'), 'entity_id', :'deal', 'action', 'read', 'condition', '{"title": "a"}'::json)))) -> 'users') u WHERE u ->> 'user' = 'mia@acme.example'), '2', 'preview_access() tells who would lose how many rows');
SELECT is((SELECT count(*) FROM pgwright.row_rules), 2::bigint, 'and changes nothing');
SELECT alike(pgwright.check_access('deal')::text, '%column_without_index%by_state%', 'check_access() offers indexes for the columns that policies look at');
SELECT rule(:'junior', :'deal', 'delete', '{"operator": "AND", "conditions": [{"field": "state", "operator": "eq", "value": "a"}, {"field": "state", "operator": "eq", "value": "b"}]}') \g /dev/null
SELECT alike(pgwright.check_access('deal')::text, '%rule_never_matches%junior%', 'and tells of rules that match nothing');

-- Templates --------------------------------------------------------------------------------------------------------

SELECT is(pgwright.apply_access_template('deal', 'private') ->> 'template', 'private', 'a template is applied');
SELECT become('mia') \g /dev/null
SELECT is(state_of($$SELECT pgwright.list_records('deal')$$), 'PW403', 'private: members have no access');
SELECT become('ann') \g /dev/null
SELECT pgwright.apply_access_template('deal', 'owner_only') \g /dev/null
SELECT become('mia') \g /dev/null
SELECT pgwright.create_record('deal', '{"title": "mine"}') \g /dev/null
SELECT is(titles(), 'mine', 'owner_only: everybody sees his own');
SELECT become('ann') \g /dev/null
SELECT pgwright.apply_access_template('deal', 'public_read') \g /dev/null
SELECT is(state_of($$SELECT pgwright.apply_access_template('deal', 'open')$$), 'PW400', 'there is no other');
SELECT become('nobody') \g /dev/null
SELECT is(pgwright.list_public_records('acme', 'deal') ->> 'total', '4', 'public_read: everybody reads');
SELECT is(state_of($$SELECT pgwright.list_public_records('acme', 'company')$$), 'PW404', 'that entity alone');
SELECT is(state_of($$SELECT pgwright.list_records('deal')$$), 'PW401', 'and only so');
SELECT become('eve') \g /dev/null
SELECT is(pgwright.list_public_records('acme', 'deal') ->> 'total', '4', 'another tenant''s user like everybody');

SELECT drop_role('pgwright_tap_access') \g /dev/null
SELECT * FROM finish();
