-- Reading records with what is related to them: selection, expansion, order, cursors, counts, groups.
\ir setup.psql
SELECT plan(132);

SELECT pgwright.create_tenant('acme', 'Acme') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner'), add_actor('vic', 'acme', 'viewer'), add_actor('bob', 'acme', 'member') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity(d::json) FROM (VALUES
    ('{"name": "country", "fields": [{"name": "name", "field_type": "string", "is_required": true}, {"name": "secret", "field_type": "string"}]}'),
    ('{"name": "company", "fields": [{"name": "name", "field_type": "string", "is_required": true}, {"name": "country_id", "field_type": "lookup", "reference_entity": "country"}]}'),
    ('{"name": "invoice", "default_sort_field": "number", "default_sort_order": "ASC", "fields": [{"name": "number", "field_type": "integer", "is_required": true}, {"name": "total", "field_type": "decimal"},
        {"name": "status", "field_type": "string"}, {"name": "paid", "field_type": "boolean"}, {"name": "sent_at", "field_type": "datetime"}, {"name": "due", "field_type": "date"}, {"name": "extra", "field_type": "json"},
        {"name": "twice", "field_type": "decimal", "is_calculated": true, "calculation_formula": "total * 2"}]}'),
    ('{"name": "tag", "supports_soft_delete": false, "fields": [{"name": "label", "field_type": "string", "is_required": true}]}')) AS d (d) \g /dev/null
SELECT pgwright.create_relationship('{"name": "invoices", "relationship_type": "one-to-many", "source_entity": "company", "target_entity": "invoice"}') \g /dev/null
SELECT pgwright.create_relationship('{"name": "tags", "relationship_type": "many-to-many", "source_entity": "invoice", "target_entity": "tag"}') \g /dev/null
SELECT pgwright.publish_entities('["country", "company", "invoice", "tag", "invoice_tag"]') \g /dev/null

