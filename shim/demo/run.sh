#!/usr/bin/env bash
# The demo application on a private cluster; called by `make run` and `make stop`.
#
#   run.sh start    in the foreground, until Ctrl-C, SIGTERM or `run.sh stop`
#   run.sh stop     from another terminal; also tidies up after a start that was killed
#
# The state is in $PGWRIGHT_STATE, default .pgwright: the cluster (test/cluster.sh), passwords, the
# shim's log and, while the demo is complete and being served, demo.env, which scripts can source.
# Data outlive a stop: the next start loads only what is missing.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
state=${PGWRIGHT_STATE:-$top/.pgwright}
port=${PORT:-8080}
make=${MAKE:-make}
url=http://127.0.0.1:$port
database=pgwright
email=owner@demo.example
login=pgwright_demo_shim
shim_binary=$top/build/cmake/bin/pgwright-shim
shim_pid=
# How long the shim may take to answer its health check, and to finish what it is doing when stopped.
start_seconds=30
stop_seconds=20

fail() { printf 'make run: %s\n' "$*" >&2; exit 1; }
say() { printf '==> %s\n' "$*"; }
cluster() { "$top/test/cluster.sh" "$@"; }
admin() { cluster psql "$state" "$1" -X -q -A -t -v ON_ERROR_STOP=1 "${@:2}"; }

main() {
    case ${1:-} in
        start) start ;;
        stop) stop ;;
        *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
}

# --- start ----------------------------------------------------------------------------------------

start() {
    [[ $port =~ ^[0-9]{1,5}$ && $port -ge 1 && $port -le 65535 ]] || fail "PORT=$port is not a port"
    # Root's has to be passable for the users that the server and the shim run as.
    [[ -d $state ]] || mkdir -m "$([[ $EUID -eq 0 ]] && echo 711 || echo 700)" "$state"
    claim
    trap tidy EXIT
    trap 'exit 0' INT TERM HUP
    stop_remains
    refuse_busy_port
    "$make" -C "$top" build

    say "starting a private cluster in ${state#"$top"/}"
    "$make" -C "$top" install-private INTO="$state"
    cluster start "$state"
    prepare_database
    say "starting the HTTP server on $url"
    start_shim
    say "loading the demo application"
    load_demo
    write_environment
    greet
    wait_for_shim
}

# Held by this process alone, so that it ends with it, however that ends.
claim() {
    exec 9>"$state/run.lock"
    flock -n 9 || fail "already running (process $(cat "$state/run.pid" 2>/dev/null || echo unknown)); 'make stop' stops it"
    echo $$ >"$state/run.pid"
}

refuse_busy_port() {
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        fail "port $port is in use by another program; choose one with 'make run PORT=...'"
    fi
}

