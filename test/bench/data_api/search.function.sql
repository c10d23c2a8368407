\set n random(0, 9999)
SELECT pgwright.list_records('customer', search => 'c' || :n::text || ' exampel', page_size => 25, count => 'none');