CREATE FUNCTION made(entity text, data json) RETURNS text LANGUAGE sql AS $$ SELECT pgwright.create_record(entity, data) ->> 'id' $$;
CREATE FUNCTION list(query jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT pgwright.query_records('invoice', query::json)::jsonb $$;
CREATE FUNCTION items(query jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT list(query) -> 'items' $$;
CREATE FUNCTION numbers(query jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(i ->> 'number', ' ' ORDER BY n) FROM jsonb_array_elements(items('{"fields": "number"}' || query)) WITH ORDINALITY AS i (i, n) $$;
CREATE FUNCTION groups(query jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT pgwright.aggregate_records('invoice', query::json)::jsonb -> 'items' $$;
CREATE FUNCTION fault_fields(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', e ->> 'sqlstate', (SELECT string_agg(f ->> 'field', ' ' ORDER BY f ->> 'field' COLLATE "C") FROM jsonb_array_elements(e -> 'faults') f)) FROM tests.error_of(statement) e $$;
CREATE FUNCTION faults(query text) RETURNS text LANGUAGE sql AS $$ SELECT tests.fault_fields(format('SELECT pgwright.query_records(''invoice'', %L)', query)) $$;
CREATE FUNCTION group_faults(query text) RETURNS text LANGUAGE sql AS $$ SELECT tests.fault_fields(format('SELECT pgwright.aggregate_records(''invoice'', %L)', query)) $$;

SELECT made('country', '{"name": "Chad", "secret": "c"}') AS chad, made('country', '{"name": "Peru"}') AS peru \gset
SELECT made('company', json_build_object('name', 'Acme', 'country_id', :'chad')) AS acme, made('company', json_build_object('name', 'Bond', 'country_id', :'peru')) AS bond,
       made('company', '{"name": "Cane"}') AS cane \gset
SELECT made('tag', '{"label": "hot"}') AS hot, made('tag', '{"label": "old"}') AS old \gset
-- Ties in status, nulls in status, paid and total, no company for 1, 4, 7 and 10.
SELECT made('invoice', json_build_object('number', n, 'total', CASE WHEN n <> 5 THEN n * 10 END, 'status', (ARRAY['open', 'paid', NULL])[n % 3 + 1], 'paid', CASE n % 4 WHEN 0 THEN true WHEN 1 THEN false END,
        'company_id', CASE n % 3 WHEN 0 THEN :'acme' WHEN 2 THEN :'bond' END, 'sent_at', '2024-01-31T23:30:00Z'::timestamptz + (n - 1) * interval '10 days', 'due', '2024-02-01'::date + n * 20))
  FROM generate_series(1, 11) n \g /dev/null
SELECT id AS three FROM t_acme.invoice WHERE number = 3 \gset
SELECT made('invoice_tag', json_build_object('invoice_id', :'three', 'tag_id', t)) FROM unnest(ARRAY[:'hot', :'old']) t \g /dev/null

-- Fields and relations ----------------------------------------------------------------------------------------

SELECT is(items('{"fields": "number,status", "filters": {"number": 3}}'), '[{"number": 3, "status": "open"}]', 'fields are those that are named');
SELECT is(items('{"fields": ["status", "number"], "filters": {"number": 3}}'), '[{"number": 3, "status": "open"}]', 'an array names them too');
SELECT is(pgwright.get_record('invoice', :'three', fields => 'number')::jsonb, jsonb_build_object('id', :'three', 'data', '{"number": 3}'::jsonb), 'a record is named by its id whatever is selected');
SELECT is(items('{"fields": "number,company.name,company.country.name", "filters": {"number": 3}}'), '[{"number": 3, "company": {"name": "Acme", "country": {"name": "Chad"}}}]',
    'dotted fields bring the records they are of');
SELECT is(items('{"fields": "number,company.name", "filters": {"number": 1}}'), '[{"number": 1, "company": null}]', 'and null where there is none');
SELECT is(pgwright.get_record('invoice', :'three', expand => 'company.country')::jsonb #> '{data,company,country,name}', '"Chad"', 'relations are expanded along a path');
SELECT is(pgwright.get_record('invoice', :'three', expand => 'company')::jsonb -> 'data' ?& '{number,company_id,company,twice}', true, 'beside all fields');
SELECT is(pgwright.get_record('company', :'acme', fields => 'name', expand => '{"invoices": {"fields": "number,twice,sent_at,tags.label", "sort": "-number", "limit": 2}}')::jsonb -> 'data',
    '{"name": "Acme", "invoices": [{"number": 9, "twice": 180, "sent_at": "2024-04-20T23:30:00Z", "tags": []}, {"number": 6, "twice": 120, "sent_at": "2024-03-21T23:30:00Z", "tags": []}]}',
    'those that refer here come as an array, sorted, limited, with fields of their own');
SELECT is(pgwright.get_record('company', :'acme', fields => 'name', expand => '{"invoices": {"fields": ["number"], "filters": {"field": "number", "operator": "lt", "value": 5}, "expand": {"tags": {"fields": "label", "sort": "label"}}}}')::jsonb -> 'data',
    '{"name": "Acme", "invoices": [{"number": 3, "tags": [{"label": "hot"}, {"label": "old"}]}]}', 'filtered, and with relations of their own');
SELECT is(pgwright.get_record('company', :'cane', fields => 'name', expand => 'invoices,country')::jsonb -> 'data', '{"name": "Cane", "invoices": [], "country": null}', 'none is an empty array, or null');
SELECT is(pgwright.get_record('tag', :'old', fields => 'label,tags.number')::jsonb -> 'data', '{"label": "old", "tags": [{"number": 3}]}', 'a many-to-many goes by its name from both ends');
SELECT is(pgwright.get_record('country', :'chad', fields => 'name,company.name')::jsonb -> 'data', '{"name": "Chad", "company": [{"name": "Acme"}]}', 'what refers here without a relationship goes by its entity''s name');
SELECT is((SELECT string_agg(i ->> 'number', ' ') FROM jsonb_array_elements(pgwright.get_record('company', :'acme', expand => 'invoices')::jsonb #> '{data,invoices}') i), '3 6 9', 'without a sort the entity''s own holds');
SELECT is(jsonb_array_length(pgwright.list_records('company', expand => 'invoices')::jsonb -> 'items'), 3, 'a page of records with theirs');
SELECT is(pgwright.list_records('company', sort => 'name', fields => 'name', expand => 'invoices')::jsonb #>> '{items,1,name}', 'Bond', 'stays in its order');
SELECT is((SELECT count(*) FROM jsonb_object_keys(pgwright.get_record('company', :'acme', expand => 'country')::jsonb #> '{data,country}')), 7::bigint, 'an expanded record has all its fields');

SELECT is(faults('{"fields": "nope,number,company.nope,nope.name"}'), 'PW400 fields fields fields', 'unknown fields are faults');
SELECT is(faults('{"expand": "nope,company.nope"}'), 'PW400 expand expand', 'and unknown relations');
SELECT is(faults('{"expand": {"company": {"limit": 3, "nope": 1}, "tags": {"limit": 0, "sort": "nope", "filters": {"nope": 1}, "fields": 7}}}'),
    'PW400 expand.company.limit expand.company.nope expand.tags.fields expand.tags.filters.nope expand.tags.limit expand.tags.sort', 'and options that do not fit, each by its path');
SELECT is(faults('{"expand": "company.invoices.company.invoices.company"}'), 'PW400 expand', 'relations go four deep');
SELECT is(faults('{"expand": 7, "fields": {"a": 1}}'), 'PW400 expand fields', 'kinds are checked');
SELECT is(faults('{"nope": 1, "page": "x", "page_size": 1.5, "cursor": 7, "distinct": "yes", "count": 1}'), 'PW400 count cursor distinct nope page page_size', 'all members are checked');

-- Order -------------------------------------------------------------------------------------------------------

SELECT is(numbers('{"sort": "-number"}'), '11 10 9 8 7 6 5 4 3 2 1', 'a minus is descending');
SELECT is(numbers('{"sort": "status,-number"}'), '9 6 3 10 7 4 1 11 8 5 2', 'nulls are last');
SELECT is(numbers('{"sort": "status:desc,number"}'), '1 4 7 10 3 6 9 2 5 8 11', 'also when descending');
SELECT is(numbers('{"sort": "status:asc:nulls_first,number"}'), '2 5 8 11 3 6 9 1 4 7 10', 'or first');
SELECT is(numbers('{"sort": [{"field": "status", "direction": "desc", "nulls": "first"}, "-number"]}'), '11 8 5 2 10 7 4 1 9 6 3', 'an array says the same');
SELECT is(numbers('{"sort": "company.name,number"}'), '3 6 9 2 5 8 11 1 4 7 10', 'records are sorted by what they refer to');
SELECT is(numbers('{"sort": "company.country.name:desc:nulls_first,number:desc"}'), '10 7 4 1 11 8 5 2 9 6 3', 'over several steps');
SELECT is(faults('{"sort": "extra,company.nope,status:up,number,number,invoices.x,status:asc:middle"}'), 'PW400 sort sort sort sort sort sort', 'what cannot be sorted by is told');

-- Cursors -----------------------------------------------------------------------------------------------------

-- All pages of a query one after the other, forwards and then back from the end.
CREATE FUNCTION walk(query jsonb) RETURNS TABLE (forwards text, backwards text) LANGUAGE plpgsql AS $$
DECLARE
    page jsonb;
    at text := '';
BEGIN
    LOOP
        page := list('{"fields": "number", "page_size": 3}' || query || jsonb_build_object('cursor', at));
        forwards := concat_ws(' ', forwards, (SELECT string_agg(i ->> 'number', ' ' ORDER BY n) FROM jsonb_array_elements(page -> 'items') WITH ORDINALITY AS i (i, n)));
        at := page ->> 'next_cursor';
        EXIT WHEN at IS NULL;
    END LOOP;
    LOOP
        backwards := concat_ws(' ', (SELECT string_agg(i ->> 'number', ' ' ORDER BY n) FROM jsonb_array_elements(page -> 'items') WITH ORDINALITY AS i (i, n)), backwards);
        at := page ->> 'prev_cursor';
        EXIT WHEN at IS NULL;
        page := list('{"fields": "number", "page_size": 3}' || query || jsonb_build_object('cursor', at));
    END LOOP;
    RETURN NEXT;
END
$$;
SELECT results_eq(format('SELECT forwards, backwards FROM walk(%L)', query), format('SELECT w, w FROM (SELECT numbers(%L) AS w) w', query || '{"page_size": 100}'), 'cursors walk ' || query::text || ' both ways')
  FROM unnest(ARRAY['{}', '{"sort": "-number"}', '{"sort": "status"}', '{"sort": "status:desc"}', '{"sort": "status:asc:nulls_first"}', '{"sort": "status:desc:nulls_first,paid"}', '{"sort": "paid,total:desc"}',
        '{"sort": "total"}', '{"sort": "-total"}', '{"sort": "company.name,status:desc"}', '{"sort": "company.country.name:desc:nulls_first,-due"}', '{"sort": "sent_at", "filters": {"status": "open"}}',
        '{"sort": "twice:desc"}']::jsonb[]) query;
SELECT list('{"fields": "number", "cursor": "", "page_size": 3, "sort": "-number"}') AS first \gset
SELECT is(:'first'::jsonb - 'next_cursor', '{"items": [{"number": 11}, {"number": 10}, {"number": 9}], "page_size": 3, "prev_cursor": null}', 'a page by cursor has no number, and a total when it is asked for');
SELECT made('invoice', '{"number": 99}') AS late \gset
SELECT is(numbers(jsonb_build_object('sort', '-number', 'page_size', 3, 'cursor', :'first'::jsonb ->> 'next_cursor')), '8 7 6', 'what comes before a cursor moves nothing after it');
SELECT pgwright.delete_record('invoice', :'late') \g /dev/null
SELECT is(list(jsonb_build_object('fields', 'number', 'sort', '-number', 'page_size', 9, 'count', 'exact', 'cursor', :'first'::jsonb ->> 'next_cursor')) -> 'total', '11', 'a total is of the whole list');
SELECT list('{"fields": "number", "cursor": "", "page_size": 10}') AS ten \gset
SELECT pgwright.delete_record('invoice', id::text) FROM t_acme.invoice WHERE number = 11 \g /dev/null
SELECT is(list(jsonb_build_object('fields', 'number', 'count', 'exact', 'cursor', :'ten'::jsonb ->> 'next_cursor')), '{"items": [], "total": 10, "page_size": 25, "next_cursor": null, "prev_cursor": null}', 'nothing may follow any more');
SELECT is(faults(format('{"cursor": "%s", "sort": "number"}', :'first'::jsonb ->> 'next_cursor')), 'PW400 cursor', 'a cursor is of its query''s order');
SELECT is(faults(format('{"cursor": "%s", "sort": "-number", "filters": {"status": "open"}}', :'first'::jsonb ->> 'next_cursor')), 'PW400 cursor', 'and of its filter');
SELECT is(tests.fault_fields(format('SELECT pgwright.list_records(''tag'', cursor => %L)', :'first'::jsonb ->> 'next_cursor')), 'PW400 cursor', 'and of its entity');
SELECT is(faults(format('{"cursor": "%s"}', c)), 'PW400 cursor', format('%s is no cursor', c)) FROM unnest('{x,AAAA,e30,eyJxIjoiYSIsInYiOltdfQ,%00,******}'::text[]) c;
SELECT is(faults('{"cursor": "", "page": 2}'), 'PW400 page', 'a cursor goes without a page');

-- Counts, distinct, deleted -------------------------------------------------------------------------------------

SELECT is(list('{"fields": "number", "page_size": 4, "page": 3}') - 'items', '{"total": 10, "page": 3, "page_size": 4, "pages": 3}', 'a count is exact by default');
SELECT is(list('{"fields": "number", "page_size": 4, "page": 2, "count": "none"}'), '{"items": [{"number": 5}, {"number": 6}, {"number": 7}, {"number": 8}], "page": 2, "page_size": 4, "has_more": true}', 'none tells whether more follow');
SELECT is(list('{"fields": "number", "page_size": 4, "page": 3, "count": "none"}') -> 'has_more', 'false', 'or not');
SELECT is(list('{"fields": "number", "page_size": 4, "page": 3, "count": "planned"}') - 'items', '{"total": 10, "total_is_estimate": true, "page": 3, "page_size": 4, "pages": 3, "has_more": false}', 'a planned count is right at the end');
SELECT is((list('{"fields": "number", "page_size": 4, "count": "planned"}') ->> 'total')::int >= 5, true, 'and never below what is seen');
SELECT is(list('{"fields": "number", "page": 1000000000, "page_size": 100}'), '{"items": [], "total": 10, "page": 1000000000, "page_size": 100, "pages": 1}', 'a page beyond the end is empty');
SELECT is(items('{"fields": "status", "distinct": true, "sort": "-status"}'), '[{"status": "paid"}, {"status": "open"}, {"status": null}]', 'distinct tells equal ones once');
SELECT is(list('{"fields": "status,paid", "distinct": true, "page_size": 2}') -> 'total', to_jsonb((SELECT count(*) FROM (SELECT DISTINCT status, paid FROM t_acme.invoice WHERE deleted_at IS NULL) d)), 'and counts them so');
SELECT is(faults('{"distinct": true}'), 'PW400 fields', 'distinct needs fields');
SELECT is(faults('{"distinct": true, "fields": "extra,status", "sort": "number", "expand": "company"}'), 'PW400 expand fields sort', 'that can be compared, sorted by themselves, without relations');
SELECT is(jsonb_path_query_array(items('{"fields": "number", "include_deleted": true, "sort": "-number", "page_size": 3}'), '$[*].number'), '[99, 11, 10]', 'whoever may delete sees what was deleted');
SELECT is(items('{"fields": "number", "include_deleted": true, "filters": {"number": 99}}') #>> '{0,deleted_by}', (SELECT user_id::text FROM actor WHERE name = 'ann'), 'and by whom');
SELECT is(pgwright.get_record('invoice', :'late', fields => 'number', include_deleted => true)::jsonb #> '{data,number}', '99', 'a deleted record can be read');
SELECT is(state_of(format('SELECT pgwright.get_record(''invoice'', %L)', :'late')), 'PW404', 'when asked for');
SELECT is(tests.fault_fields('SELECT pgwright.list_records(''tag'', include_deleted => true)'), 'PW400 include_deleted', 'where records are only marked deleted');

-- Related records -----------------------------------------------------------------------------------------------

SELECT is(pgwright.list_related_records('company', :'acme', 'invoices', fields => 'number', page_size => 2)::jsonb, '{"items": [{"number": 3}, {"number": 6}], "total": 3, "page": 1, "page_size": 2, "pages": 2}', 'records that refer to one are a list');
SELECT is(pgwright.list_related_records('company', :'acme', 'invoices', fields => 'number', filters => '{"status": "open", "number": 9}') -> 'items' ->> 0, '{"number":9}', 'with all that lists have');
SELECT is(pgwright.list_related_records('invoice', :'three', 'tags', fields => 'label', sort => '-label')::jsonb -> 'items', '[{"label": "old"}, {"label": "hot"}]', 'over a junction too');
SELECT is(pgwright.list_related_records('company', :'acme', 'country', fields => 'name')::jsonb -> 'items', '[{"name": "Chad"}]', 'what one refers to is a list of one');
SELECT is(pgwright.list_related_records('company', :'cane', 'invoices') ->> 'total', '0', 'or of none');
SELECT is(state_of(format('SELECT pgwright.list_related_records(''company'', %L, ''invoices'')', '0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000')), 'PW404', 'of a record that is not there nothing is listed');
SELECT is(state_of(format('SELECT pgwright.list_related_records(''company'', %L, %L)', :'acme', name)), 'PW404', format('%s is no relationship', name)) FROM unnest('{nope,name,""}'::text[]) name;
SELECT pgwright.delete_record('company', :'cane') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.list_related_records(''company'', %L, ''invoices'')', :'cane')), 'PW404', 'nor of a deleted one');

-- Groups ----------------------------------------------------------------------------------------------------------

SELECT is(groups('{"group_by": ["status"], "aggregates": [{"function": "count"}, {"function": "sum", "field": "total"}, {"function": "avg", "field": "total", "as": "mean"}], "sort": "-count,status"}'),
    '[{"status": "paid", "count": 4, "sum_total": 220, "mean": 55}, {"status": "open", "count": 3, "sum_total": 180, "mean": 60}, {"status": null, "count": 3, "sum_total": 100, "mean": 50}]', 'groups are counted, summed and averaged');
SELECT is(groups('{"group_by": ["company.country.name"], "aggregates": [{"function": "count"}]}'), '[{"company_country_name": "Chad", "count": 3}, {"company_country_name": "Peru", "count": 3}, {"company_country_name": null, "count": 4}]', 'over what records refer to');
SELECT is(groups('{"aggregates": [{"function": "min", "field": "sent_at"}, {"function": "max", "field": "status"}, {"function": "median", "field": "number"}, {"function": "percentile", "field": "number", "fraction": 0.25},
        {"function": "count", "field": "status", "distinct": true}, {"function": "count", "field": "total"}, {"function": "count", "filters": {"paid": true}, "as": "paid"}]}'),
    '[{"min_sent_at": "2024-01-31T23:30:00Z", "max_status": "paid", "median_number": 5.5, "percentile_number": 3.25, "count_distinct_status": 2, "count_total": 9, "paid": 2}]', 'without keys all records are one group');
SELECT is(groups('{"aggregates": [{"function": "count"}, {"function": "sum", "field": "total"}], "filters": {"number": 1000}}'), '[{"count": 0, "sum_total": null}]', 'none too');
SELECT is(groups('{"group_by": [{"field": "sent_at", "bucket": "month"}], "aggregates": [{"function": "count"}], "filters": {"field": "number", "operator": "lt", "value": 3}}'),
    '[{"sent_at_month": "2024-01-01T00:00:00Z", "count": 1}, {"sent_at_month": "2024-02-01T00:00:00Z", "count": 1}]', 'times fall into months of UTC');
SELECT is(groups('{"group_by": [{"field": "sent_at", "bucket": "month", "timezone": "Europe/Berlin", "as": "m"}], "aggregates": [{"function": "count"}], "filters": {"field": "number", "operator": "lt", "value": 3}}'),
    '[{"m": "2024-01-31T23:00:00Z", "count": 2}]', 'or of a place');
SELECT is(groups('{"group_by": [{"field": "due", "bucket": "quarter"}], "aggregates": [{"function": "count"}]}'), '[{"due_quarter": "2024-01-01", "count": 2}, {"due_quarter": "2024-04-01", "count": 5}, {"due_quarter": "2024-07-01", "count": 3}]', 'dates into dates');
SELECT is(groups('{"group_by": ["status"], "aggregates": [{"function": "sum", "field": "total"}], "having": {"field": "sum_total", "operator": "gte", "value": 180}, "sort": "-sum_total"}'),
    '[{"status": "paid", "sum_total": 220}, {"status": "open", "sum_total": 180}]', 'groups are filtered by what they are');
SELECT is(pgwright.aggregate_records('invoice', '{"group_by": ["number"], "page_size": 3, "page": 2}')::jsonb, '{"items": [{"number": 4}, {"number": 5}, {"number": 6}], "total": 10, "page": 2, "page_size": 3, "pages": 4}', 'and paged');
SELECT is(group_faults('{"group_by": ["nope", {"field": "number", "bucket": "month"}, "extra", {"field": "due", "bucket": "hour"}, {"field": "sent_at", "bucket": "month", "timezone": "Mars/Base"}, {"bucket": "day"}, "number", "number", {"field": "status", "as": "No Name"}],
        "aggregates": [{"function": "sum", "field": "status"}, {"function": "foo"}, {"function": "percentile", "field": "total"}, {"function": "sum"}, {"function": "min", "field": "total", "distinct": true, "x": 1}], "x": 1, "filters": {"nope": 1}}'),
    'PW400 aggregates[0].field aggregates[1].function aggregates[2].fraction aggregates[3].field aggregates[4].distinct aggregates[4].x filters.nope group_by[0].field group_by[1].bucket group_by[2].field group_by[3].bucket group_by[4].timezone group_by[5].field group_by[7].as group_by[8].as x',
    'every fault of an aggregate has its path');
SELECT is(group_faults(q), 'PW400 ' || f, q || ' is refused') FROM (VALUES ('{}', 'aggregates'), ('[]', 'aggregate'), ('{"group_by": 1}', 'group_by'), ('{"group_by": ["status"], "having": {"nope": 1}, "sort": "nope", "count": "planned"}', 'having.nope sort')) AS v (q, f);

-- Rights ----------------------------------------------------------------------------------------------------------

SELECT become('vic') \g /dev/null
SELECT is(state_of('SELECT pgwright.list_records(''invoice'', include_deleted => true)'), 'PW403', 'whoever may not delete does not see what was deleted');
SELECT is(pgwright.get_record('company', :'acme', fields => 'name,country.name')::jsonb #>> '{data,country,name}', 'Chad', 'a viewer sees what records refer to');
SELECT become('ann') \g /dev/null
SELECT pgwright.create_record('roles', '{"name": "clerk", "label": "Clerk"}') ->> 'id' AS clerk \gset
SELECT pgwright.grant_permission(:'clerk', p) FROM unnest('{company:read:tenant,invoice:read:tenant}'::text[]) p \g /dev/null
SELECT add_actor('carl', 'acme', 'clerk') \g /dev/null
SELECT become('carl') \g /dev/null
SELECT is(tests.fault_fields('SELECT pgwright.list_records(''company'', fields => ''name,country.name'', sort => ''country.name'')'), 'PW400 fields sort', 'what a caller may not read does not exist for him');
SELECT is(state_of(format('SELECT pgwright.list_related_records(''company'', %L, ''country'')', :'acme')), 'PW404', 'not as a list either');
SELECT is(tests.fault_fields('SELECT pgwright.aggregate_records(''company'', ''{"group_by": ["country.name"]}'')'), 'PW400 group_by[0].field', 'nor in groups');
SELECT is(state_of('SELECT pgwright.aggregate_records(''tag'', ''{"aggregates": [{"function": "count"}]}'')'), 'PW403', 'records that may not be read are not counted');

-- Linking ---------------------------------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
CREATE FUNCTION tags(invoice text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(i ->> 'label', ' ' ORDER BY i ->> 'label') FROM json_array_elements(pgwright.list_related_records('invoice', invoice, 'tags') -> 'items') i $$;
SELECT is(pgwright.create_related_record('invoice', :'three', 'tags', '{"label": "new"}') -> 'data' ->> 'label', 'new', 'a record is created through a many-to-many');
SELECT is(tags(:'three'), 'hot new old', 'and linked');
SELECT is(pgwright.unlink_related_records('invoice', :'three', 'tags', json_build_array(:'hot', :'old'))::jsonb, '{"unlinked": 2}', 'links are taken apart');
SELECT is(tags(:'three') || (SELECT count(*) FROM t_acme.tag), 'new3', 'and the records stay');
SELECT is(state_of(format('SELECT pgwright.unlink_related_records(''invoice'', %L, ''tags'', %L)', :'three', json_build_array(:'hot', t.id))) || tags(:'three'), 'PW404new', 'what is not linked is not unlinked, and nothing else is')
  FROM t_acme.tag t WHERE label = 'new';
SELECT is(pgwright.link_related_records('invoice', :'three', 'tags', json_build_array(:'hot', :'old'))::jsonb, '{"linked": 2}', 'records are linked');
SELECT is(pgwright.link_related_records('invoice', :'three', 'tags', json_build_array(:'hot'))::jsonb, '{"linked": 1}', 'those that are linked stay so');
SELECT is(tags(:'three'), 'hot new old', 'once');
SELECT is(pgwright.create_related_record('company', :'bond', 'invoices', '{"number": 50}') -> 'data' ->> 'company_id', :'bond', 'a record is created through a one-to-many');
SELECT id AS fifty FROM t_acme.invoice WHERE number = 50 \gset
SELECT pgwright.link_related_records('company', :'acme', 'invoices', json_build_array(:'fifty')) \g /dev/null
SELECT is(pgwright.get_record('invoice', :'fifty') #>> '{data,company_id}', :'acme', 'moved to another record');
SELECT is(state_of(format('SELECT pgwright.unlink_related_records(''company'', %L, ''invoices'', %L)', :'bond', json_build_array(:'fifty'))), 'PW404', 'which is not unlinked from the one before');
SELECT pgwright.unlink_related_records('company', :'acme', 'invoices', json_build_array(:'fifty')) \g /dev/null
SELECT is(pgwright.get_record('invoice', :'fifty') #>> '{data,company_id}', NULL, 'and unlinked');
SELECT pgwright.link_related_records('invoice', :'fifty', 'company', json_build_array(:'bond')) \g /dev/null
SELECT is(pgwright.get_record('invoice', :'fifty') #>> '{data,company_id}', :'bond', 'a lookup is linked');
SELECT pgwright.unlink_related_records('invoice', :'fifty', 'company_id', json_build_array(:'bond')) \g /dev/null
SELECT is(pgwright.get_record('invoice', :'fifty') #>> '{data,company_id}', NULL, 'and unlinked');
SELECT is(pgwright.create_related_record('invoice', :'fifty', 'company', '{"name": "Dent"}') #>> '{data,name}', 'Dent', 'a record is created over a lookup');
SELECT is(pgwright.get_record('invoice', :'fifty', fields => 'company.name') #>> '{data,company,name}', 'Dent', 'and referred to');
SELECT is(state_of(format('SELECT pgwright.unlink_related_records(''invoice'', %L, %L, %L)', :'fifty', name, ids)), state, format('unlinking %s %s is refused', name, ids))
  FROM (VALUES ('nope', '["x"]', 'PW404'), ('tags', '["x"]', 'PW400'), ('tags', '[]', 'PW400'), ('tags', '{}', 'PW400')) AS v (name, ids, state);
SELECT is(state_of(format('SELECT pgwright.link_related_records(''invoice'', %L, %L, %L)', :'fifty', name, ids)), state, format('linking %s %s is refused', name, ids))
  FROM (VALUES ('nope', '["x"]', 'PW404'), ('tags', '["x"]', 'PW400'), ('tags', '[]', 'PW400'), ('tags', '[7]', 'PW400'), ('tags', '["0189aaaa-bbbb-7ccc-8ddd-eeeeffff0000"]', 'PW409')) AS v (name, ids, state);
SELECT is(state_of(format('SELECT pgwright.create_related_record(''invoice'', %L, ''tags'', %L)', :'fifty', data)), 'PW400', format('%s is no record', data)) FROM unnest('{"{\"id\": 1}","[]","{\"nope\": 1}"}'::text[]) data;
SELECT become('vic') \g /dev/null
SELECT is(state_of(format('SELECT pgwright.unlink_related_records(''invoice'', %L, ''tags'', %L)', :'three', json_build_array(:'hot'))), 'PW403', 'a viewer unlinks nothing');
SELECT is(state_of(format('SELECT pgwright.link_related_records(''invoice'', %L, ''tags'', %L)', :'fifty', json_build_array(:'hot'))), 'PW403', 'and links nothing');

SELECT * FROM finish();
