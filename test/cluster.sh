#!/usr/bin/env bash
# A private PostgreSQL cluster in a folder, with a private copy of the server that runs it, so that
# neither the machine's clusters nor its installed extensions are touched, and two clusters never
# share an extension.
#
#   cluster.sh server DIR            makes or refreshes the copy of the server, prints its pg_config
#   cluster.sh start DIR [--throwaway]   initialises when needed and starts; --throwaway: not durable
#   cluster.sh stop DIR              stops; nothing to do is fine
#   cluster.sh status DIR            exit code 0 when it runs
#   cluster.sh dsn DIR [DB]          a superuser's connection string
#   cluster.sh env DIR [DB]          the same as shell assignments of PGHOST, PGUSER, ...
#   cluster.sh psql DIR DB [ARG...]  psql as superuser
#   cluster.sh remove DIR            removes it when it is stopped
#
# It listens on a socket in its own folder only, never on TCP, so no port can be taken. Every
# connection needs a password; the superuser's is random and in a file that only the caller reads.
#
# PostgreSQL refuses to run as root: then the server runs as user postgres. If that user cannot
# reach DIR, the cluster lives in /var/lib/pgwright/ and DIR keeps only the password and the place.
set -euo pipefail
umask 022

PG_CONFIG=${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}
command -v "$PG_CONFIG" >/dev/null || PG_CONFIG=pg_config
server_user=postgres
timeout_seconds=60

fail() { printf 'cluster.sh: %s\n' "$*" >&2; exit 1; }

[[ $# -ge 2 ]] || { sed -n '2,21s/^# \{0,1\}//p' "$0" >&2; exit 2; }
action=$1
dir=$(realpath -m -- "$2")
shift 2

main() {
    case $action in
        server) in_folder; make_server; echo "$bin/pg_config" ;;
        start) in_folder; start "$@" ;;
        stop) known_folder || return 0; stop ;;
        status) known_folder && running ;;
        dsn) need_folder; dsn "$@" ;;
        env) need_folder; environment "$@" ;;
        psql) need_folder; open_psql "$@" ;;
        remove) known_folder || return 0; remove ;;
        *) fail "unknown command $action" ;;
    esac
}

# --- the folder -----------------------------------------------------------------------------------

as_server() {
    if [[ $EUID -eq 0 ]]; then
        (cd / && setpriv --reuid="$server_user" --regid="$server_user" --init-groups "$@")
    else
        "$@"
    fi
}

# The choice is written down, so that a later change of permissions does not lose the cluster.
in_folder() {
    if [[ ! -d $dir ]]; then
        mkdir -p "$(dirname "$dir")"
        mkdir -m "$([[ $EUID -eq 0 ]] && echo 711 || echo 700)" "$dir"
    fi
    if [[ ! -f $dir/cluster-home ]]; then
        local place=$dir
        if ! as_server test -x "$dir" 2>/dev/null; then
            place=/var/lib/pgwright/$(basename "$(dirname "$dir")")-$(sha256sum <<<"$dir" | cut -c1-12)
            mkdir -p "$place"
        fi
        echo "$place" >"$dir/cluster-home"
    fi
    known_folder
}

known_folder() {
    [[ -f $dir/cluster-home ]] || return 1
    home=$(<"$dir/cluster-home")
    data=$home/data
    server=$home/server
    bin=$server$("$PG_CONFIG" --bindir)
    if [[ -f $dir/socket-dir ]]; then socket=$(<"$dir/socket-dir"); else socket=$home/socket; fi
}

need_folder() { known_folder || fail "no cluster in $dir"; }

# --- the private copy of the server ---------------------------------------------------------------

# PostgreSQL looks for its libraries and extensions relative to its executable. A copy of the
# executables under a tree of links is thus an installation of its own, into which `make install`
# puts the extension. The layout below $server is that of the machine's root.
make_server() {
    local machine_bin library share include
    machine_bin=$("$PG_CONFIG" --bindir)
    library=$("$PG_CONFIG" --pkglibdir)
    share=$("$PG_CONFIG" --sharedir)
    include=$("$PG_CONFIG" --pkgincludedir)
    [[ -x $machine_bin/postgres ]] || fail "no server in $machine_bin: run 'make deps'"

    mkdir -p "$server$library" "$server$share/extension" "$(dirname "$server$include")"
    ln -sfn "$include" "$server$include"
    link_all "$library" "$server$library"
    link_all "$share" "$server$share" ! -name extension
    link_all "$share/extension" "$server$share/extension"

    # Copied again after the machine's server was updated; moved into place, because it may be
    # running.
    if ! cmp -s "$machine_bin/postgres" "$bin/postgres"; then
        rm -rf "$bin.new"
        mkdir -p "$(dirname "$bin")"
        cp -r "$machine_bin" "$bin.new"
        rm -rf "$bin"
        mv "$bin.new" "$bin"
    fi
}

# What the machine has of pgwright itself stays out.
link_all() {
    local from=$1 to=$2
    shift 2
    find "$from" -mindepth 1 -maxdepth 1 ! -name 'pgwright*' "$@" -exec ln -sfn -t "$to" {} +
}

# --- the cluster ----------------------------------------------------------------------------------

# The postmaster works in its data folder; a process that merely got the number of a dead one does
# not.
running() {
    local pid
    pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) && [[ -n $pid ]] || return 1
    [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$(realpath -m "$data")" ]]
}

