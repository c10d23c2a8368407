#!/usr/bin/env bash
# Import and export against the floor: COPY of the same rows into a bare table with the same columns, defaults
# and indexes, without triggers; and COPY out of it. Medians of ROUNDS (5) runs, as ratios.
#
#   test/bench/import.sh [ROWS]      default 100000; 1000000 for the memory of a large export
#
# Uses the connection that the environment names (eval "$(test/cluster.sh env CLUSTER postgres)"), and a database
# of its own there.
set -euo pipefail

rows=${1:-100000}
rounds=${ROUNDS:-5}
database=pgwright_bench_import
folder=$(mktemp -d)
chmod 777 "$folder"  # the server writes there, as a user of its own
trap 'rm -rf "$folder"; dropdb --if-exists "$database"' EXIT

dropdb --if-exists "$database" 2>/dev/null
createdb "$database"
run() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

run >/dev/null <<SQL
CREATE EXTENSION pgwright;
SELECT pgwright.create_tenant('bench', 'Bench');
SELECT pgwright.create_user('owner@bench.example', 'correct horse battery', 'bench', 'owner');
SELECT pgwright.act_as('owner@bench.example');
SELECT pgwright.create_entity('{"name": "customer", "fields": [
    {"name": "name", "field_type": "string", "is_required": true}, {"name": "email", "field_type": "email", "is_unique": true},
    {"name": "city", "field_type": "string", "is_indexed": true}, {"name": "credit", "field_type": "currency"},
    {"name": "born", "field_type": "date"}, {"name": "visits", "field_type": "integer", "default_value": 0},
    {"name": "active", "field_type": "boolean"}, {"name": "seen_at", "field_type": "datetime"}]}');
SELECT pgwright.publish_entity('customer');
CREATE TABLE bare (LIKE t_bench.customer INCLUDING DEFAULTS INCLUDING INDEXES);
SQL
columns=name,email,city,credit,born,visits,active,seen_at
run -c "SET TimeZone = 'UTC'; COPY (SELECT 'Customer ' || i AS name, 'c' || i || '@example.org' AS email, 'City ' || i % 500 AS city, i % 10000 / 100.0::numeric(8,2) AS credit,
    date '1970-01-01' + i % 15000 AS born, i % 100 AS visits, i % 2 = 0 AS active, to_char(timestamp '2020-01-01' + i * interval '1 minute', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS seen_at
    FROM generate_series(1, $rows) i) TO '$folder/in.csv' CSV HEADER"
sed -i 's/\(\.[0-9][0-9]\)[0-9]*,/\1,/' "$folder/in.csv"

# Milliseconds of one statement, after what makes each run the same.
timed() {
    run <<SQL | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
SELECT pgwright.act_as('owner@bench.example') \g /dev/null
$1
CHECKPOINT;
\timing on
$2 \g /dev/null
SQL
}
median() { sort -n | sed -n "$(((rounds + 1) / 2))p"; }
repeat() { for ((i = 0; i < rounds; i++)); do timed "$1" "$2"; done | median; }

empty='TRUNCATE bare, t_bench.customer;'
file="pg_read_binary_file('$folder/in.csv')"
floor=$(repeat "$empty" "COPY bare ($columns) FROM '$folder/in.csv' CSV HEADER")
partial=$(repeat "$empty" "SELECT pgwright.import_records('customer', $file, 'in.csv', mode => 'partial')")
whole=$(repeat "$empty" "SELECT pgwright.import_records('customer', $file, 'in.csv')")
# As HTTP does it: the file goes into the job first.
job=$(repeat "$empty SELECT pgwright.create_import_job('customer', 'in.csv', mode => 'partial') ->> 'id' AS job \\gset
CREATE PROCEDURE pg_temp.import(job text) LANGUAGE plpgsql AS \$\$ BEGIN PERFORM pgwright.add_import_data(job, $file); COMMIT; CALL pgwright.run_import(job); END \$\$;" "CALL pg_temp.import(:'job')")
run -c "TRUNCATE bare" -c "INSERT INTO bare SELECT * FROM t_bench.customer" -c "VACUUM ANALYZE bare, t_bench.customer"
out=$(repeat "" "COPY (SELECT * FROM bare ORDER BY id) TO '$folder/out.csv' CSV HEADER")
export=$(repeat "" "SELECT sum(length(p)) FROM (SELECT pgwright.export_records('customer') p) x")

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
echo "$rows rows, ratios of time to COPY into a bare table with the same indexes (less is better; the aim is under 2):"
printf '  %-34s %s\n' "import at once, partial" "$(ratio "$partial" "$floor")" "import at once, all or nothing" "$(ratio "$whole" "$floor")" \
    "upload and run of a job" "$(ratio "$job" "$floor")"
echo "ratio to COPY out of it in the same order:"
printf '  %-34s %s\n' "export as CSV" "$(ratio "$export" "$out")"

# The memory of the backend while it exports all of it, against the same export of nothing.
run >/dev/null <<SQL
SELECT pgwright.act_as('owner@bench.example') \g /dev/null
CREATE FUNCTION used() RETURNS bigint LANGUAGE sql AS 'SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts';
CREATE TABLE memory (bytes bigint);
DO \$\$
DECLARE
    part text; before bigint; highest bigint := 0; n integer := 0;
BEGIN
    FOR part IN SELECT pgwright.export_records('customer', filters => '{"name": "nobody"}') LOOP END LOOP;
    before := used();
    FOR part IN SELECT pgwright.export_records('customer') LOOP
        n := n + 1;
        IF n % 50 = 0 THEN highest := greatest(highest, used() - before); END IF;
    END LOOP;
    INSERT INTO memory VALUES (highest);
END \$\$;
SQL
echo "memory that an export of $rows rows takes: $(run -c "SELECT round(bytes / 1024.0) FROM memory") KB"
