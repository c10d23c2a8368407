-- What clients are told of entities: tables and forms, generated and set otherwise.
\ir setup.psql
SELECT plan(36);

SELECT pgwright.create_tenant('acme', 'Acme'), pgwright.create_tenant('other', 'Other') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner'), add_actor('vic', 'acme', 'viewer'), add_actor('olga', 'other', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity('{"name": "deal", "label": "Deal", "plural_label": "Deals", "default_sort_field": "amount", "default_sort_order": "DESC", "records_per_page": 10, "primary_field": "title", "fields": [
    {"name": "title", "field_type": "string", "is_required": true, "help_text": "What it is about"},
    {"name": "kind", "field_type": "enum", "allowed_values": [{"value": "a", "label": "First"}, {"value": "b", "label": "Second"}]},
    {"name": "amount", "field_type": "currency", "min_value": 0},
    {"name": "notes", "field_type": "json"},
    {"name": "parent_id", "field_type": "lookup", "reference_entity": "deal", "reference_field": "title"}]}') \g /dev/null
SELECT pgwright.publish_entity('deal') \g /dev/null

CREATE FUNCTION metadata(path text) RETURNS jsonb LANGUAGE sql AS $$ SELECT pgwright.get_entity_metadata('deal')::jsonb #> path::text[] $$;
CREATE FUNCTION columns() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(c ->> 'name', ' ' ORDER BY n) FROM jsonb_array_elements(metadata('{table_config,columns}')) WITH ORDINALITY AS i (c, n) WHERE (c ->> 'visible')::boolean $$;
CREATE FUNCTION inputs() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(c ->> 'name', ' ' ORDER BY n) FROM jsonb_array_elements(metadata('{form_config,fields}')) WITH ORDINALITY AS i (c, n) $$;

-- Generated ---------------------------------------------------------------------------------------------------

SELECT is(columns(), 'title kind amount parent_id', 'a table shows what people have defined, and no documents');
SELECT is(inputs(), 'title kind amount notes parent_id', 'a form has an input for each');
SELECT is(metadata('{form_config,fields,0}'), '{"name": "title", "label": "Title", "type": "text", "field_type": "string", "required": true, "readonly": false, "write_once": false, "help_text": "What it is about", "validation": {"max_length": 255}}', 'with what the definition says');
SELECT is(metadata('{form_config,fields,1,options}'), '[{"value": "a", "label": "First"}, {"value": "b", "label": "Second"}]', 'values have their labels');
SELECT is(metadata('{form_config,fields,4,reference}'), '{"entity": "deal", "expand": "parent", "label_field": "title", "endpoint": "/api/v1/dynamic-data/deal/records"}', 'a lookup says where to look');
SELECT is(metadata('{table_config,default_sort}'), '{"field": "amount", "order": "desc"}', 'a table has its order');
SELECT is(metadata('{table_config,page_size}'), '10', 'and its page');
SELECT is((metadata('{}') - '{entity_id,table_config,form_config,relations,routes}'::text[]), '{"api": "/api/v1/dynamic-data/deal/records", "icon": null, "actions": {"bulk": true, "read": true, "create": true, "delete": true, "export": true, "update": true}, "version": 1,
    "is_active": true, "description": null, "entity_name": "deal", "entity_type": "custom", "plural_name": "Deals", "display_name": "Deal", "is_customized": false, "primary_field": "title"}', 'an entity has names, actions and a place');
SELECT is(metadata('{relations}'), '[{"name": "deal", "many": true, "entity": "deal"}]', 'and relations');

-- Set otherwise ---------------------------------------------------------------------------------------------------

