-- Reading records: one, pages, related ones, groups. docs/data-api.md says what the arguments mean.

CREATE FUNCTION pgwright.get_record(entity text, id text, fields text DEFAULT NULL, expand text DEFAULT NULL, include_deleted boolean DEFAULT false) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_get_record';
COMMENT ON FUNCTION pgwright.get_record(text, text, text, text, boolean) IS 'One record: {"id","data"}. fields: names of the fields to read, expand: of the relations to read with it. RESOURCE_NOT_FOUND when there is none or the caller may not see it';

CREATE FUNCTION pgwright.list_records(entity text, page integer DEFAULT NULL, page_size integer DEFAULT NULL, sort text DEFAULT NULL, filters json DEFAULT NULL, filter json DEFAULT NULL, fields text DEFAULT NULL, expand text DEFAULT NULL, cursor text DEFAULT NULL, count text DEFAULT NULL, "distinct" boolean DEFAULT false, include_deleted boolean DEFAULT false, search text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_records';
COMMENT ON FUNCTION pgwright.list_records(text, integer, integer, text, json, json, text, text, text, text, boolean, boolean, text) IS 'A page of records: {"items","total","page","page_size","pages"}. sort: "name:asc,company.name:desc"; filters: a condition tree or an object of field: value; page_size at most 100; search: words to find in its texts, the best place first; cursor: of the answer before, or empty to begin; count: exact, planned, none (docs/data-api.md)';

CREATE FUNCTION pgwright.query_records(entity text, query json) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED STRICT AS 'MODULE_PATHNAME', 'pgwright_query_records';
COMMENT ON FUNCTION pgwright.query_records(text, json) IS 'list_records() with its arguments as the members of one document';

CREATE FUNCTION pgwright.aggregate_records(entity text, query json) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED STRICT AS 'MODULE_PATHNAME', 'pgwright_aggregate_records';
COMMENT ON FUNCTION pgwright.aggregate_records(text, json) IS 'Groups of records: {"items","total","page","page_size","pages"}. query: {"group_by","aggregates","filters","having","sort","page","page_size","count"} (docs/data-api.md)';

CREATE FUNCTION pgwright.list_related_records(entity text, id text, relationship text, page integer DEFAULT NULL, page_size integer DEFAULT NULL, sort text DEFAULT NULL, filters json DEFAULT NULL, filter json DEFAULT NULL, fields text DEFAULT NULL, expand text DEFAULT NULL, cursor text DEFAULT NULL, count text DEFAULT NULL, "distinct" boolean DEFAULT false, include_deleted boolean DEFAULT false, search text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgwright_list_related_records';
COMMENT ON FUNCTION pgwright.list_related_records(text, text, text, integer, integer, text, json, json, text, text, text, text, boolean, boolean, text) IS 'A page of the records related to one, as list_records() gives it; relationship: its name, a lookup''s, or that of an entity that refers here. RESOURCE_NOT_FOUND when the caller sees no such record';

CREATE FUNCTION pgwright.describe_entity(entity text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED STRICT AS 'MODULE_PATHNAME', 'pgwright_describe_entity';
COMMENT ON FUNCTION pgwright.describe_entity(text) IS 'An entity as the caller may use it: {"id","name","label","entity_type","soft_delete","default_sort","search_language","search_fields","key","fields","relations","actions"}. RESOURCE_NOT_FOUND, PERMISSION_DENIED without the right to read it';

CREATE FUNCTION pgwright.get_public_record(tenant text, entity text, id text, fields text DEFAULT NULL, expand text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'pgwright_get_public_record';
COMMENT ON FUNCTION pgwright.get_public_record(text, text, text, text, text) IS 'A record that everybody may read, as get_record() gives it; tenant: its slug. Needs no sign-in. RESOURCE_NOT_FOUND for what is not public';

CREATE FUNCTION pgwright.list_public_records(tenant text, entity text, page integer DEFAULT NULL, page_size integer DEFAULT NULL, sort text DEFAULT NULL, filters json DEFAULT NULL, filter json DEFAULT NULL, fields text DEFAULT NULL, expand text DEFAULT NULL, cursor text DEFAULT NULL, count text DEFAULT NULL, "distinct" boolean DEFAULT false, include_deleted boolean DEFAULT false, search text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'pgwright_list_public_records';
COMMENT ON FUNCTION pgwright.list_public_records(text, text, integer, integer, text, json, json, text, text, text, text, boolean, boolean, text) IS 'A page of the records that everybody may read, as list_records() gives it; tenant: its slug. Needs no sign-in. RESOURCE_NOT_FOUND when the entity is not public';

CREATE FUNCTION pgwright.plan_cache_use() RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgwright_plan_cache_use';
COMMENT ON FUNCTION pgwright.plan_cache_use() IS 'How this session''s plan cache serves it: {"hits","misses","plans"}; hits and misses since the session began, a miss being a statement that was prepared, plans those that are kept (pgwright.plan_cache_size)';