# A password is made once and never seen on a command line.
secret() {
    local file=$state/$1.password
    if [[ ! -s $file ]]; then
        (umask 077 && head -c 18 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_' >"$file")
    fi
    cat "$file"
}

prepare_database() {
    if [[ $(admin postgres -c "SELECT count(*) FROM pg_database WHERE datname = '$database'") == 0 ]]; then
        admin postgres -c "CREATE DATABASE $database"
    fi
    warn_of_older_build
    # psql takes the passwords from the environment. A failing statement would be logged with them,
    # hence the last line of PGOPTIONS.
    SHIM_PASSWORD=$(secret shim) OWNER_PASSWORD=$(secret owner) OWNER_EMAIL=$email \
        PGOPTIONS="-c client_min_messages=warning -c log_min_error_statement=panic" \
        admin "$database" >/dev/null <<SQL
\\getenv shim_password SHIM_PASSWORD
\\getenv owner_password OWNER_PASSWORD
\\getenv email OWNER_EMAIL
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgwright;
SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$login') AS missing \\gset
\\if :missing
    CREATE ROLE $login LOGIN INHERIT IN ROLE pgwright_shim;
\\endif
ALTER ROLE $login PASSWORD :'shim_password';
SELECT NOT EXISTS (SELECT FROM pgwright.tenants WHERE slug = 'demo') AS missing \\gset
\\if :missing
    SELECT pgwright.create_tenant('demo', 'Demo');
\\endif
SELECT NOT EXISTS (SELECT FROM pgwright.users WHERE email = :'email') AS missing \\gset
\\if :missing
    SELECT pgwright.create_user(:'email', :'owner_password', 'demo', 'owner', 'Demo Owner');
\\endif
COMMIT;
SQL
}

# CREATE EXTENSION ran an earlier build's script; its library has just been replaced.
warn_of_older_build() {
    local now recorded=$state/install-script.sha256
    now=$(cat "$top"/sql/*.sql | sha256sum)
    if [[ $(admin "$database" -c "SELECT count(*) FROM pg_extension WHERE extname = 'pgwright'") == 0 ]]; then
        echo "$now" >"$recorded"
    elif [[ $now != "$(cat "$recorded" 2>/dev/null)" ]]; then
        say "this cluster was made by another build; 'make clean' and 'make run' start over"
    fi
}

# Root's shim runs as nobody, or as the server's user where nobody cannot reach it.
shim_user() {
    local user
    for user in nobody postgres; do
        if setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups test -x "$1" 2>/dev/null; then
            echo "$user"
            return
        fi
    done
    fail "no user but root can reach $1"
}

start_shim() {
    local home program as_user=() user
    home=$(<"$state/cluster-home")
    program=$home/pgwright-shim
    # A copy, so that a build while it serves does not fail on a busy file, and others can reach it.
    install -m 755 "$shim_binary" "$program"
    if [[ $EUID -eq 0 ]]; then
        user=$(shim_user "$program")
        as_user=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups)
    fi
    (umask 077 && : >"$state/shim.log")
    # setsid: Ctrl-C in the terminal reaches this script only, which then stops the shim gracefully.
    PGWRIGHT_SHIM_DATABASE="$(cluster dsn "$state" "$database" | sed 's/ user=.*//') user=$login password=$(secret shim) dbname=$database" \
        PGWRIGHT_SHIM_LISTEN_ADDRESS=127.0.0.1 PGWRIGHT_SHIM_PORT=$port \
        setsid "${as_user[@]}" "$program" </dev/null >>"$state/shim.log" 2>&1 9>&- &
    shim_pid=$!
    echo "$shim_pid" >"$state/shim.pid"

    local deadline=$((SECONDS + start_seconds))
    until curl -sf -o /dev/null --max-time 5 "$url/api/health/database"; do
        shim_runs || { tail -n 20 "$state/shim.log" >&2; fail "the HTTP server has stopped; see $state/shim.log"; }
        [[ $SECONDS -lt $deadline ]] || { tail -n 20 "$state/shim.log" >&2; fail "the HTTP server does not answer"; }
        sleep 0.2
    done
}

shim_runs() { [[ -n $shim_pid ]] && kill -0 "$shim_pid" 2>/dev/null; }

load_demo() {
    PGWRIGHT_URL=$url PGWRIGHT_EMAIL=$email PGWRIGHT_PASSWORD=$(secret owner) \
        PYTHONDONTWRITEBYTECODE=1 python3 "$top/shim/demo/load.py" 9>&- || fail "the demo could not be loaded"
}

# Complete or not there: written beside and renamed.
write_environment() {
    (
        umask 077
        {
            echo "# What 'make run' serves; there while it does."
            assign PGWRIGHT_URL "$url"
            assign PGWRIGHT_EMAIL "$email"
            assign PGWRIGHT_PASSWORD "$(secret owner)"
            assign PGWRIGHT_DSN "$(cluster dsn "$state" "$database")"
        } >"$state/demo.env.new"
    )
    mv "$state/demo.env.new" "$state/demo.env"
}

assign() { printf "%s='%s'\n" "$1" "${2//\'/\'\\\'\'}"; }

greet() {
    cat <<TEXT

pgwright serves the demo application on $url. Ctrl-C stops it; data stay for the next run.

  sign in as   $email
  password     $(secret owner)

In another terminal, in this folder:

  . ${state#"$top"/}/demo.env
  TOKEN=\$(curl -s \$PGWRIGHT_URL/api/v1/auth/login -H 'Content-Type: application/json' \\
      -d "{\"email\":\"\$PGWRIGHT_EMAIL\",\"password\":\"\$PGWRIGHT_PASSWORD\"}" | jq -r .access_token)
  curl -s -H "Authorization: Bearer \$TOKEN" "\$PGWRIGHT_URL/api/v1/auth/me" | jq
  curl -s -H "Authorization: Bearer \$TOKEN" "\$PGWRIGHT_URL/api/v1/data-model/entities" | jq '.[].name'
  curl -s -H "Authorization: Bearer \$TOKEN" "\$PGWRIGHT_URL/api/v1/dynamic-data/company/records?page_size=3" | jq
  make psql    # SELECT pgwright.act_as('$email'); SELECT pgwright.list_records('country');
  make stop

The server's log is ${state#"$top"/}/shim.log.
TEXT
}

wait_for_shim() {
    local outcome=0
    wait "$shim_pid" || outcome=$?
    shim_pid=
    tail -n 20 "$state/shim.log" >&2
    fail "the HTTP server has stopped by itself (exit code $outcome); see $state/shim.log"
}

# --- stop -----------------------------------------------------------------------------------------

tidy() {
    local outcome=$?
    trap - EXIT
    trap '' INT TERM HUP
    rm -f "$state/demo.env" "$state/demo.env.new"
    if shim_runs; then
        say "stopping"
        end_process "$shim_pid"
    fi
    cluster stop "$state" || outcome=1
    rm -f "$state/shim.pid" "$state/run.pid"
    exit "$outcome"
}

end_process() {
    local pid=$1 deadline=$((SECONDS + stop_seconds))
    kill -TERM "$pid" 2>/dev/null || return 0
    while alive "$pid"; do
        if [[ $SECONDS -ge $deadline ]]; then
            kill -KILL "$pid" 2>/dev/null || true
            return 0
        fi
        sleep 0.1
    done
}

# A dead process that nobody has waited for still has a number.
alive() { [[ -d /proc/$1 && $(awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null) != Z ]]; }

# The number in a file may be another program's by now.
process_of() {
    local pid
    pid=$(cat "$state/$1" 2>/dev/null) && alive "$pid" && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q "$2" && echo "$pid"
}

# A start that was killed leaves a shim and a cluster behind.
stop_remains() {
    local pid
    rm -f "$state/demo.env"
    if pid=$(process_of shim.pid pgwright-shim); then end_process "$pid"; fi
    rm -f "$state/shim.pid"
    cluster stop "$state"
}

stop() {
    [[ -d $state ]] || return 0
    local pid deadline=$((SECONDS + stop_seconds + 60))
    if pid=$(process_of run.pid run.sh); then
        kill -TERM "$pid"
        while alive "$pid"; do
            [[ $SECONDS -lt $deadline ]] || { echo "make stop: process $pid does not end" >&2; exit 1; }
            sleep 0.1
        done
    fi
    stop_remains
}

main "$@"
