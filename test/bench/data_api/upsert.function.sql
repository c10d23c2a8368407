\set n random(0, :rows - 1)
SELECT pgwright.upsert_record('customer', json_build_object('name', 'Customer ' || :n, 'email', 'c' || :n || '@example.org', 'city', 'City ' || (:n % 500), 'credit', :n % 1000));
