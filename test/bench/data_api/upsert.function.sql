\set n random(0, :rows - 1)
SELECT pgwright.upsert_record('customer', json_build_object('name', 'Customer ' || :n::text, 'email', 'c' || :n::text || '@example.org', 'city', 'City ' || (:n::int % 500), 'credit', :n::int % 1000));
