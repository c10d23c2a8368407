#!/usr/bin/env bash
# The price of definitions, called by run.sh with the environment of its cluster:
#
#   publish   an entity of 40 fields: publish_entity(), and the bare statements of its up script
#   preview   of one entity in a tenant of ENTITIES published ones
#   list      list_entities() of them
#   retype    preview of a draft that turns a text of ROWS records into a number
#
#   definitions.sh DATABASE FOLDER    FOLDER takes the intermediate files
#
# Prints a table of medians. Environment: ENTITIES (1000), ROWS (100000), ROUNDS (5).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
database=$1
work=$2
entities=${ENTITIES:-1000}
rows=${ROWS:-100000}
rounds=${ROUNDS:-5}
results=$work/definitions

main() {
    echo "==> $entities entities and $rows records" >&2
    run -v entities="$entities" -v rows="$rows" -f "$here/definitions.setup.sql" >/dev/null
    : >"$results"
    local round
    for ((round = 1; round <= rounds; round++)); do
        run -v round="$round" -v script="$work/bare.sql" -f "$here/definitions.sql" >>"$results"
    done
    print_table
}

run() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

median() {
    awk -v name="$1" '$1 == name { print $2 }' "$results" | sort -n |
        awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

print_table() {
    echo
    echo "| definitions | ms | aim | |"
    echo "|---|---|---|---|"
    local bare publish
    bare=$(median bare)
    publish=$(median publish)
    awk -v a="$bare" -v b="$publish" \
        'BEGIN { printf "| publish 40 fields | %.0f | 2000 | bare statements %.0f, ratio %.2f |\n", b, a, b / a }'
    awk -v ms="$(median preview)" -v n="$entities" 'BEGIN { printf "| preview one of %d entities | %.0f | 2000 | |\n", n, ms }'
    awk -v ms="$(median list)" -v n="$entities" 'BEGIN { printf "| list %d entities | %.0f | 500 | |\n", n, ms }'
    awk -v ms="$(median retype)" -v n="$rows" 'BEGIN { printf "| preview a retype of %d records | %.0f | 2000 | |\n", n, ms }'
    echo
}

main
