-- A tenant with :rows customers and three orders for each, who connects to it, and the sets that are created in
-- one call. Keys end in a decimal number, so that existing ones can be drawn at random. Called by data_api.sh.
SET client_min_messages = warning;
CREATE ROLE bench_api LOGIN INHERIT IN ROLE pgwright_user PASSWORD :'password';

SELECT pgwright.create_tenant('api', 'API');
SELECT pgwright.create_user('api@bench.example', 'bench secret', 'api', 'owner', 'API');
SELECT pgwright.act_as('api@bench.example', 'api');
SELECT pgwright.create_entity('{
    "name": "customer", "label": "Customer", "fields": [
        {"name": "name", "field_type": "string", "is_required": true, "is_indexed": true, "max_length": 120},
        {"name": "email", "field_type": "email", "is_unique": true},
        {"name": "city", "field_type": "string", "is_indexed": true, "max_length": 80},
        {"name": "credit", "field_type": "currency", "min_value": 0, "decimal_places": 2},
        {"name": "is_active", "field_type": "boolean", "default_value": "true"},
        {"name": "joined_on", "field_type": "date", "is_indexed": true},
        {"name": "seen_at", "field_type": "datetime"},
        {"name": "note", "field_type": "text"}],
    "indexes": [{"name": "words", "index_type": "search", "field_names": ["name", "email", "city"]}]}');
SELECT pgwright.create_entity('{
    "name": "purchase", "label": "Order", "fields": [
        {"name": "number", "field_type": "string", "is_required": true, "is_unique": true, "max_length": 40},
        {"name": "customer_id", "field_type": "lookup", "reference_entity": "customer", "is_required": true, "is_indexed": true},
        {"name": "total", "field_type": "currency", "decimal_places": 2},
        {"name": "status", "field_type": "string", "max_length": 20},
        {"name": "ordered_on", "field_type": "date"}]}');
SELECT pgwright.create_relationship('{"name": "purchases", "relationship_type": "one-to-many", "source_entity": "customer", "target_entity": "purchase", "source_field_name": "orders", "target_field_name": "customer_id"}');
SELECT pgwright.publish_entities('["customer", "purchase"]', 'Benchmark');

INSERT INTO t_api.customer (id, name, email, city, credit, is_active, joined_on, seen_at, note)
SELECT ('00000000-0000-7000-8000-' || 100000000000 + n)::uuid, 'Customer ' || md5(n::text), 'c' || n || '@example.org', 'City ' || n % 500,
       n % 100000 * 0.01, n % 7 <> 0, date '2020-01-01' + n % 2000, timestamptz '2024-01-01 00:00:00Z' + n * interval '1 minute',
       'A note of a usual length about customer ' || n
FROM generate_series(0, :rows - 1) AS n;
INSERT INTO t_api.purchase (id, number, customer_id, total, status, ordered_on)
SELECT ('00000000-0000-7000-8000-' || 200000000000 + n)::uuid, 'P-' || n, ('00000000-0000-7000-8000-' || 100000000000 + n % :rows)::uuid,
       n % 5000 * 0.1, (ARRAY['open', 'paid', 'sent'])[n % 3 + 1], date '2024-01-01' + n % 300
FROM generate_series(0, 3 * :rows - 1) AS n;

-- A thousand customers as JSON; # becomes a number that makes their e-mail addresses unique.
CREATE TABLE public.bench_set (body text);
ALTER TABLE public.bench_set ALTER body SET STORAGE EXTERNAL;
INSERT INTO public.bench_set
SELECT json_agg(json_build_object('name', 'Customer ' || md5(n::text), 'email', 'b' || n || '-#@example.org', 'city', 'City ' || n % 500, 'credit', n * 0.1,
                                  'is_active', true, 'joined_on', date '2024-05-06', 'seen_at', '2024-05-06T07:08:09Z', 'note', 'Made by the benchmark'))
  FROM generate_series(1, 1000) n;
GRANT SELECT ON public.bench_set TO bench_api;
VACUUM ANALYZE t_api.customer, t_api.purchase, public.bench_set;
CHECKPOINT;
