-- Search: what is found, in which fields and order, by whom, and by which plan.
\ir setup.psql
\pset fieldsep '\n'
SELECT plan(104);

SELECT pgwright.create_tenant('acme', 'Acme'), pgwright.create_tenant('other', 'Other') \g /dev/null
SELECT add_actor('ann', 'acme', 'owner'), add_actor('vic', 'acme', 'viewer'), add_actor('otto', 'other', 'owner') \g /dev/null
SELECT become('ann') \g /dev/null
SELECT pgwright.create_entity(d::json) FROM (VALUES
    ('{"name": "author", "fields": [{"name": "name", "field_type": "string", "is_required": true}]}'),
    ('{"name": "article", "search_language": "english", "default_sort_field": "number", "default_sort_order": "ASC", "fields": [{"name": "number", "field_type": "integer", "is_required": true},
        {"name": "title", "field_type": "string"}, {"name": "body", "field_type": "rich_text"}, {"name": "note", "field_type": "text"}, {"name": "tags", "field_type": "array", "item_type": "string"},
        {"name": "author_id", "field_type": "lookup", "reference_entity": "author"}],
      "indexes": [{"name": "words", "index_type": "search", "field_names": ["title", "body", "note"]}]}'),
    ('{"name": "plain", "fields": [{"name": "number", "field_type": "integer", "is_required": true}, {"name": "title", "field_type": "string"}, {"name": "body", "field_type": "rich_text"}, {"name": "note", "field_type": "text"}]}'),
    ('{"name": "figure", "fields": [{"name": "amount", "field_type": "decimal"}]}')) AS d (d) \g /dev/null
SELECT pgwright.publish_entities('["author", "article", "plain", "figure"]') \g /dev/null

CREATE FUNCTION made(entity text, data json) RETURNS text LANGUAGE sql AS $$ SELECT pgwright.create_record(entity, data) ->> 'id' $$;
SELECT made('author', '{"name": "Zoë O''Brien"}') AS zoe \gset
SELECT made('article', json_build_object('number', n, 'title', title, 'body', body, 'note', note, 'author_id', CASE WHEN n = 1 THEN :'zoe' END)),
       made('plain', json_build_object('number', n, 'title', title, 'body', body, 'note', note))
  FROM (VALUES (1, 'Running shoes', '<p>For <b>run</b>ners</p>', 'used'), (2, 'Shoes', '<p class="running">Müller &amp; Söhne</p>', NULL), (3, 'A guide to New York', NULL, 'running out of paper'),
               (4, 'York is new', '<p>Microsoft</p>', NULL), (5, NULL, NULL, NULL), (6, 'INV-1001', NULL, 'smith'), (7, 'INV-1002', NULL, 'Łódź')) AS v (n, title, body, note) \g /dev/null

