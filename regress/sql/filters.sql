-- Filters: the condition grammar of list_records, operator by operator. Each row shows the condition
-- and which records it is true of; what no record may answer is a fault with its path.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers
SELECT pg_temp.new_tenant('filters');
SELECT pg_temp.publish('{"name":"item","default_sort_field":"name","fields":[
    {"name":"name","field_type":"string","is_required":true},
    {"name":"amount","field_type":"decimal"},
    {"name":"size","field_type":"integer"},
    {"name":"open","field_type":"boolean"},
    {"name":"day","field_type":"date"},
    {"name":"at","field_type":"datetime"},
    {"name":"clock","field_type":"time"},
    {"name":"data","field_type":"json"},
    {"name":"tags","field_type":"array","item_type":"string"},
    {"name":"state","field_type":"enum","allowed_values":["new","won"]},
    {"name":"ref","field_type":"uuid"}]}');
SELECT pgwright.bulk_create_records('item', '[
    {"name":"a","amount":1,"size":10,"open":true,"day":"2024-01-01","at":"2024-01-01T00:00:00Z","clock":"08:00","data":{"k":1,"t":"Ab","l":["x",2],"d.e":{"f":true}},"tags":["x","y"],"state":"new","ref":"00000000-0000-0000-0000-00000000000a"},
    {"name":"b","amount":2.50,"size":20,"open":false,"day":"2024-02-29","at":"2024-02-29T12:00:00+02:00","clock":"12:00","data":{"k":"1","l":[]},"tags":[],"state":"won"},
    {"name":"C 50%_\\x","amount":-3,"size":30,"open":true,"day":"1999-12-31"},
    {"name":"d''Oh"},
    {"name":"é\"ü"}]') ->> 'created' AS created;