start() {
    exec 9>"$dir/lock"
    flock -w "$timeout_seconds" 9 || fail "another start of $dir does not end"
    running && return 0
    make_server
    [[ -f $data/PG_VERSION ]] || initialise "$@"
    choose_socket
    write_settings "$@"

    forget_dead_postmaster
    as_server "$bin/pg_ctl" start -D "$data" -l "$home/server.log" -w -t "$timeout_seconds" \
        </dev/null >/dev/null 9>&- ||
        { tail -n 20 "$home/server.log" >&2; fail "the server did not start; see $home/server.log"; }
}

# Lock files name a process. When that number now belongs to another process, or to one that is dead
# but not reaped, PostgreSQL would refuse to start; so, as nothing of ours runs, they go.
forget_dead_postmaster() {
    local waited
    for ((waited = 0; waited < timeout_seconds; waited++)); do
        [[ -n $(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$data" 2>/dev/null) ]] || break
        sleep 1 # backends of a killed postmaster leave by themselves
    done
    rm -f "$data/postmaster.pid" "$socket"/.s.PGSQL.5432*
}

initialise() {
    local secret=$home/initdb.password options=()
    [[ ${1:-} != --throwaway ]] || options=(--no-sync)
    rm -rf "$data"
    make_password "$dir/superuser.password"
    owned_by_server "$data" 700
    install -m 600 "$dir/superuser.password" "$secret"
    [[ $EUID -ne 0 ]] || chown "$server_user" "$secret"
    local outcome=0
    as_server "$bin/initdb" -D "$data" -U postgres --pwfile="$secret" --auth=scram-sha-256 \
        --locale=C.UTF-8 --encoding=UTF8 "${options[@]}" </dev/null >"$home/initdb.log" 2>&1 || outcome=$?
    rm -f "$secret"
    [[ $outcome -eq 0 ]] || { rm -rf "$data"; cat "$home/initdb.log" >&2; fail "initdb failed"; }
    echo "include 'pgwright.conf'" >>"$data/postgresql.conf"
    : >"$home/server.log"
    [[ $EUID -ne 0 ]] || chown "$server_user" "$home/server.log"
    chmod 600 "$home/server.log"
}

make_password() {
    (umask 077 && head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$1")
}

owned_by_server() {
    mkdir -p "$1"
    [[ $EUID -ne 0 ]] || chown "$server_user" "$1"
    chmod "$2" "$1"
}

# A socket's path may have 107 bytes. Others may knock at it (the shim runs as another user than the
# server when started by root); the password keeps them out.
choose_socket() {
    if [[ ! -f $dir/socket-dir && ${#socket} -gt 90 ]]; then
        mktemp -d /tmp/pgwright.XXXXXX >"$dir/socket-dir"
        socket=$(<"$dir/socket-dir")
    fi
    owned_by_server "$socket" 755
}

write_settings() {
    {
        echo "# Written at each start by test/cluster.sh."
        echo "listen_addresses = ''"
        echo "unix_socket_directories = '${socket//\'/\'\'}'"
        echo "port = 5432"
        echo "max_connections = 100"
        echo "shared_buffers = 256MB"
        echo "password_encryption = 'scram-sha-256'"
        echo "log_line_prefix = '%m [%p] %q%u@%d '"
        if [[ ${1:-} == --throwaway ]]; then
            echo "fsync = off"
            echo "synchronous_commit = off"
            echo "full_page_writes = off"
            echo "wal_level = minimal"
            echo "max_wal_senders = 0"
        fi
    } >"$data/pgwright.conf"
}

stop() {
    if running; then
        as_server "$bin/pg_ctl" stop -D "$data" -m fast -w -t "$timeout_seconds" >/dev/null ||
            as_server "$bin/pg_ctl" stop -D "$data" -m immediate -w -t "$timeout_seconds" >/dev/null ||
            fail "the server in $data does not stop"
    fi
}

remove() {
    if running; then
        echo "cluster.sh: $dir is in use; it stays. Stop it first." >&2
        return 0
    fi
    # Only what this script has made: whatever else the folder holds was put there beside it.
    rm -rf "$dir"
    [[ $home == "$dir" ]] || rm -rf "$home"
    [[ $socket == "$home/socket" ]] || rm -rf "$socket"
}

# --- using it -------------------------------------------------------------------------------------

password() {
    [[ -r $dir/superuser.password ]] || fail "no cluster, or no right to read it: $dir"
    cat "$dir/superuser.password"
}

dsn() {
    local host=${socket//\\/\\\\}
    [[ $host =~ ^[A-Za-z0-9_./-]+$ ]] || host="'${host//\'/\\\'}'"
    echo "host=$host port=5432 user=postgres password=$(password) dbname=${1:-postgres}"
}

# Not on a command line, where every user of the machine could read the password.
environment() {
    printf 'export PGHOST=%q PGPORT=5432 PGUSER=postgres PGPASSWORD=%q PGDATABASE=%q\n' \
        "$socket" "$(password)" "${1:-postgres}"
}

open_psql() {
    local database=${1:-postgres}
    shift || true
    running || fail "no server runs in $dir"
    eval "$(environment "$database")"
    exec "$bin/psql" "$@"
}

main "$@"
