#!/usr/bin/env bash
# The price of the data path, called by `make bench`: get by id and create, on one table of ROWS
# rows with row security on,
#
#   (a) bare SQL        pgbench -M prepared, as a member of pgwright_user with a token: the floor
#   (b) SQL functions   the same connection settings, pgwright.get_record() and create_record()
#   (c) HTTP            wrk with keep-alive, through the shim
#
# The cells take turns over several rounds, so that a machine that slows down slows all of them; the
# table shows medians and their ratio to (a). Then definitions.sh measures publishing, previews and lists
# of definitions, row_security.sh what a policy costs, data_api.sh reads and writes of all kinds, import.sh
# files, and one backend serves CALLS requests, to see whether its memory grows; growth is the only thing
# that makes this fail.
#
# Environment: PARTS (core definitions row_security data_api import memory), ROWS (100000), ENTITIES (1000),
# ROUNDS (5), SECONDS_PER_CELL (10), CLIENTS (4), CALLS (1000000).
# The cluster is a private one with PostgreSQL's own settings for durability, removed at the end.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/test/bench
work=$top/build/bench
cluster=$work/cluster
make=${MAKE:-make}
rows=${ROWS:-100000}
rounds=${ROUNDS:-5}
cell_seconds=${SECONDS_PER_CELL:-10}
clients=${CLIENTS:-4}
calls=${CALLS:-1000000}
parts=${PARTS:-core definitions row_security data_api import memory}
threads=$(nproc)
[[ $threads -le $clients ]] || threads=$clients
database=bench
PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}
export PG_CONFIG
shim_pid=
# What a backend may hold more after CALLS requests than before, for all of them together.
growth_limit_bytes=65536
growth_limit_rss_kb=1024

main() {
    mkdir -p "$work"
    trap tidy EXIT
    trap 'exit 130' INT TERM
    "$make" -C "$top" build
    start_cluster
    make_table
    start_shim
    local part
    for part in $parts; do
        declare -F "part_$part" >/dev/null || fail "unknown part: $part"
        "part_$part"
    done
}

part_core() {
    say "$rounds rounds of $cell_seconds s per cell, $clients clients"
    local round operation way
    for ((round = 1; round <= rounds; round++)); do
        for operation in get create; do
            for way in bare function http; do
                "measure_$way" "$operation" >>"$work/$operation.$way"
            done
        done
        say "round $round of $rounds is done"
    done
    print_table
}

part_definitions() { ROUNDS=$rounds ROWS=$rows "$here/definitions.sh" "$database" "$work"; }
part_row_security() { "$here/row_security.sh" "$database" "$work"; }
part_data_api() { "$here/data_api.sh" "$database" "$work" "$port"; }
part_import() { ROUNDS=$rounds "$here/import.sh" "$rows"; }
part_memory() { check_memory; }

say() { echo "==> $*" >&2; }
fail() { echo "make bench: $*" >&2; exit 1; }

# --- setting up -----------------------------------------------------------------------------------

admin() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

start_cluster() {
    say "a private cluster in ${cluster#"$top"/}"
    "$top/test/cluster.sh" stop "$cluster"
    "$top/test/cluster.sh" remove "$cluster"
    rm -f "$work"/get.* "$work"/create.*
    "$make" -C "$top" install-private INTO="$cluster"
    "$top/test/cluster.sh" start "$cluster"
    eval "$("$top/test/cluster.sh" env "$cluster")"
    PATH=$("$PG_CONFIG" --bindir):$PATH
    psql -X -q -c "CREATE DATABASE $database"
}

# Identifiers end in a decimal number, so that pgbench and wrk can draw existing ones at random.
make_table() {
    say "a table of $rows rows"
    password=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
    # The token has to outlive the measurements.
    ROLE_PASSWORD=$password admin -v rows="$rows" -f "$here/setup.sql" >/dev/null
    token=$(ROLE_PASSWORD=$password admin <<'SQL'
\getenv password ROLE_PASSWORD
SELECT pgwright.login('bench@bench.example', :'password') ->> 'access_token';
SQL
    )
    [[ -n $token ]] || fail "no token"
}

start_shim() {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    PGWRIGHT_SHIM_DATABASE="host=$PGHOST port=$PGPORT user=bench_shim password=$password dbname=$database" \
        PGWRIGHT_SHIM_PORT=$port "$top/build/cmake/bin/pgwright-shim" </dev/null >"$work/shim.log" 2>&1 &
    shim_pid=$!
    local waited
    for ((waited = 0; waited < 150; waited++)); do
        if curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$port/api/health/database"; then return; fi
        sleep 0.2
    done
    tail "$work/shim.log" >&2
    fail "the HTTP server does not answer"
}

