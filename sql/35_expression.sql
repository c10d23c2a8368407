-- What the compiled expressions of calculated fields, defaults and rules call: where PostgreSQL's own
-- function depends on a setting of the session, and so is not immutable, or fails where null is meant.
-- None is STRICT: the planner could not inline it. The bodies are parsed when the functions are made, so that no search_path can change what they mean.

CREATE FUNCTION pgwright.expression_count(value numeric, lowest integer, highest integer) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN value < lowest THEN lowest WHEN value > highest THEN highest ELSE value::integer END;
COMMENT ON FUNCTION pgwright.expression_count(numeric, integer, integer)
    IS 'Of the expression language: the value as an integer, brought into the range; null of null';

CREATE FUNCTION pgwright.expression_sqrt(value numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN value >= 0 THEN sqrt(value) END;
COMMENT ON FUNCTION pgwright.expression_sqrt(numeric)
    IS 'Of the expression language: the square root; null of a negative number';

-- A thousand digits are what a number of the data model may have.
CREATE FUNCTION pgwright.expression_power(base numeric, exponent numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN base = 0 THEN CASE WHEN exponent >= 0 THEN power(base, exponent) END
                WHEN base < 0 AND exponent <> trunc(exponent) THEN NULL
                WHEN abs(exponent) > 100000 THEN NULL
                WHEN abs(exponent * log(abs(base))) <= 1000 THEN power(base, exponent) END;
COMMENT ON FUNCTION pgwright.expression_power(numeric, numeric)
    IS 'Of the expression language: the power; null where there is none or it has over 1000 digits';

CREATE FUNCTION pgwright.expression_pad_left(value text, width integer, fill text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN lpad(value, greatest(width, length(value)) + 0 * width, fill);
COMMENT ON FUNCTION pgwright.expression_pad_left(text, integer, text)
    IS 'Of the expression language: the text filled up at its left; a longer one as it is';

CREATE FUNCTION pgwright.expression_pad_right(value text, width integer, fill text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN rpad(value, greatest(width, length(value)) + 0 * width, fill);
COMMENT ON FUNCTION pgwright.expression_pad_right(text, integer, text)
    IS 'Of the expression language: the text filled up at its right; a longer one as it is';

-- ISO 8601, whatever the session's DateStyle; a year has at least four digits.
CREATE FUNCTION pgwright.expression_date_text(value date) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN isfinite(value) THEN
        lpad(extract(year FROM value)::text, greatest(4, length(extract(year FROM value)::text)), '0')
        || '-' || lpad(extract(month FROM value)::text, 2, '0')
        || '-' || lpad(extract(day FROM value)::text, 2, '0') END;
COMMENT ON FUNCTION pgwright.expression_date_text(date)
    IS 'Of the expression language: the date as YYYY-MM-DD';

CREATE FUNCTION pgwright.expression_datetime_text(value timestamptz) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN pgwright.expression_date_text((value AT TIME ZONE 'UTC')::date)
        || 'T' || (value AT TIME ZONE 'UTC')::time::text || 'Z';
COMMENT ON FUNCTION pgwright.expression_datetime_text(timestamptz)
    IS 'Of the expression language: the time in UTC as YYYY-MM-DDTHH:MM:SSZ';

-- The conversions of text name their collation, because the server folds constants before it has given
-- a generated column's expression one.
CREATE FUNCTION pgwright.expression_number(value text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN substring(btrim(value) COLLATE "C", '^[-+]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)$')::numeric;
COMMENT ON FUNCTION pgwright.expression_number(text)
    IS 'Of the expression language: the number that a text of digits names; null of any other text';

CREATE FUNCTION pgwright.expression_boolean(value text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN btrim(value) COLLATE "C" ~* '^(true|t|yes|y|on|1)$' THEN true
                WHEN btrim(value) COLLATE "C" ~* '^(false|f|no|n|off|0)$' THEN false END;
COMMENT ON FUNCTION pgwright.expression_boolean(text)
    IS 'Of the expression language: the truth that a text such as yes, on, 1, no or false names; null of any other text';

-- The day before the first of the next month is the last one that the month has.
CREATE FUNCTION pgwright.expression_text_date(value text) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN btrim(value) COLLATE "C" ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
                 AND left(btrim(value), 4) COLLATE "C" <> '0000'
                 AND right(btrim(value), 2)::integer <= extract(day FROM
                     make_date(left(btrim(value), 4)::integer, substring(btrim(value), 6, 2)::integer, 1)
                     + make_interval(months => 1, days => -1))
                THEN make_date(left(btrim(value), 4)::integer, substring(btrim(value), 6, 2)::integer,
                               right(btrim(value), 2)::integer) END;
COMMENT ON FUNCTION pgwright.expression_text_date(text)
    IS 'Of the expression language: the date that a text YYYY-MM-DD names; null of any other text';

CREATE FUNCTION pgwright.expression_months(earlier timestamp, later timestamp) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN extract(year FROM age(later, earlier)) * 12 + extract(month FROM age(later, earlier));
COMMENT ON FUNCTION pgwright.expression_months(timestamp, timestamp)
    IS 'Of the expression language: the whole months from the one time to the other';
