#!/usr/bin/env bash
# Runs the test suites and counts what passed and failed; called by `make check`.
#
#   run.sh [SUITE...]    default: all of them, in this order (the array below)
#   run.sh sanitized     the C++ tests and the fuzzers under the sanitizers, for `make check-long`
#   run.sh lifecycle_long differential_long    many more random life cycles and lists, for the same
#   run.sh memory        exports and imports of 1,000,000 records, and what they take of memory, for the same
#   run.sh --clean       removes what an interrupted run has left
#
# The last line is "N passed, N failed", also in build/check/summary. A suite that ran no test has
# failed, and so has one whose program crashed. Each suite's output is in build/check/<suite>.log
# and shown when it fails. What needs a server shares one throw-away cluster with a server of its
# own (test/cluster.sh); every test file gets a database of its own.
set -euo pipefail

all_suites=(lint build unit regress isolation pgtap lifecycle differential dump crash shim http)

top=$(cd "$(dirname "$0")/.." && pwd)
out=$top/build/check
cluster=$out/cluster
template=pgwright_template
jobs=$(nproc)
# Debian's, which has Debian's pytest; another python3 may come before it in PATH.
python=$([[ -x /usr/bin/python3 ]] && echo /usr/bin/python3 || echo python3)
make=${MAKE:-make}
PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}
export PG_CONFIG

# Messages and order must not depend on who runs the tests.
export LC_ALL=C.UTF-8 TZ=UTC PGTZ=UTC
unset PGSERVICE PGOPTIONS PGDATABASE PGHOST PGPORT PGUSER PGPASSWORD MAKEFLAGS MAKELEVEL

total_passed=0
total_failed=0

