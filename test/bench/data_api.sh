#!/usr/bin/env bash
# The data API against SQL written by hand, on ROWS (100000) customers with three orders each, row security on.
# Called by run.sh with the environment of its cluster.
#
#   get      by id                    page     25 of a city, sorted        nested   the same with their orders
#   count    25 of a range of days and how many there are                  create   one
#   search   two words, ranked        bulk     1,000 in one call            upsert   by e-mail address
#
# Each in three ways: by hand, one statement that answers the same JSON, as a member of pgwright_user who has the
# same token and is under the same policies; by the SQL function in the same session; by HTTP. The statements are
# those in data_api/. Ways take turns over the rounds; medians of operations per second.
#
#   data_api.sh DATABASE FOLDER PORT    FOLDER takes the intermediate files, PORT is the HTTP server's
#
# Further environment: ROUNDS (5), SECONDS_PER_CELL (10), CLIENTS (4).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
database=$1
work=$2
port=$3
rows=${ROWS:-100000}
rounds=${ROUNDS:-5}
cell_seconds=${SECONDS_PER_CELL:-10}
clients=${CLIENTS:-4}
threads=$(nproc)
[[ $threads -le $clients ]] || threads=$clients
results=$work/data_api
# Reads first: what is created makes the tables larger.
operations=(get page nested count search upsert create bulk)

main() {
    echo "==> the data API on $rows customers" >&2
    password=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
    run -v password="$password" -v rows="$rows" -f "$here/data_api.setup.sql" >/dev/null
    token=$(run -c "SELECT pgwright.login('api@bench.example', 'bench secret', 'api') ->> 'access_token'")
    check_answers
    : >"$results"
    local round operation way number
    for operation in "${operations[@]}"; do
        for ((round = 1; round <= rounds; round++)); do
            for way in hand function http; do
                number=$("measure_$way" "$operation")
                echo "$operation $way $number" >>"$results"
            done
        done
    done
    print_table
}

run() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }
as_caller() { PGUSER=bench_api PGPASSWORD=$password PGOPTIONS="-c pgwright.token=$token" "$@"; }
fail() { echo "data_api.sh: $*" >&2; exit 1; }

# A comparison of two statements says something only if they answer the same.
check_answers() {
    local operation
    for operation in get page nested count search; do
        [[ $(answer "$operation" hand) == "$(answer "$operation" function)" ]] ||
            fail "$operation: the function answers $(answer "$operation" function), not $(answer "$operation" hand)"
    done
}

# With times in one form: the server's JSON writes +00:00 and no zeros at the end, ours Z and microseconds.
answer() {
    local n=7
    [[ $1 != get ]] || n=100000000007
    {
        echo "SET TimeZone = 'UTC';"
        sed '/^\\set/d; $ s/;$//' "$here/data_api/$1.$2.sql" | { printf 'SELECT answer::jsonb FROM ('; cat; printf ') AS a (answer);\n'; }
    } | as_caller run -v n="$n" | sed -E 's/\+00:00"/Z"/g; s/(\.[0-9]*[1-9])0+Z"/\1Z"/g'
}

measure_hand() { run_pgbench "$1.hand.sql"; }
measure_function() { run_pgbench "$1.function.sql"; }

run_pgbench() {
    local text
    text=$(as_caller pgbench -n -M prepared -c "$clients" -j "$threads" -T "$cell_seconds" -f "$here/data_api/$1" \
        -D rows="$rows" "$database" 2>&1) || fail "$1: $text"
    if grep -q 'number of failed transactions: [1-9]' <<<"$text"; then fail "$1: $text"; fi
    sed -n 's/^tps = \([0-9.]*\).*/\1/p' <<<"$text"
}

measure_http() {
    local text
    text=$(TOKEN=$token ROWS=$rows OPERATION=$1 wrk --timeout 30s -t "$threads" -c "$clients" -d "${cell_seconds}s" \
        -s "$here/data_api.lua" "http://127.0.0.1:$port" 2>&1) || fail "$1 by HTTP: $text"
    if grep -qE 'Non-2xx|Socket errors' <<<"$text"; then fail "$1 by HTTP: $text"; fi
    sed -n 's/^Requests\/sec: *\([0-9.]*\).*/\1/p' <<<"$text"
}

median() {
    awk -v key="$1" '$1 " " $2 == key { print $3 }' "$results" | sort -n |
        awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

print_table() {
    echo
    echo "| data API | (a) by hand /s | (b) SQL function /s | b/a | aim | (c) HTTP /s | c/a |"
    echo "|---|---|---|---|---|---|---|"
    local operation aim
    for operation in "${operations[@]}"; do
        case $operation in
            get) aim=0.6 ;;
            page | nested | count | search) aim=0.9 ;;
            bulk) aim=0.8 ;;
            *) aim= ;;
        esac
        awk -v name="$operation" -v aim="$aim" -v a="$(median "$operation hand")" -v b="$(median "$operation function")" \
            -v c="$(median "$operation http")" \
            'BEGIN { printf "| %s | %.0f | %.0f | %.2f | %s | %.0f | %.2f |\n", name, a, b, b / a, aim, c, c / a }'
    done
    echo
}

main
