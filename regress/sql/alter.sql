-- Changes of a published entity: for each kind the changes that preview shows, with their lock and
-- risk, and the SQL there and back. The expected output is the reference of generated SQL; every
-- migration is published and taken back, so that each begins with the same table.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
\set ECHO none
-- What publishing the open draft would do.
CREATE FUNCTION pg_temp.show(entity text, backfill json DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE preview json := pgwright.preview_migration(entity, backfill);
BEGIN
    RETURN QUERY SELECT concat_ws(' | ', c ->> 'operation', c ->> 'object', c ->> 'lock', c ->> 'risk', c ->> 'summary') FROM json_array_elements(preview -> 'changes') c;
    RETURN NEXT '-- up'; RETURN NEXT pg_temp.tidy(preview ->> 'up_script');
    RETURN NEXT '-- down'; RETURN NEXT pg_temp.tidy(preview ->> 'down_script');
END $$;
-- Publishes it, takes it back, discards it.
CREATE FUNCTION pg_temp.prove(entity text, backfill json DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE m json := pgwright.publish_entity(entity, allow_destructive => true, backfill => backfill);
BEGIN
    IF m ->> 'status' <> 'completed' THEN RETURN m ->> 'error_message'; END IF;
    m := pgwright.rollback_migration(m ->> 'id');
    PERFORM pgwright.discard_draft(entity);
    -- Retired columns would appear in nothing but names; the next change begins without them.
    PERFORM pgwright.purge_retired('0');
    RETURN concat(m ->> 'status', ', in step: ', pgwright.preview_migration(entity) ->> 'in_step');
END $$;
-- A change of the draft, without its answer.
CREATE FUNCTION pg_temp.change(field text, definition json) RETURNS void LANGUAGE sql AS $$ SELECT pgwright.update_field('deal', field, definition) $$;
SELECT pg_temp.new_tenant('alter');
\set ECHO all
\t on
SELECT pg_temp.publish('{"name": "company", "fields": [{"name": "title", "field_type": "string"}]}');
SELECT pg_temp.publish('{"name": "deal", "fields": [
    {"name": "title", "field_type": "string", "is_required": true},
    {"name": "code", "field_type": "string", "max_length": 20, "is_unique": true},
    {"name": "stock", "field_type": "integer", "min_value": 0, "is_indexed": true},
    {"name": "price", "field_type": "decimal", "decimal_places": 2},
    {"name": "closed_at", "field_type": "datetime"}]}');
SELECT pgwright.create_record('deal', '{"title": "one", "stock": 3}') IS NOT NULL;

-- Labels alone.
SELECT pg_temp.change('title', '{"label": "Headline"}');
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- A field more.
SELECT pgwright.create_field('deal', '{"name": "note", "field_type": "text"}') IS NOT NULL;
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- A required field more, by its default.
SELECT pgwright.create_field('deal', '{"name": "stage", "field_type": "string", "is_required": true, "default_value": "new", "allowed_values": ["new", "won"]}') IS NOT NULL;
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- A field that becomes required, with a value for the rows that have none.
SELECT pg_temp.change('code', '{"is_required": true}');
SELECT pg_temp.show('deal', '{"code": "none"}');
SELECT pg_temp.prove('deal', '{"code": "none"}');

-- A rename; its check and index follow.
SELECT pg_temp.change('stock', '{"name": "amount"}');
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- Two fields that swap their names.
SELECT pg_temp.change('title', '{"name": "between"}'), pg_temp.change('code', '{"name": "title"}'), pg_temp.change('between', '{"name": "code"}');
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- Another type, in place.
SELECT pg_temp.change('stock', '{"field_type": "biginteger"}');
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- Another type, by a copy: the values there were are kept.
SELECT pg_temp.change('closed_at', '{"field_type": "date"}');
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- A field taken out of service.
SELECT pgwright.delete_field('deal', 'code') IS NOT NULL;
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- A default, a range, required no longer, unique no longer.
SELECT pg_temp.change('stock', '{"default_value": 1, "max_value": 100}'), pg_temp.change('title', '{"is_required": false}'), pg_temp.change('code', '{"is_unique": false}');
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- A calculated field.
SELECT pgwright.create_field('deal', '{"name": "worth", "field_type": "decimal", "is_calculated": true, "calculation_formula": "price * stock"}') IS NOT NULL;
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- An index of several columns over some rows.
SELECT pgwright.create_index('deal', '{"name": "dear", "field_names": [{"field": "price", "order": "desc", "nulls": "last"}, "title"], "condition": {"field": "price", "operator": "gt", "value": 1000}}') IS NOT NULL;
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- A lookup.
SELECT pgwright.create_field('deal', '{"name": "company_id", "field_type": "lookup", "reference_entity": "company", "on_delete": "SET NULL"}') IS NOT NULL;
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- Deleting for good from now on.
SELECT pgwright.update_entity('deal', '{"supports_soft_delete": false}') IS NOT NULL;
SELECT pg_temp.show('deal');
SELECT pg_temp.prove('deal');

-- The entity under another name; its table keeps the one it has.
SELECT pgwright.rename_entity('deal', 'sale') IS NOT NULL;
SELECT pg_temp.show('deal');