main() {
    local suites=("$@")
    [[ ${#suites[@]} -gt 0 ]] || suites=("${all_suites[@]}")
    local suite
    for suite in "${suites[@]}"; do
        declare -F "suite_$suite" >/dev/null || { echo "unknown suite: $suite (${all_suites[*]})" >&2; exit 2; }
    done

    mkdir -p "$out"
    exec 8>"$out/lock"
    flock -n 8 || { echo "another run of the tests is going on in this folder" >&2; exit 1; }
    rm -f "$out/summary" "$out/cluster.ready" # a run that was killed may have left them
    trap stop_cluster EXIT
    trap 'exit 130' INT TERM

    for suite in "${suites[@]}"; do
        run_suite "$suite" || break
    done
    echo "$total_passed passed, $total_failed failed" | tee "$out/summary"
    [[ $total_failed -eq 0 && $total_passed -gt 0 ]]
}

# A suite prints whatever it likes and reports its numbers with `count PASSED FAILED`, any number of
# times. Returns false when the rest cannot run either.
run_suite() {
    local suite=$1 log=$out/$1.log counts=$out/$1.counts outcome=0 passed failed started=$SECONDS
    : >"$counts"
    # Not in a condition, where `set -e` would not hold inside the function.
    set +e
    (set -e; "suite_$suite") >"$log" 2>&1 </dev/null 8>&-
    outcome=$?
    set -e
    passed=$(awk '{ n += $1 } END { print n + 0 }' "$counts")
    failed=$(awk '{ n += $2 } END { print n + 0 }' "$counts")
    if [[ $((passed + failed)) -eq 0 ]]; then
        echo "no test was run" >>"$log"
        failed=1
    elif [[ $outcome -ne 0 && $failed -eq 0 ]]; then
        echo "the suite ended with exit code $outcome" >>"$log"
        failed=1
    fi
    rm -f "$counts"
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    [[ $failed -eq 0 ]] || show_log "$suite" "$log"
    printf '%-10s %5d passed %5d failed  %4d s\n' "$suite" "$passed" "$failed" $((SECONDS - started))
    [[ $suite != build || $failed -eq 0 ]]
}

count() { echo "$1 $2" >>"$out/${FUNCNAME[1]#suite_}.counts"; }

show_log() {
    echo "---- $1: the end of ${2#"$top"/}"
    tail -n 200 "$2" | sed 's/^/| /'
    echo "----"
}

# --- without a server -----------------------------------------------------------------------------

suite_lint() {
    local outcome=0 text
    text=$(test_program test/lint.py) || outcome=$?
    echo "$text"
    # shellcheck disable=SC2046
    count $(sed -n 's/^clang-[a-z]*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' <<<"$text" |
        awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
    return "$outcome"
}

suite_build() {
    "$make" -C "$top" build unit-tests
    count 1 0
}

suite_unit() { run_ctest "$top/build/cmake"; }

run_ctest() {
    local outcome=0 text
    text=$(ctest --test-dir "$1" --no-tests=error --output-on-failure --timeout 300 -j "$jobs" 2>&1) || outcome=$?
    echo "$text"
    local failed all
    read -r failed all < <(sed -n 's/^.*, \([0-9]*\) tests* failed out of \([0-9]*\)$/\1 \2/p' <<<"$text" | tail -n 1) || true
    echo "$((${all:-0} - ${failed:-0})) ${failed:-0}" >>"$out/${FUNCNAME[1]#suite_}.counts"
    return "$outcome"
}

suite_sanitized() {
    cmake -S "$top" -B "$top/build/sanitized" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPGWRIGHT_SANITIZE=ON
    cmake --build "$top/build/sanitized"
    run_ctest "$top/build/sanitized"
    BUILD_DIR=$top/build/fuzz "$top/test/fuzz/run.sh"
    count 1 0
}

# --- with a server --------------------------------------------------------------------------------

# The first suite that needs the cluster makes it, from nothing.
need_cluster() {
    if [[ ! -f $out/cluster.ready ]]; then
        remove_cluster
        "$make" -C "$top" install-private INTO="$cluster" TEST_MODULE=1
        "$top/test/cluster.sh" start "$cluster" --throwaway
        "$top/test/cluster.sh" psql "$cluster" postgres -X -v ON_ERROR_STOP=1 -q \
            -c "CREATE DATABASE $template" -c "\\c $template" \
            -c "CREATE EXTENSION pgwright" -c "CREATE EXTENSION pgtap"
        touch "$out/cluster.ready"
    fi
    eval "$("$top/test/cluster.sh" env "$cluster")"
    PATH=$("$PG_CONFIG" --bindir):$PATH
}

stop_cluster() {
    rm -f "$out/cluster.ready"
    "$top/test/cluster.sh" stop "$cluster" || true
}

remove_cluster() {
    stop_cluster
    "$top/test/cluster.sh" remove "$cluster"
}

fresh_database() {
    local from=${2:-$template}
    psql -X -q -v ON_ERROR_STOP=1 -d postgres -c "SET client_min_messages = warning" \
        -c "DROP DATABASE IF EXISTS \"$1\" WITH (FORCE)" -c "CREATE DATABASE \"$1\" TEMPLATE $from"
}

suite_regress() {
    need_cluster
    fresh_database regression
    local tests=()
    mapfile -t tests < <(names_in regress/sql .sql)
    run_pg_regress "$(regress_program regress/pg_regress)" sql "${tests[@]}"
}

suite_isolation() {
    need_cluster
    fresh_database isolation_regression
    local tests=()
    mapfile -t tests < <(names_in regress/specs .spec)
    PGISOLATIONTIMEOUT=60 run_pg_regress "$(regress_program isolation/pg_isolation_regress)" specs "${tests[@]}"
}

names_in() { find "$top/$1" -maxdepth 1 -name "*$2" -printf '%f\n' | sed "s/\\$2\$//" | sort; }

regress_program() { echo "$(dirname "$("$PG_CONFIG" --pgxs)")/../test/$1"; }

# pg_regress prints a line for each test: "test name ... ok 12 ms", or FAILED.
run_pg_regress() {
    local program=$1 kind=$2 outcome=0 text database=regression
    shift 2
    [[ $# -gt 0 ]] || return 1
    [[ $kind == sql ]] || database=isolation_regression
    mkdir -p "$out/$kind"
    text=$("$program" --use-existing --dbname="$database" --host="$PGHOST" --port="$PGPORT" --user="$PGUSER" \
        --inputdir="$top/regress" --outputdir="$out/$kind" --bindir="$("$PG_CONFIG" --bindir)" \
        --max-connections="$jobs" "$@" 2>&1) || outcome=$?
    echo "$text"
    [[ ! -s $out/$kind/regression.diffs ]] || cat "$out/$kind/regression.diffs"
    echo "$(grep -cE '\.\.\. ok' <<<"$text" || true) $(grep -cE '\.\.\. (failed|FAILED)' <<<"$text" || true)" \
        >>"$out/${FUNCNAME[1]#suite_}.counts"
    return "$outcome"
}

suite_pgtap() {
    need_cluster
    export -f fresh_database run_tap_file
    export out template PGWRIGHT_SOURCE=$top
    names_in test/pgtap .sql | xargs -P "$jobs" -I{} bash -c 'run_tap_file "$@"' _ "$top/test/pgtap" {}
}

# One file of test/pgtap, in a database of its own. pg_prove judges plan, exit code and results;
# the lines are counted here.
run_tap_file() {
    set -euo pipefail
    local database=tap_$2 text outcome=0 passed failed
    fresh_database "$database"
    text=$(timeout 600 pg_prove --verbose --dbname "$database" "$1/$2.sql" 2>&1) || outcome=$?
    psql -X -q -d postgres -c "DROP DATABASE \"$database\" WITH (FORCE)"
    passed=$(grep -cE '^ok ' <<<"$text" || true)
    failed=$(grep -E '^not ok ' <<<"$text" | grep -cv '# TODO' || true)
    if [[ $outcome -ne 0 && $failed -eq 0 ]]; then failed=1; fi
    echo "$passed $failed" >>"$out/pgtap.counts"
    printf '== %s: %d passed, %d failed\n' "$2" "$passed" "$failed"
    [[ $failed -eq 0 ]] || grep -vE '^ok ' <<<"$text"
}

suite_dump() {
    need_cluster
    fresh_database dump
    PGWRIGHT_TEST_DSN=$("$top/test/cluster.sh" dsn "$cluster" dump) run_pytest test/dump
}

# The server is killed in the middle of writes; so this one has a cluster of its own, which keeps what is committed.
suite_crash() {
    local own=$out/crash-cluster outcome=0
    "$top/test/cluster.sh" stop "$own" || true
    "$top/test/cluster.sh" remove "$own"
    "$make" -C "$top" install-private INTO="$own"
    "$top/test/cluster.sh" start "$own"
    "$top/test/cluster.sh" psql "$own" postgres -X -q -v ON_ERROR_STOP=1 -c "CREATE DATABASE crash"
    "$top/test/cluster.sh" psql "$own" crash -X -q -v ON_ERROR_STOP=1 -c "CREATE EXTENSION pgwright"
    PGWRIGHT_CRASH_CLUSTER=$own run_pytest test/crash || outcome=$?
    "$top/test/cluster.sh" stop "$own" || true
    "$top/test/cluster.sh" remove "$own"
    return "$outcome"
}

# Random drafts, publications, writes and rollbacks, against a model of them.
suite_lifecycle() {
    need_cluster
    fresh_database lifecycle
    PGWRIGHT_TEST_DSN=$("$top/test/cluster.sh" dsn "$cluster" lifecycle) run_pytest test/lifecycle
}

# Random conditions, lists and pages over random records, against an evaluator of them.
suite_differential() {
    need_cluster
    fresh_database differential
    PGWRIGHT_TEST_DSN=$("$top/test/cluster.sh" dsn "$cluster" differential) run_pytest test/differential
}

suite_differential_long() {
    need_cluster
    fresh_database differential
    PGWRIGHT_TEST_DSN=$("$top/test/cluster.sh" dsn "$cluster" differential) \
        PGWRIGHT_DIFFERENTIAL_RUNS=10 PGWRIGHT_DIFFERENTIAL_SEED=1000 run_pytest test/differential
}

suite_lifecycle_long() {
    need_cluster
    fresh_database lifecycle
    PGWRIGHT_TEST_DSN=$("$top/test/cluster.sh" dsn "$cluster" lifecycle) \
        PGWRIGHT_LIFECYCLE_RUNS=300 PGWRIGHT_LIFECYCLE_SEED=1000 run_pytest test/lifecycle
}

# The shim alone, against a stand-in for the extension.
suite_shim() {
    need_cluster
    fresh_database shim_live template0
    PGWRIGHT_TEST_DSN=$("$top/test/cluster.sh" dsn "$cluster" shim_live) run_pytest test/shim/live
}

suite_http() {
    need_cluster
    fresh_database http
    PGWRIGHT_TEST_DSN=$("$top/test/cluster.sh" dsn "$cluster" http) run_pytest test/http
}

suite_memory() {
    need_cluster
    fresh_database memory
    PGWRIGHT_TEST_DSN=$("$top/test/cluster.sh" dsn "$cluster" memory) run_pytest test/memory -rP
}

run_pytest() {
    local outcome=0 report=$out/pytest.xml
    rm -f "$report"
    [[ -d $top/$1 ]] || return 1
    PGWRIGHT_SHIM_BIN=$top/build/cmake/bin/pgwright-shim PYTHONDONTWRITEBYTECODE=1 \
        "$python" -m pytest -q -p no:cacheprovider --junitxml="$report" "$top/$1" "${@:2}" || outcome=$?
    "$python" - "$report" >>"$out/${FUNCNAME[1]#suite_}.counts" <<'PYTHON'
import sys
import xml.etree.ElementTree

suite = xml.etree.ElementTree.parse(sys.argv[1]).getroot().find("testsuite")
number = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
failed = number["failures"] + number["errors"]
print(number["tests"] - failed - number["skipped"], failed)
PYTHON
    return "$outcome"
}

test_program() { (cd "$top" && "./$1"); }

if [[ ${1:-} == --clean ]]; then
    remove_cluster
else
    main "$@"
fi