SELECT is(pgwright.update_entity_metadata('deal', '{"display_name": "Sale", "table_config": {"columns": [{"name": "amount", "position": 0, "width": 120}, {"name": "gone", "width": 1}, {"name": "kind", "visible": false}], "page_size": 50, "default_sort": null},
    "form_config": {"fields": [{"name": "title", "label": "Subject", "help_text": null}], "layout": "two-columns"}}')::jsonb ->> 'display_name', 'Sale', 'what is set takes the place of what is generated');
SELECT is(columns(), 'amount title parent_id', 'columns move and hide, and none comes that is not there');
SELECT is(metadata('{table_config,columns,0,width}'), '120', 'they get what the platform knows nothing of');
SELECT is(metadata('{table_config}') ? 'default_sort', false, 'null takes away');
SELECT is(metadata('{form_config,fields,0,label}'), '"Subject"', 'inputs are called otherwise');
SELECT is(metadata('{form_config,layout}'), '"two-columns"', 'and whatever else is kept');
SELECT pgwright.create_field('deal', '{"name": "gone", "field_type": "string"}') \g /dev/null
SELECT pgwright.delete_field('deal', 'kind') \g /dev/null
SELECT pgwright.publish_entity('deal', allow_destructive => true) \g /dev/null
SELECT is(columns(), 'amount title parent_id gone', 'a publish changes what is generated');
SELECT is((SELECT c ->> 'width' FROM jsonb_array_elements(metadata('{table_config,columns}')) c WHERE c ->> 'name' = 'gone'), '1', 'and what was set of a field waits for it');
SELECT is(metadata('{display_name}') || metadata('{table_config,page_size}'), '["Sale", 50]', 'what was set survives');
SELECT is(state_of('SELECT pgwright.create_entity_metadata(''{"entity_name": "deal"}'')'), 'PW409', 'something is set already');
SELECT is(tests.faults_of('SELECT pgwright.update_entity_metadata(''deal'', ''{"table_config": {"columns": 7}, "form_config": {"fields": [{"label": "x"}]}}'')'),
    'PW400 table_config.columns: must be a list of objects with a name; form_config.fields: must be a list of objects with a name', 'lists are of named things');
SELECT is(tests.faults_of('SELECT pgwright.update_entity_metadata(''deal'', ''{"nope": 1, "table_config": 7}'')'), 'PW400 nope: is not a field of entity_metadata', 'unknown members are faults');
SELECT is(tests.faults_of('SELECT pgwright.create_entity_metadata(''{}'')'), 'PW400 entity_name: is required', 'an entity must be named');
SELECT is(pgwright.list_entity_metadata('custom')::jsonb #>> '{0,display_name}', 'Sale', 'the list shows it too');
SELECT pgwright.delete_entity_metadata('deal') \g /dev/null
SELECT is(metadata('{display_name}') || metadata('{is_customized}'), '["Deal", false]', 'what was set is taken back');
SELECT is(state_of('SELECT pgwright.delete_entity_metadata(''deal'')'), 'PW404', 'once');

-- What has to be true of values ------------------------------------------------------------------------------------

SELECT pgwright.create_entity('{"name": "offer", "fields": [
    {"name": "code", "field_type": "string", "pattern": "[A-Z]{2}-\\d+", "min_length": 4},
    {"name": "cost", "field_type": "decimal"},
    {"name": "price", "field_type": "decimal", "min_value": 0, "validation_rules": [
        {"name": "above_cost", "expression": "price >= cost", "message": "must not be below the cost"}, {"name": "whole", "expression": "price = round(price)", "message": "must be whole"}]}]}') \g /dev/null
SELECT pgwright.publish_entity('offer') \g /dev/null
CREATE FUNCTION described(field text) RETURNS jsonb LANGUAGE sql AS $$ SELECT f FROM jsonb_array_elements(pgwright.describe_entity('offer')::jsonb -> 'fields') f WHERE f ->> 'name' = field $$;
CREATE FUNCTION validation(field text) RETURNS jsonb LANGUAGE sql AS $$ SELECT f -> 'validation' FROM jsonb_array_elements(pgwright.get_entity_metadata('offer')::jsonb #> '{form_config,fields}') f WHERE f ->> 'name' = field $$;
SELECT is(described('code') ->> 'pattern', '[A-Z]{2}-\d+', 'a field tells its pattern');
SELECT is(validation('code'), '{"pattern": "[A-Z]{2}-\\d+", "max_length": 255, "min_length": 4}', 'so does its input');
SELECT is(described('price') -> 'validation_rules', '[{"name": "above_cost", "fields": ["cost", "price"], "message": "must not be below the cost"}, {"name": "whole", "fields": ["price"], "message": "must be whole"}]', 'and its rules, in words');
SELECT is(validation('price') -> 'rules', described('price') -> 'validation_rules', 'so does its input');
SELECT is(pgwright.describe_entity('offer')::text || pgwright.get_entity_metadata('offer')::text ~ 'round|>=', false, 'and no expression or SQL');

-- Rights ----------------------------------------------------------------------------------------------------------

SELECT pgwright.create_record('field_rules', json_build_object('role_id', (SELECT id FROM pgwright.roles WHERE name = 'viewer'), 'entity_id', e.id, 'field_id', f.id, 'mode', 'hidden'))
  FROM pgwright.entity_definitions e JOIN pgwright.field_definitions f ON f.entity_id = e.id WHERE e.name = 'deal' AND f.name = 'amount' \g /dev/null
SELECT become('vic') \g /dev/null
SELECT is(columns() || '/' || inputs(), 'title parent_id gone/title notes parent_id gone', 'a hidden field is in neither');
SELECT is(metadata('{actions,update}'), 'false', 'actions are the caller''s');
SELECT is(state_of('SELECT pgwright.update_entity_metadata(''deal'', ''{"icon": "x"}'')'), 'PW403', 'who may not shape entities sets nothing');
SELECT is((SELECT count(*) FROM json_array_elements(pgwright.list_entity_metadata()) e WHERE e ->> 'entity_name' = 'signing_keys'), 0::bigint, 'what may not be read is not listed');
SELECT become('olga') \g /dev/null
SELECT is(state_of('SELECT pgwright.get_entity_metadata(''deal'')'), 'PW404', 'another tenant''s entity is not there');

SELECT become('ann') \g /dev/null
SELECT pgwright.create_record('field_rules', json_build_object('role_id', (SELECT id FROM pgwright.roles WHERE name = 'viewer'), 'entity_id', e.id, 'field_id', f.id, 'mode', 'hidden'))
  FROM pgwright.entity_definitions e JOIN pgwright.field_definitions f ON f.entity_id = e.id WHERE e.name = 'offer' AND f.name = 'cost' \g /dev/null
SELECT become('vic') \g /dev/null
SELECT is(described('price') #> '{validation_rules,0,fields}', '["price"]', 'a rule does not name a field that the caller does not see');

SELECT * FROM finish();