tidy() {
    local outcome=$?
    trap - EXIT
    if [[ -n $shim_pid ]]; then
        kill -TERM "$shim_pid" 2>/dev/null || true
        wait "$shim_pid" 2>/dev/null || true
    fi
    "$top/test/cluster.sh" stop "$cluster" || true
    "$top/test/cluster.sh" remove "$cluster" || true
    exit "$outcome"
}

# --- measuring: each prints operations per second -------------------------------------------------

measure_bare() { run_pgbench "$1.bare.sql"; }
measure_function() { run_pgbench "$1.function.sql"; }

run_pgbench() {
    local text
    text=$(PGUSER=bench_user PGPASSWORD=$password PGOPTIONS="-c pgwright.token=$token" \
        pgbench -n -M prepared -c "$clients" -j "$threads" -T "$cell_seconds" -f "$here/$1" \
        -D rows="$rows" "$database" 2>&1) || fail "$1: $text"
    if grep -q 'number of failed transactions: [1-9]' <<<"$text"; then fail "$1: $text"; fi
    sed -n 's/^tps = \([0-9.]*\).*/\1/p' <<<"$text"
}

measure_http() {
    local text
    text=$(TOKEN=$token ROWS=$rows wrk --timeout 30s -t "$threads" -c "$clients" -d "${cell_seconds}s" \
        -s "$here/$1.lua" "http://127.0.0.1:$port" 2>&1) || fail "$1.lua: $text"
    if grep -qE 'Non-2xx|Socket errors' <<<"$text"; then fail "$1.lua: $text $(tail -n 3 "$work/shim.log")"; fi
    sed -n 's/^Requests\/sec: *\([0-9.]*\).*/\1/p' <<<"$text"
}

# --- telling --------------------------------------------------------------------------------------

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

print_table() {
    echo
    echo "$(nproc) x $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(psql --version)"
    echo "$rows rows, row security on, $clients clients, medians of $rounds rounds of $cell_seconds s"
    echo
    echo "| operation | (a) bare SQL /s | (b) SQL function /s | b/a | (c) HTTP /s | c/a |"
    echo "|---|---|---|---|---|---|"
    local operation
    for operation in get create; do
        awk -v name="$operation" -v a="$(median "$work/$operation.bare")" \
            -v b="$(median "$work/$operation.function")" -v c="$(median "$work/$operation.http")" \
            'BEGIN { printf "| %s | %.0f | %.0f | %.2f | %.0f | %.2f |\n", name, a, b, b / a, c, c / a }'
    done
    echo
}

# One session, each call a statement and a transaction of its own, as a connection of a pool has it.
check_memory() {
    say "$calls calls of get_record in one backend"
    local before after bytes rss
    {
        echo "SELECT set_config('pgwright.token', '$token', false) \\g /dev/null"
        echo "PREPARE get AS SELECT pgwright.get_record('bench_item', '00000000-0000-7000-8000-' || (100000000000 + \$1));"
        cat "$here/memory.sql"
        echo "\\o /dev/null"
        executes 20000
        echo "\\o"
        echo "SELECT 'BEFORE';"
        echo "EXECUTE memory;"
        echo "\\o /dev/null"
        executes "$calls"
        echo "\\o"
        echo "SELECT 'AFTER';"
        echo "EXECUTE memory;"
    } | admin -F ' ' >"$work/memory.out"
    read -r before rss_before < <(sed -n '/^BEFORE/{n;p}' "$work/memory.out")
    read -r after rss_after < <(sed -n '/^AFTER/{n;p}' "$work/memory.out")
    bytes=$((after - before))
    rss=$((rss_after - rss_before))
    echo "memory contexts: $before bytes before, $after after $calls calls: $bytes more"
    echo "private memory: $rss_before kB before, $rss_after kB after: $rss more"
    [[ $bytes -le $growth_limit_bytes && $rss -le $growth_limit_rss_kb ]] || fail "the backend's memory grows"
}

executes() { awk -v n="$1" -v rows="$rows" 'BEGIN { srand(1); for (i = 0; i < n; i++) print "EXECUTE get(" int(rand() * rows) ");" }'; }

main
