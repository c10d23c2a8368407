-- Operators that cost no index under row security. Below a policy the planner lets only leakproof
-- functions see a row, and so turns only their conditions into a look-up in an index. The server's
-- comparisons of numbers and its pattern matches are not marked so; these mean the same and are.
-- That each earns the mark, and which form to use where, is in docs/performance.md.

CREATE FUNCTION pgwright.like_pattern(needle text, any_before boolean, any_after boolean) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF AS 'MODULE_PATHNAME', 'pgwright_like_pattern';
COMMENT ON FUNCTION pgwright.like_pattern(text, boolean, boolean)
    IS 'The LIKE pattern of texts that hold the needle, in which nothing of it is special; with anything before it and after it as said';

-- Numbers ------------------------------------------------------------------------------------------
--
-- The server's own code: comparing two numbers raises no error, whatever they are.

CREATE FUNCTION pgwright.numeric_eq_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_numeric_eq_support';
COMMENT ON FUNCTION pgwright.numeric_eq_support(internal) IS 'For the planner: how an index serves numeric_eq()';

CREATE FUNCTION pgwright.numeric_eq(numeric, numeric) RETURNS boolean
    LANGUAGE internal IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF SUPPORT pgwright.numeric_eq_support AS 'numeric_eq';
COMMENT ON FUNCTION pgwright.numeric_eq(numeric, numeric) IS 'Whether the numbers are equal; leakproof. Behind the operator =';

CREATE FUNCTION pgwright.numeric_lt_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_numeric_lt_support';
COMMENT ON FUNCTION pgwright.numeric_lt_support(internal) IS 'For the planner: how an index serves numeric_lt()';

CREATE FUNCTION pgwright.numeric_lt(numeric, numeric) RETURNS boolean
    LANGUAGE internal IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF SUPPORT pgwright.numeric_lt_support AS 'numeric_lt';
COMMENT ON FUNCTION pgwright.numeric_lt(numeric, numeric) IS 'Whether the first number is less; leakproof. Behind the operator <';

CREATE FUNCTION pgwright.numeric_le_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_numeric_le_support';
COMMENT ON FUNCTION pgwright.numeric_le_support(internal) IS 'For the planner: how an index serves numeric_le()';

CREATE FUNCTION pgwright.numeric_le(numeric, numeric) RETURNS boolean
    LANGUAGE internal IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF SUPPORT pgwright.numeric_le_support AS 'numeric_le';
COMMENT ON FUNCTION pgwright.numeric_le(numeric, numeric) IS 'Whether the first number is less or equal; leakproof. Behind the operator <=';

CREATE FUNCTION pgwright.numeric_gt_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_numeric_gt_support';
COMMENT ON FUNCTION pgwright.numeric_gt_support(internal) IS 'For the planner: how an index serves numeric_gt()';

CREATE FUNCTION pgwright.numeric_gt(numeric, numeric) RETURNS boolean
    LANGUAGE internal IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF SUPPORT pgwright.numeric_gt_support AS 'numeric_gt';
COMMENT ON FUNCTION pgwright.numeric_gt(numeric, numeric) IS 'Whether the first number is greater; leakproof. Behind the operator >';

CREATE FUNCTION pgwright.numeric_ge_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_numeric_ge_support';
COMMENT ON FUNCTION pgwright.numeric_ge_support(internal) IS 'For the planner: how an index serves numeric_ge()';

CREATE FUNCTION pgwright.numeric_ge(numeric, numeric) RETURNS boolean
    LANGUAGE internal IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF SUPPORT pgwright.numeric_ge_support AS 'numeric_ge';
COMMENT ON FUNCTION pgwright.numeric_ge(numeric, numeric) IS 'Whether the first number is greater or equal; leakproof. Behind the operator >=';

CREATE OPERATOR pgwright.= (FUNCTION = pgwright.numeric_eq, LEFTARG = numeric, RIGHTARG = numeric,
    COMMUTATOR = OPERATOR(pgwright.=), RESTRICT = eqsel, JOIN = eqjoinsel);
COMMENT ON OPERATOR pgwright.= (numeric, numeric) IS 'Whether the numbers are equal; leakproof';

