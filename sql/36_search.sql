-- Search in texts: an operator that is true of texts in which a query is found, an operator class by
-- which GIN indexes find them, and the rank by which they are shown. docs/search.md says what is found.
-- All of it is leakproof, so that an index serves it below a policy: no text or query raises an error.
--
-- A query is a language of search_languages() or nothing, a colon, and what a person typed; what
-- search_query() makes. It carries the language, so an index does not, and serves any.

CREATE FUNCTION pgwright.search_languages() RETURNS text[]
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pgwright_search_languages';
COMMENT ON FUNCTION pgwright.search_languages() IS 'The languages whose grammatical forms search knows, by their English names';

CREATE FUNCTION pgwright.search_query(query text, language text DEFAULT NULL) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'pgwright_search_query';
COMMENT ON FUNCTION pgwright.search_query(text, text) IS 'What a person typed as a query for the operator @@@; language: of search_languages(), or null. VALIDATION_ERROR when nothing is left to look for, it is too long, or the language is not known';

CREATE FUNCTION pgwright.markup_text(html text) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 10 AS 'MODULE_PATHNAME', 'pgwright_markup_text';
COMMENT ON FUNCTION pgwright.markup_text(text) IS 'The text of sanitised HTML without its tags; leakproof';

CREATE FUNCTION pgwright.search_matches(value text, query text) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 50 AS 'MODULE_PATHNAME', 'pgwright_search_matches';
COMMENT ON FUNCTION pgwright.search_matches(text, text) IS 'Whether the query is found in the text; leakproof. Behind the operator @@@';

CREATE FUNCTION pgwright.search_matches_markup(value text, query text) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 60 AS 'MODULE_PATHNAME', 'pgwright_search_matches_markup';
COMMENT ON FUNCTION pgwright.search_matches_markup(text, text) IS 'Whether the query is found in the text of sanitised HTML; leakproof. Behind the operator <@@@>';

CREATE FUNCTION pgwright.search_rank(query text, VARIADIC texts text[]) RETURNS integer
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 100 AS 'MODULE_PATHNAME', 'pgwright_search_rank';
COMMENT ON FUNCTION pgwright.search_rank(text, text[]) IS 'How well the texts of a record answer the query: 0 when it is not found in them together, else up to somewhat over 1,000,000. Earlier texts weigh more; leakproof';

-- The server guesses a thousandth of the rows, as for its own searches in texts.
CREATE OPERATOR pgwright.@@@ (FUNCTION = pgwright.search_matches, LEFTARG = text, RIGHTARG = text, RESTRICT = contsel, JOIN = contjoinsel);
COMMENT ON OPERATOR pgwright.@@@ (text, text) IS 'Whether the query, as search_query() makes it, is found in the text; leakproof';

CREATE OPERATOR pgwright.<@@@> (FUNCTION = pgwright.search_matches_markup, LEFTARG = text, RIGHTARG = text, RESTRICT = contsel, JOIN = contjoinsel);
COMMENT ON OPERATOR pgwright.<@@@> (text, text) IS 'Whether the query, as search_query() makes it, is found in the text of sanitised HTML; leakproof';

-- The index --------------------------------------------------------------------------------------

CREATE FUNCTION pgwright.search_gin_keys(text, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_search_gin_keys';
COMMENT ON FUNCTION pgwright.search_gin_keys(text, internal) IS 'For GIN: the keys of a text';

CREATE FUNCTION pgwright.search_gin_keys_of_markup(text, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_search_gin_keys_of_markup';
COMMENT ON FUNCTION pgwright.search_gin_keys_of_markup(text, internal) IS 'For GIN: the keys of the text of HTML';

CREATE FUNCTION pgwright.search_gin_probe(text, internal, int2, internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_search_gin_probe';
COMMENT ON FUNCTION pgwright.search_gin_probe(text, internal, smallint, internal, internal) IS 'For GIN: the keys that a query looks for';

CREATE FUNCTION pgwright.search_gin_consistent(internal, int2, text, int4, internal, internal) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_search_gin_consistent';
COMMENT ON FUNCTION pgwright.search_gin_consistent(internal, smallint, text, integer, internal, internal) IS 'For GIN: whether a text with these keys may be found';

CREATE FUNCTION pgwright.search_gin_compare_partial(bytea, bytea, int2, internal) RETURNS int4
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_search_gin_compare_partial';
COMMENT ON FUNCTION pgwright.search_gin_compare_partial(bytea, bytea, smallint, internal) IS 'For GIN: where a key lies among those with a beginning';

CREATE FUNCTION pgwright.search_gin_triconsistent(internal, int2, text, int4, internal) RETURNS "char"
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_search_gin_triconsistent';
COMMENT ON FUNCTION pgwright.search_gin_triconsistent(internal, smallint, text, integer, internal) IS 'For GIN: as search_gin_consistent(), of keys not all of which are known yet';

CREATE OPERATOR CLASS pgwright.search_ops FOR TYPE text USING gin AS
    OPERATOR 1 pgwright.@@@ (text, text),
    FUNCTION 1 byteacmp(bytea, bytea),
    FUNCTION 2 pgwright.search_gin_keys(text, internal),
    FUNCTION 3 pgwright.search_gin_probe(text, internal, int2, internal, internal),
    FUNCTION 4 pgwright.search_gin_consistent(internal, int2, text, int4, internal, internal),
    FUNCTION 5 pgwright.search_gin_compare_partial(bytea, bytea, int2, internal),
    FUNCTION 6 pgwright.search_gin_triconsistent(internal, int2, text, int4, internal),
    STORAGE bytea;
COMMENT ON OPERATOR CLASS pgwright.search_ops USING gin IS 'Finds texts by the operator @@@: CREATE INDEX ... USING gin (name pgwright.search_ops)';

CREATE OPERATOR CLASS pgwright.search_markup_ops FOR TYPE text USING gin AS
    OPERATOR 1 pgwright.<@@@> (text, text),
    FUNCTION 1 byteacmp(bytea, bytea),
    FUNCTION 2 pgwright.search_gin_keys_of_markup(text, internal),
    FUNCTION 3 pgwright.search_gin_probe(text, internal, int2, internal, internal),
    FUNCTION 4 pgwright.search_gin_consistent(internal, int2, text, int4, internal, internal),
    FUNCTION 5 pgwright.search_gin_compare_partial(bytea, bytea, int2, internal),
    FUNCTION 6 pgwright.search_gin_triconsistent(internal, int2, text, int4, internal),
    STORAGE bytea;
COMMENT ON OPERATOR CLASS pgwright.search_markup_ops USING gin IS 'Finds sanitised HTML by the operator <@@@>';