CREATE FUNCTION found(entity text, search text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(i ->> 'number', ' ' ORDER BY n), '') FROM json_array_elements(pgwright.query_records(entity, (jsonb_build_object('search', search) || more)::json) -> 'items') WITH ORDINALITY AS i (i, n) $$;
CREATE FUNCTION faults(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', e ->> 'sqlstate', (SELECT string_agg(concat_ws(': ', f ->> 'field', f ->> 'message'), ' ') FROM jsonb_array_elements(e -> 'faults') f)) FROM tests.error_of(statement) e $$;

-- What is found -------------------------------------------------------------------------------------------------

-- The same with the index and without. Only article has a language.
SELECT is(found('article', search), expected, format('article: %s', search)), is(found('plain', search), coalesce(plain, expected), format('plain: %s', search))
  FROM (VALUES
    ('shoes', '2 1', NULL), ('run', '1 3', NULL), ('runs', '1 3', ''), ('running shoes', '1', NULL), ('shoes running', '1', NULL), ('"new york"', '3', NULL), ('new york', '3 4', NULL),
    ('shoes -used', '2', NULL), ('-used shoes', '2', NULL), ('microsoft OR paper', '4 3', NULL), ('microsoft | paper', '4 3', NULL), ('micro', '4', NULL), ('mircrosoft', '4', NULL), ('mircros', '4', NULL),
    ('muller', '2', NULL), ('MÜLLER', '2', NULL), ('mueller', '2', NULL), ('sohne', '2', NULL), ('smiht', '6', NULL), ('inv-1001', '6', NULL), ('inv-100', '6 7', NULL), ('inv 1003', '', NULL), ('lodz', '7', NULL),
    ('amp', '', NULL), ('class', '', NULL), ('runners', '1', NULL), ('nothing', '', NULL), ('shoes nothing', '', NULL), ('shoes -shoes', '', NULL)) AS v (search, expected, plain);
SELECT is(found('article', '  '), '1 2 3 4 5 6 7', 'blank is no search'), is(found('article', NULL), '1 2 3 4 5 6 7', 'nor is null');

-- With the rest of a request -----------------------------------------------------------------------------------------

SELECT is(found('article', 'shoes', '{"sort": "number"}'), '1 2', 'a sort orders what is found');
SELECT is(found('article', 'shoes', '{"filters": {"number": {"gt": 1}}}'), '2', 'filters hold too');
SELECT is(found('article', 'shoes OR york', '{"page_size": 2, "page": 2}') <> '', true, 'pages go on');
SELECT is(pgwright.list_records('article', search => 'york', page_size => 1)::jsonb - 'items', '{"total": 2, "page": 1, "page_size": 1, "pages": 2}', 'what is found is counted');
SELECT is(found('article', 'york', '{"fields": ["number"], "distinct": true, "sort": "-number"}'), '4 3', 'distinct records');
SELECT is(pgwright.list_records('article', search => 'york', count => 'planned')::jsonb -> 'total_is_estimate', 'true', 'an estimate');
SELECT is((SELECT count(*)::integer FROM json_array_elements(pgwright.list_related_records('author', :'zoe', 'article', search => 'shoes') -> 'items')), 1, 'in related records');
SELECT is((SELECT count(*)::integer FROM json_array_elements(pgwright.list_related_records('author', :'zoe', 'article', search => 'york') -> 'items')), 0, 'in no others');
SELECT is(pgwright.aggregate_records('article', '{"aggregates": [{"function": "count"}], "search": "shoes -used"}')::jsonb #> '{items,0,count}', '1', 'in groups');
SELECT is(found('article', NULL, '{"filters": {"title": {"search": "shoe"}}}'), '1 2', 'of one field, as a condition');
SELECT is(found('article', NULL, '{"filters": {"operator": "NOT", "conditions": [{"field": "title", "operator": "search", "value": "runs OR york"}]}}'), '2 5 6 7', 'whose complement has the nulls');
SELECT is(found('article', NULL, '{"filters": {"body": {"search": "muller"}}}'), '2', 'of rich text');
SELECT is(found('article', NULL, '{"filters": {"author.name": {"search": "obrien"}}}'), '1', 'of a related record');
SELECT is((SELECT string_agg(convert_from(part, 'UTF8'), '') FROM (SELECT pgwright.export_file('article', columns => 'number', search => 'york shoes OR paper', options => '{"header": false}')) AS e (part)), E'3\r\n', 'in exports');

CREATE FUNCTION walk(search text, size integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE cursor text := ''; page json; walked text[] := '{}';
BEGIN
    LOOP
        page := pgwright.list_records('article', search => search, page_size => size, cursor => cursor);
        walked := walked || ARRAY(SELECT i ->> 'number' FROM json_array_elements(page -> 'items') i);
        cursor := page ->> 'next_cursor';
        EXIT WHEN cursor IS NULL;
    END LOOP;
    RETURN array_to_string(walked, ' ');
END $$;
SELECT is(walk('shoes OR york OR inv', n), found('article', 'shoes OR york OR inv'), format('cursors in the order of ranks, %s to a page', n)) FROM generate_series(1, 3) n;
SELECT alike(faults(format('SELECT pgwright.list_records(''article'', search => ''york'', cursor => %L)', pgwright.list_records('article', search => 'shoes', page_size => 1, cursor => '') ->> 'next_cursor')),
    'PW400 cursor: belongs to another query', 'a cursor of another search');

-- Faults -----------------------------------------------------------------------------------------------------------

SELECT is(faults(format('SELECT pgwright.list_records(''article'', search => %L)', search)), 'PW400 search: ' || expected, 'refused: ' || left(search, 20))
  FROM (VALUES ('&|!:*()', 'holds no word to look for'), ('" "', 'holds no word to look for'), ('-used', 'must hold a word to look for besides those to leave out'), (repeat('a', 501), 'must be at most 500 characters'),
               (repeat('a1 ', 21), 'must be at most 20 words')) AS v (search, expected);
SELECT is(faults('SELECT pgwright.list_records(''figure'', search => ''one'')'), 'PW400 search: records of this entity have no text to search in', 'nothing to search in');
SELECT is(faults('SELECT pgwright.query_records(''article'', ''{"search": 1}'')'), 'PW400 search: must be a text', 'a search is text');
SELECT is(faults('SELECT pgwright.aggregate_records(''article'', ''{"search": 1, "group_by": ["number"]}'')'), 'PW400 search: must be a text', 'of groups too');
SELECT is(faults(format('SELECT pgwright.query_records(''article'', %L)', query)), 'PW400 ' || expected, 'refused: ' || query)
  FROM (VALUES ('{"filters": {"number": {"search": "one"}}}', 'filters.number.search: search does not apply to fields of type integer'), ('{"filters": {"title": {"search": "&&"}}}', 'filters.title.search: holds no word to look for'),
               ('{"filters": {"title": {"search": 7}}}', 'filters.title.search: must be text'), ('{"filters": {"tags": {"search": "a"}}}', 'filters.tags.search: search does not apply to fields of type array')) AS v (query, expected);
SELECT is(faults('SELECT pgwright.search_query(''x'', ''klingon'')'), 'PW400 language: is not one of pgwright.search_languages()', 'an unknown language');
SELECT is(faults('SELECT pgwright.search_query(NULL)'), 'PW400 query: holds no word to look for', 'no query');

-- For whom -----------------------------------------------------------------------------------------------------------

SELECT become('otto') \g /dev/null
SELECT is(faults('SELECT pgwright.list_records(''article'', search => ''shoes'')'), 'PW404', 'another tenant has no such entity');
SELECT become('ann') \g /dev/null
SELECT made('field_rules', json_build_object('role_id', r.id, 'entity_id', f.entity_id, 'field_id', f.id, 'mode', mode, 'mask', CASE mode WHEN 'masked' THEN 'constant' END))
  FROM (VALUES ('note', 'hidden'), ('title', 'masked')) AS v (field, mode), pgwright.roles r, pgwright.field_definitions f
 WHERE r.name = 'viewer' AND f.name = v.field AND f.entity_id = (SELECT id FROM pgwright.entity_definitions WHERE name = 'article') \g /dev/null
SELECT become('vic') \g /dev/null
SELECT is(found('article', 'smith'), '', 'no record is found by what is hidden'), is(found('article', 'york'), '', 'or masked'), is(found('article', 'microsoft'), '4', 'but by what is seen');
SELECT is(found('article', 'microsoft -york'), '4', 'nor left out by it');
SELECT is(faults('SELECT pgwright.query_records(''article'', ''{"filters": {"note": {"search": "smith"}}}'')'), 'PW400 filters.note: unknown field', 'not by a condition either');

-- By which plan -------------------------------------------------------------------------------------------------------

SELECT become('ann') \g /dev/null
INSERT INTO t_acme.article (number, title, note) SELECT n, 'filler ' || md5(n::text), repeat('word ', n % 7) FROM generate_series(100, 3000) n;
INSERT INTO t_acme.plain (number, title) SELECT n, 'filler' FROM generate_series(100, 110) n;
ANALYZE t_acme.article;
SET enable_seqscan = off;  -- the tables are small
SET pgwright.plan_cache_size = 1;  -- the backend keeps the last statement alone
CREATE FUNCTION plan_of(entity text, query json, arguments text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; lines text := ''; statement text;
BEGIN
    PERFORM pgwright.query_records(entity, query);
    SELECT ident INTO statement FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE '%"t\_acme".%' AND ident NOT LIKE ALL ('{SELECT 1 FROM ONLY %,PREPARE %}');
    SET LOCAL ROLE pgwright_runtime;
    EXECUTE 'PREPARE compiled AS ' || statement;
    FOR line IN EXECUTE format('EXPLAIN (COSTS OFF) EXECUTE compiled(%s)', arguments) LOOP lines := lines || line || E'\n'; END LOOP;
    DEALLOCATE compiled;
    RESET ROLE;
    RETURN lines;
END $$;
SELECT matches(plan_of('article', '{"search": "smiht running", "count": "none"}', '$$english:smiht$$, $$english:running$$, $$english:smiht running$$'), 'Bitmap Index Scan on article_words_ix.*\(title OPERATOR\(pgwright.@@@\) .*\(body OPERATOR\(pgwright.<@@@>\)', 'the index serves a search below the policy');
SELECT matches(plan_of('article', '{"filters": {"title": {"search": "smiht"}}, "count": "none"}', '$$english:smiht$$'), 'Bitmap Index Scan on article_words_ix', 'and a condition on one field');
SELECT matches(plan_of('plain', '{"search": "smiht running", "count": "none"}', '$$:smiht running$$'), 'Filter: .*search_rank\(.*\) > 0', 'without one the texts of a record are read once');
SELECT become('vic') \g /dev/null
SELECT unalike(plan_of('article', '{"search": "microsoft", "count": "none"}', '$$english:microsoft$$, $$english:microsoft$$'), '%title OPERATOR%', 'what the caller does not see is not asked about');
SELECT become('ann') \g /dev/null
SELECT pgwright.update_entity('article', '{"search_language": "german"}') \g /dev/null
SELECT pgwright.publish_entity('article') \g /dev/null
SELECT is(found('article', 'runs'), '', 'a new language counts at once'), is(found('article', 'shoes'), '2 1', 'by the same index');

SELECT * FROM finish();