-- The names of the records a filter selects, or the fault.
CREATE FUNCTION pg_temp.selects(filter text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.try(format($q$SELECT coalesce(string_agg(i ->> 'name', ' ' ORDER BY i ->> 'name' COLLATE "C"), '-')
        FROM json_array_elements(pgwright.list_records('item', filters => %L) -> 'items') i$q$, filter))
$$;

-- Each operator on a field it applies to. A null field is equal to nothing and unlike everything: ne
-- and not_in select it.
SELECT field, operator, value, pg_temp.selects(format('{"operator":"AND","conditions":[{"field":"%s","operator":"%s"%s}]}', field, operator, ', "value":' || value)) AS selects
  FROM (VALUES
    ('amount', 'eq', '2.5'), ('amount', 'ne', '2.5'), ('amount', 'gt', '1'), ('amount', 'gte', '1'), ('amount', 'lt', '1'), ('amount', 'lte', '1'),
    ('amount', 'in', '[1, -3, 7]'), ('amount', 'not_in', '[1, -3]'), ('amount', 'in', '[]'), ('amount', 'not_in', '[]'),
    ('amount', 'is_null', NULL), ('amount', 'is_not_null', NULL), ('amount', 'eq', 'null'), ('amount', 'ne', 'null'),
    ('amount', 'eq', '"2.50"'), ('amount', 'eq', '1e0'),
    ('size', 'gt', '10'), ('size', 'eq', '20'),
    ('name', 'eq', '"a"'), ('name', 'gt', '"b"'), ('name', 'contains', '"C"'), ('name', 'contains', '"%_"'), ('name', 'contains', '"50_"'), ('name', 'contains', '"\\"'),
    ('name', 'starts_with', '"D''"'), ('name', 'ends_with', '"X"'), ('name', 'ends_with', '"\"ü"'), ('name', 'contains', '""'), ('name', 'eq', '""'),
    ('name', 'in', '["a","d''Oh"]'), ('name', 'eq', '"a'' OR true --"'),
    ('open', 'eq', 'true'), ('open', 'ne', 'true'), ('open', 'eq', '"false"'), ('open', 'in', '[true,false]'),
    ('day', 'eq', '"2024-02-29"'), ('day', 'gte', '"2024-01-01"'), ('day', 'lt', '"2000-01-01"'),
    ('at', 'eq', '"2024-02-29T10:00:00Z"'), ('at', 'eq', '"2024-01-01"'), ('at', 'gt', '"2024-01-01T00:00:00"'), ('at', 'lte', '"2024-02-29T11:00:00+01:00"'),
    ('clock', 'gt', '"08:00"'), ('clock', 'eq', '"12:00:00"'),
    ('ref', 'eq', '"00000000-0000-0000-0000-00000000000A"'), ('ref', 'in', '["00000000-0000-0000-0000-00000000000a"]'),
    ('data', 'is_null', NULL), ('data', 'is_not_null', NULL), ('data', 'ne', 'null'),
    ('amount', 'between', '[1,2.5]'), ('amount', 'not_between', '[1,2.5]'), ('day', 'between', '["2024-01-01","2024-02-29"]'), ('at', 'between', '["2024-01-01","2024-02-29"]'),
    ('name', 'like', '"C%"'), ('name', 'like', '"c%"'), ('name', 'ilike', '"c%"'), ('name', 'ilike', '"%O_"'), ('name', 'like', '"%\\%%"'), ('name', 'matches', '"^[a-c]$"'), ('name', 'matches', '"(?i)^c \\d+%"'),
    ('name', 'not_contains', '"c"'), ('day', 'is_empty', NULL), ('tags', 'is_empty', NULL), ('tags', 'is_not_empty', NULL), ('data', 'is_empty', NULL),
    ('tags', 'contains', '"x"'), ('tags', 'not_contains', '"x"'), ('tags', 'array_contains', '["x","y"]'), ('tags', 'array_overlaps', '["y","z"]'), ('tags', 'array_contained', '["x","y","z"]'),
    ('data.k', 'eq', '1'), ('data.k', 'eq', '"1"'), ('data.k', 'gt', '0'), ('data.k', 'in', '[1,"1"]'), ('data.t', 'contains', '"a"'), ('data.l.0', 'eq', '"x"'), ('data.l', 'array_contains', '[2]'), ('data.l', 'is_empty', NULL),
    ('data.k', 'is_null', NULL), ('data.k', 'ne', '1'), ('created_at', 'today', NULL), ('created_at', 'yesterday', NULL), ('created_at', 'last_n_days', '3'), ('day', 'lt', '"{today}"'), ('created_by', 'eq', '"{current_user_id}"'),
    ('state', 'eq', '"new"'), ('created_at', 'gt', '"2020-01-01"'), ('created_by', 'is_null', NULL)) AS v (field, operator, value);

-- The short form: an object of fields and values means all of them are equal.
SELECT filter, pg_temp.selects(filter) AS selects FROM (VALUES
    ('[]'), ('[{"attribute":"amount","operator":"between","value":[1,9]},{"attribute":"name","operator":"like","value":"%a%"}]'), ('{"size":{"operator":">","value":10}}'),
    ('{"size":{"gte":"10","lt":"30"},"name":{"in":"a,b"}}'), ('{"size":{"is_null":"true"}}'), ('{"field":"data","path":["d.e","f"],"operator":"eq","value":true}'), ('{"field":"amount","operator":"lt","value_field":"size"}'),
    ('{}'), ('{"open":true}'), ('{"open":true,"size":30}'), ('{"amount":null}'), ('{"open":true,"amount":null}')) AS v (filter);

-- Trees. NOT of a comparison with a null field is true: a condition is true or false, never unknown.
SELECT filter, pg_temp.selects(filter) AS selects FROM (VALUES
    ('{"operator":"AND","conditions":[]}'),
    ('{"operator":"OR","conditions":[]}'),
    ('{"operator":"NOT","conditions":[{"field":"size","operator":"gt","value":10}]}'),
    ('{"operator":"NOT","conditions":[{"field":"size","operator":"gt","value":10},{"field":"open","operator":"eq","value":true}]}'),
    ('{"operator":"or","conditions":[{"field":"name","operator":"eq","value":"a"},{"operator":"and","conditions":[{"field":"open","operator":"eq","value":false},{"field":"size","operator":"lt","value":25}]}]}'),
    ('{"operator":"NOT","conditions":[{"operator":"NOT","conditions":[{"field":"open","operator":"eq","value":true}]}]}'),
    ('{"field":"size","operator":"gte","value":20}')) AS v (filter);

-- Faults: all of a filter at once, each with its path.
SELECT filter, pg_temp.selects(filter) AS fault FROM (VALUES
    ('7'), ('null'), ('[1]'), ('{"state":"wno"}'), ('{"size":{"between":"1"}}'), ('{"size":{"near":1}}'), ('{"name":{"matches":"(a"}}'), ('{"name":{"like":"\\"}}'), ('{"data.k":[1]}'), ('{"name.x":1}'), ('{"created_at":{"last_n_days":-1}}'),
    ('{"field":"amount","operator":"lt","value_field":"name"}'), ('{"field":"nothing","operator":"any","conditions":[]}'), ('{"day":{"this_month":"x"}}'),
    ('{"name":"a\u0000b"}'), ('{"nothing":1}'), ('{"size":"ten"}'), ('{"size":1.5}'), ('{"size":99999999999}'), ('{"open":"maybe"}'), ('{"day":"2023-02-29"}'), ('{"ref":"x"}'), ('{"data":{"k":1}}'),
    ('{"name":7}'), ('{"at":"yesterday"}'),
    ('{"operator":"XOR","conditions":[]}'), ('{"operator":"AND"}'), ('{"conditions":[]}'), ('{"operator":"AND","conditions":{}}'), ('{"operator":"AND","conditions":[1]}'),
    ('{"operator":"AND","conditions":[{"field":"size","operator":"like","value":1},{"field":"nothing","operator":"eq","value":1},{"operator":"eq","value":1},{"field":"size"},{"field":"size","operator":"eq"},
      {"field":"size","operator":"in","value":1},{"field":"size","operator":"in","value":[1,null,"x"]},{"field":"open","operator":"gt","value":true},{"field":"size","operator":"contains","value":"1"},
      {"field":"data","operator":"eq","value":1},{"field":"size","operator":"is_null","value":1},{"field":"size","operator":"gt","value":null},{"field":"size","operator":"eq","value":1,"extra":true}]}'),
    ('{"open":true,"open":false}'), ('{"open":'), ('')) AS v (filter);

-- Limits: depth, number of comparisons, length of a list.
SELECT what, left(pg_temp.selects(filter), 160) AS fault FROM (VALUES
    ('deep', repeat('{"operator":"AND","conditions":[', 20) || '{"field":"size","operator":"eq","value":1}' || repeat(']}', 20)),
    ('wide', '{"operator":"OR","conditions":[' || (SELECT string_agg('{"field":"size","operator":"eq","value":1}', ',') FROM generate_series(1, 2000)) || ']}'),
    ('long', '{"operator":"OR","conditions":[{"field":"size","operator":"in","value":[' || (SELECT string_agg(n::text, ',') FROM generate_series(1, 20000) n) || ']}]}')) AS v (what, filter);