CREATE OPERATOR pgwright.< (FUNCTION = pgwright.numeric_lt, LEFTARG = numeric, RIGHTARG = numeric,
    COMMUTATOR = OPERATOR(pgwright.>), NEGATOR = OPERATOR(pgwright.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
COMMENT ON OPERATOR pgwright.< (numeric, numeric) IS 'Whether the first number is less; leakproof';

CREATE OPERATOR pgwright.<= (FUNCTION = pgwright.numeric_le, LEFTARG = numeric, RIGHTARG = numeric,
    COMMUTATOR = OPERATOR(pgwright.>=), NEGATOR = OPERATOR(pgwright.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
COMMENT ON OPERATOR pgwright.<= (numeric, numeric) IS 'Whether the first number is less or equal; leakproof';

CREATE OPERATOR pgwright.> (FUNCTION = pgwright.numeric_gt, LEFTARG = numeric, RIGHTARG = numeric,
    COMMUTATOR = OPERATOR(pgwright.<), NEGATOR = OPERATOR(pgwright.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
COMMENT ON OPERATOR pgwright.> (numeric, numeric) IS 'Whether the first number is greater; leakproof';

CREATE OPERATOR pgwright.>= (FUNCTION = pgwright.numeric_ge, LEFTARG = numeric, RIGHTARG = numeric,
    COMMUTATOR = OPERATOR(pgwright.<=), NEGATOR = OPERATOR(pgwright.<), RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR pgwright.>= (numeric, numeric) IS 'Whether the first number is greater or equal; leakproof';

CREATE FUNCTION pgwright.numeric_among_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_numeric_among_support';
COMMENT ON FUNCTION pgwright.numeric_among_support(internal) IS 'For the planner: how an index serves numeric_among()';

CREATE FUNCTION pgwright.numeric_among(value numeric, list numeric[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.numeric_among_support AS 'MODULE_PATHNAME', 'pgwright_numeric_among';
COMMENT ON FUNCTION pgwright.numeric_among(numeric, numeric[]) IS 'As value = ANY (list); leakproof. Behind the operator <@';

CREATE OPERATOR pgwright.<@ (FUNCTION = pgwright.numeric_among, LEFTARG = numeric, RIGHTARG = numeric[],
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR pgwright.<@ (numeric, numeric[]) IS 'As value = ANY (list); leakproof';

-- Text ---------------------------------------------------------------------------------------------
--
-- The cost is that of folding the text, by which a scan of the table is priced.

CREATE FUNCTION pgwright.contains_text_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_contains_text_support';
COMMENT ON FUNCTION pgwright.contains_text_support(internal) IS 'For the planner: how an index serves contains_text()';

CREATE FUNCTION pgwright.contains_text(value text, needle text) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 20 SUPPORT pgwright.contains_text_support AS 'MODULE_PATHNAME', 'pgwright_contains_text';
COMMENT ON FUNCTION pgwright.contains_text(text, text) IS 'Whether the text contains the needle, whatever the case of the letters; leakproof. Behind the operator ~@~';

CREATE OPERATOR pgwright.~@~ (FUNCTION = pgwright.contains_text, LEFTARG = text, RIGHTARG = text,
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR pgwright.~@~ (text, text) IS 'Whether the text contains the needle, whatever the case of the letters; leakproof';

CREATE FUNCTION pgwright.starts_with_text_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_starts_with_text_support';
COMMENT ON FUNCTION pgwright.starts_with_text_support(internal) IS 'For the planner: how an index serves starts_with_text()';

CREATE FUNCTION pgwright.starts_with_text(value text, needle text) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 20 SUPPORT pgwright.starts_with_text_support AS 'MODULE_PATHNAME', 'pgwright_starts_with_text';
COMMENT ON FUNCTION pgwright.starts_with_text(text, text) IS 'Whether the text starts with the needle, whatever the case of the letters; leakproof. Behind the operator ^@~';

CREATE OPERATOR pgwright.^@~ (FUNCTION = pgwright.starts_with_text, LEFTARG = text, RIGHTARG = text,
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR pgwright.^@~ (text, text) IS 'Whether the text starts with the needle, whatever the case of the letters; leakproof';

CREATE FUNCTION pgwright.ends_with_text_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_ends_with_text_support';
COMMENT ON FUNCTION pgwright.ends_with_text_support(internal) IS 'For the planner: how an index serves ends_with_text()';

CREATE FUNCTION pgwright.ends_with_text(value text, needle text) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 20 SUPPORT pgwright.ends_with_text_support AS 'MODULE_PATHNAME', 'pgwright_ends_with_text';
COMMENT ON FUNCTION pgwright.ends_with_text(text, text) IS 'Whether the text ends with the needle, whatever the case of the letters; leakproof. Behind the operator ~@^';

CREATE OPERATOR pgwright.~@^ (FUNCTION = pgwright.ends_with_text, LEFTARG = text, RIGHTARG = text,
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR pgwright.~@^ (text, text) IS 'Whether the text ends with the needle, whatever the case of the letters; leakproof';

-- Arrays -------------------------------------------------------------------------------------------
--
-- The server's own operators take items of any type, whose comparison may raise errors. Of these types
-- none does.

CREATE FUNCTION pgwright.array_contains_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_array_contains_support';
COMMENT ON FUNCTION pgwright.array_contains_support(internal) IS 'For the planner: how an index serves array_contains()';

CREATE FUNCTION pgwright.array_overlaps_support(internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT AS 'MODULE_PATHNAME', 'pgwright_array_overlaps_support';
COMMENT ON FUNCTION pgwright.array_overlaps_support(internal) IS 'For the planner: how an index serves array_overlaps()';

CREATE FUNCTION pgwright.array_contains(text[], text[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_contains_support AS 'MODULE_PATHNAME', 'pgwright_array_contains';
CREATE FUNCTION pgwright.array_overlaps(text[], text[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_overlaps_support AS 'MODULE_PATHNAME', 'pgwright_array_overlaps';
CREATE FUNCTION pgwright.array_contains(integer[], integer[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_contains_support AS 'MODULE_PATHNAME', 'pgwright_array_contains';
CREATE FUNCTION pgwright.array_overlaps(integer[], integer[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_overlaps_support AS 'MODULE_PATHNAME', 'pgwright_array_overlaps';
CREATE FUNCTION pgwright.array_contains(bigint[], bigint[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_contains_support AS 'MODULE_PATHNAME', 'pgwright_array_contains';
CREATE FUNCTION pgwright.array_overlaps(bigint[], bigint[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_overlaps_support AS 'MODULE_PATHNAME', 'pgwright_array_overlaps';
CREATE FUNCTION pgwright.array_contains(numeric[], numeric[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_contains_support AS 'MODULE_PATHNAME', 'pgwright_array_contains';
CREATE FUNCTION pgwright.array_overlaps(numeric[], numeric[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_overlaps_support AS 'MODULE_PATHNAME', 'pgwright_array_overlaps';
CREATE FUNCTION pgwright.array_contains(date[], date[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_contains_support AS 'MODULE_PATHNAME', 'pgwright_array_contains';
CREATE FUNCTION pgwright.array_overlaps(date[], date[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_overlaps_support AS 'MODULE_PATHNAME', 'pgwright_array_overlaps';
CREATE FUNCTION pgwright.array_contains(timestamptz[], timestamptz[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_contains_support AS 'MODULE_PATHNAME', 'pgwright_array_contains';
CREATE FUNCTION pgwright.array_overlaps(timestamptz[], timestamptz[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_overlaps_support AS 'MODULE_PATHNAME', 'pgwright_array_overlaps';
CREATE FUNCTION pgwright.array_contains(uuid[], uuid[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_contains_support AS 'MODULE_PATHNAME', 'pgwright_array_contains';
CREATE FUNCTION pgwright.array_overlaps(uuid[], uuid[]) RETURNS boolean
    LANGUAGE c IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF COST 2 SUPPORT pgwright.array_overlaps_support AS 'MODULE_PATHNAME', 'pgwright_array_overlaps';

DO $$
DECLARE
    items regtype;
BEGIN
    FOREACH items IN ARRAY '{text[],integer[],bigint[],numeric[],date[],timestamptz[],uuid[]}'::regtype[] LOOP
        EXECUTE format('COMMENT ON FUNCTION pgwright.array_contains(%1$s, %1$s) IS %2$L', items,
                       'Whether the first array has every item of the second; leakproof. Behind the operator @>');
        EXECUTE format('COMMENT ON FUNCTION pgwright.array_overlaps(%1$s, %1$s) IS %2$L', items,
                       'Whether the arrays have an item in common; leakproof. Behind the operator &&');
        EXECUTE format('CREATE OPERATOR pgwright.@> (FUNCTION = pgwright.array_contains, LEFTARG = %1$s, RIGHTARG = %1$s,
                            RESTRICT = matchingsel, JOIN = matchingjoinsel)', items);
        EXECUTE format('COMMENT ON OPERATOR pgwright.@> (%1$s, %1$s) IS %2$L', items,
                       'Whether the first array has every item of the second; leakproof');
        EXECUTE format('CREATE OPERATOR pgwright.&& (FUNCTION = pgwright.array_overlaps, LEFTARG = %1$s, RIGHTARG = %1$s,
                            COMMUTATOR = OPERATOR(pgwright.&&), RESTRICT = matchingsel, JOIN = matchingjoinsel)', items);
        EXECUTE format('COMMENT ON OPERATOR pgwright.&& (%1$s, %1$s) IS %2$L', items,
                       'Whether the arrays have an item in common; leakproof');
    END LOOP;
END
$$;
