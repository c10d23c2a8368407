#!/usr/bin/env bash
# What row security costs: the same statements with the policy, as a role that is under it, and with the
# predicate written by hand, as a role that is not. Called by run.sh with the environment of its cluster.
#
#   get      by id                 page     25 by id               count    all rows
#   number   a range of amounts    text     a title contains       date     a range of dates
#
# On TENANTS (100) tables of ROWS_PER_TENANT (10000) rows, one of which is drawn for each round, and on one
# table of BIG_ROWS (1000000). The two ways take turns within each round, each with a plan that is kept, as
# the engine keeps its own; the ratio of the medians is what counts. Then has_permission(), CALLS (1000000) times.
#
#   row_security.sh DATABASE FOLDER    FOLDER takes the intermediate files
#
# Further environment: SECURITY_ROUNDS (9).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
database=$1
work=$2
tenants=${TENANTS:-100}
rows=${ROWS_PER_TENANT:-10000}
big=${BIG_ROWS:-1000000}
rounds=${SECURITY_ROUNDS:-9}
calls=${CALLS:-1000000}
results=$work/row_security
operations=(get page count number text date)

main() {
    echo "==> row security on $tenants tables of $rows rows and one of $big" >&2
    password=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
    run -v password="$password" -v tenants="$tenants" -v rows="$rows" -v big="$big" \
        -f "$here/row_security.setup.sql" >/dev/null
    : >"$results"
    local round operation
    for ((round = 1; round <= rounds; round++)); do
        for operation in "${operations[@]}"; do
            measure small "$operation" "bench$((round * 37 % tenants + 1))" "$rows" "$round"
            measure big "$operation" benchbig "$big" "$round"
        done
    done
    print_table
    measure_permission
}

run() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

token_of() {
    run -v email="$1@bench.example" -v tenant="$1" <<'SQL'
SELECT pgwright.login(:'email', 'bench secret', :'tenant') ->> 'access_token';
SQL
}

# Both ways of one operation on one table, the order changing from round to round.
measure() {
    local size=$1 operation=$2 tenant=$3 count=$4 round=$5 token way
    local ways=(policy hand)
    [[ $((round % 2)) -eq 0 ]] || ways=(hand policy)
    token=$(token_of "$tenant")
    for way in "${ways[@]}"; do
        echo "$size $operation $way $("time_$way" "$operation" "$tenant" "$count" "$token")" >>"$results"
    done
}

time_policy() { timed bench_security "$(statement "$1" "$2" "" "$3" pgwright)" "$1" "$4"; }

# The predicate of the policy, with its functions, and the operators that people write.
time_hand() {
    local by_hand="(SELECT pgwright.tenant_id()) = (SELECT '$(tenant_id "$2")'::uuid) AND (SELECT pgwright.has_permission('deal:read'))"
    timed bench_free "$(statement "$1" "$2" "$by_hand" "$3" plain)" "$1" "$4"
}

tenant_id() { run -c "SELECT id FROM pgwright.tenants WHERE slug = '$1'"; }

# statement OPERATION TENANT PREDICATE ROWS OPERATORS
statement() {
    local table=t_$2.deal number="amount >= 10 AND amount < 11" text="title ILIKE '%ab12c%'" condition=true
    if [[ $5 == pgwright ]]; then
        number="amount OPERATOR(pgwright.>=) 10 AND amount OPERATOR(pgwright.<) 11"
        text="title OPERATOR(pgwright.~@~) 'ab12c'"
    fi
    case $1 in
        get) condition="id = ('00000000-0000-7000-8000-' || 100000000000 + $4 / 2)::uuid" ;;
        number) condition=$number ;;
        text) condition=$text ;;
        date) condition="closes >= '2024-03-01' AND closes < '2024-03-08'" ;;
    esac
    local where="WHERE $condition ${3:+AND $3}"
    case $1 in
        count) echo "SELECT count(*) FROM $table $where" ;;
        get) echo "SELECT * FROM $table $where" ;;
        *) echo "SELECT * FROM $table $where ORDER BY id LIMIT 25" ;;
    esac
}

# Milliseconds of one execution: the statement runs for a while in one session, inside the server, so
# that neither the connection nor the client counts.
timed() {
    local repeats=2000
    [[ $3 != page ]] || repeats=1000
    [[ $3 == get || $3 == page ]] || repeats=30
    PGUSER=$1 PGPASSWORD=$password PGOPTIONS="-c pgwright.token=$4" run \
        -v statement="$2" -v repeats="$repeats" -f "$here/row_security.sql"
}

median() {
    awk -v key="$1" '$1 " " $2 " " $3 == key { print $4 }' "$results" | sort -n |
        awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

print_table() {
    echo
    echo "| row security | rows | by policy, ms | by hand, ms | ratio |"
    echo "|---|---|---|---|---|"
    local size operation count
    for size in small big; do
        count=$rows
        [[ $size == small ]] || count=$big
        for operation in "${operations[@]}"; do
            awk -v name="$operation" -v rows="$count" -v a="$(median "$size $operation policy")" \
                -v b="$(median "$size $operation hand")" \
                'BEGIN { printf "| %s | %d | %.3f | %.3f | %.2f |\n", name, rows, a, b, a / b }'
        done
    done
    echo
}

measure_permission() {
    local token
    token=$(token_of benchbig)
    PGUSER=bench_security PGPASSWORD=$password PGOPTIONS="-c pgwright.token=$token" run \
        -v calls="$calls" -f "$here/row_security.permission.sql"
}

main
