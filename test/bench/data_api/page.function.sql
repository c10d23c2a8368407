\set n random(0, 499)
SELECT pgwright.list_records('customer', filters => ('{"city":"City ' || :n::text || '"}')::json, sort => 'name', page_size => 25, count => 'none');
