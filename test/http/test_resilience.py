"""What clients notice when connections break, processes end and everybody asks at once."""

import concurrent.futures
import contextlib
import random
import re
import socket
import tempfile
import threading

import pytest

from client import Client, message
from conftest import LOGIN
from shim_process import wait_until

NOTES = "/dynamic-data/note/records"


@pytest.fixture(scope="module")
def tenants(make_tenant):
    """Two tenants that have an entity of the same name."""
    made = [make_tenant("north"), make_tenant("south")]
    for tenant in made:
        tenant.owner.publish("note", {"name": "text", "field_type": "string"}, {"name": "whose", "field_type": "string"})
        tenant.owner.create("note", text="first", whose=tenant.slug)
    return made


@pytest.fixture
def terminate(database):
    """Ends the server processes that work for shims on this database, waits for their end, and says
    how many there were."""

    def end(state="%"):
        ended = database.sql(
            "WITH working AS MATERIALIZED (SELECT pid FROM pg_stat_activity"
            "  WHERE usename = :'user' AND datname = current_database() AND state LIKE :'state')"
            " SELECT pid FROM working WHERE pg_terminate_backend(pid)",
            user=LOGIN,
            state=state,
        )
        pids = ",".join(pid for [pid] in ended)
        still_there = f"SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ('{{{pids}}}')"
        wait_until(lambda: database.value(still_there) == "0", "the backends are gone")
        return len(ended)

    return end


@pytest.fixture
def in_background():
    """in_background(function, ...) runs it in a thread and returns its future."""
    with concurrent.futures.ThreadPoolExecutor(32) as threads:
        yield threads.submit


# The database's side ------------------------------------------------------------------------------


def test_backends_that_end_between_requests_are_not_noticed(tenants, terminate, database):
    owner = tenants[0].owner
    for round_ in range(5):
        for _ in range(4):
            owner.get(NOTES).must_be(200)
        assert terminate("idle") > 0
        for _ in range(4):
            owner.post(NOTES, {"data": {"text": f"round {round_}"}}).must_be(201)
            owner.get(NOTES).must_be(200)


@contextlib.contextmanager
def late_ends(server, folder):
    """Passes connections to the server's socket on, but not that the server has closed one: its last words come alone."""
    stopped = threading.Event()

    def pass_on(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)

    def serve(client):
        with client, socket.socket(socket.AF_UNIX) as other:
            other.connect(server)
            threading.Thread(target=pass_on, args=(client, other), daemon=True).start()
            pass_on(other, client)
            stopped.wait(30)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/.s.PGSQL.5432")
        listener.listen()

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)


def test_a_backend_that_has_said_its_last_is_not_asked_again(tenants, terminate, start_shim, shim_dsn):
    """The end of a connection may be noticed some time after what the server said before it."""
    host, port = (re.search(rf"\b{name}='?([^'\s]+)", shim_dsn)[1] for name in ("host", "port"))
    with tempfile.TemporaryDirectory() as folder, late_ends(f"{host}/.s.PGSQL.{port}", folder):
        shim = start_shim(re.sub(r"\bport='?\d+'?", "port=5432", shim_dsn.replace(host, folder)), threads=1)
        client = Client(shim.url, tenants[0].owner.token)
        for _ in range(3):
            client.get(NOTES).must_be(200)
            assert terminate("idle") > 0
            client.get(NOTES).must_be(200)


def test_a_backend_that_ends_during_a_request_costs_that_request(tenants, terminate, in_background, anonymous, pause, running):
    caught = in_background(anonymous.post, pause, {"seconds": 60})
    wait_until(lambda: running() == 1, "the statement runs")
    assert terminate("active") >= 1
    answer = caught.result(30).must_be(503, "DATABASE_ERROR", fields=[])
    assert int(answer.headers["Retry-After"]) >= 1
    assert anonymous.post(pause, {"seconds": 0}).must_be(200).json == {"slept": 0}
    for _ in range(8):
        tenants[0].owner.get(NOTES).must_be(200)


def test_routes_are_followed_after_their_connection_was_lost(terminate, anonymous, add_route):
    assert terminate() > 0
    add_route("GET", "/api/test/after", "after() RETURNS json LANGUAGE sql AS $$ SELECT to_json('served'::text) $$")
    assert anonymous.get("/api/test/after").must_be(200).json == "served"


def test_statements_that_the_shim_has_prepared_follow_a_changed_function(anonymous, add_route, database):
    path = "/api/test/changing"
    function = "changing() RETURNS {} LANGUAGE sql AS $$ SELECT {} $$"
    add_route("GET", path, function.format("json", "to_json(1)"))
    for _ in range(4):
        assert anonymous.get(path).must_be(200).json == 1
    database.sql(f"CREATE OR REPLACE FUNCTION api_test.{function.format('json', 'to_json(2)')}")
    for _ in range(8):
        assert anonymous.get(path).must_be(200).json == 2
    database.sql(
        f"BEGIN; DROP FUNCTION api_test.changing(); CREATE FUNCTION api_test.{function.format('jsonb', 'to_jsonb(3)')}; COMMIT"
    )
    for _ in range(8):
        assert anonymous.get(path).must_be(200).json == 3


def test_a_database_out_of_reach_is_told_from_a_shim_that_is_down(tenants, start_shim, database, shim_dsn):
    shim = start_shim()
    client = Client(shim.url, tenants[0].owner.token)
    client.get(NOTES).must_be(200)
    database.sql(f"ALTER ROLE {LOGIN} NOLOGIN")
    try:
        database.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{LOGIN}'")
        wait_until(lambda: client.get(NOTES).status == 503, "the database is away")
        answer = client.get(NOTES).must_be(503, "DATABASE_ERROR", fields=[])
        assert int(answer.headers["Retry-After"]) >= 1
        client.get("/api/health/database").must_be(503, "DATABASE_ERROR")
        client.get("/api/health").must_be(200)
        for secret in (answer.body.decode(), shim.log.read_text()):
            assert database_password(shim_dsn) not in secret
    finally:
        database.sql(f"ALTER ROLE {LOGIN} LOGIN")
    wait_until(lambda: all(client.get(NOTES).status == 200 for _ in range(8)), "the database is back", 30)
    wait_until(lambda: all(tenants[0].owner.get(NOTES).status == 200 for _ in range(8)), "for the other shim too", 30)


def database_password(dsn):
    return dsn.split("password='")[1].split("'")[0]


# The client's side --------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_client_that_hangs_up_ends_its_statement(anonymous, pause, running, ending):
    wire = anonymous.wire()
    wire.send(message("POST", pause, b'{"seconds":60}'))
    wait_until(lambda: running() == 1, "the statement runs")
    if ending == "reset":
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    wire.close()
    wait_until(lambda: running() == 0, "the statement is cancelled", 10)
    anonymous.post(pause, {"seconds": 0}).must_be(200)


def test_clients_that_hang_up_leave_connections_for_others(anonymous, start_shim, pause, running):
    shim = Client(start_shim(threads=1, pool_size=2).url)
    for _ in range(5):
        wires = [shim.wire() for _ in range(2)]
        for wire in wires:
            wire.send(message("POST", pause, b'{"seconds":60}'))
        wait_until(lambda: running() == 2, "both run")
        for wire in wires:
            wire.close()
        wait_until(lambda: running() == 0, "both are cancelled", 10)
    shim.post(pause, {"seconds": 0}).must_be(200)


def test_more_requests_than_may_wait_are_turned_away(start_shim, pause, running, in_background):
    shim = Client(start_shim(threads=1, pool_size=1, queue_limit=1, queue_timeout=60000).url)
    first = in_background(shim.post, pause, {"seconds": 1.5})
    wait_until(lambda: running() == 1, "the first runs")
    others = [in_background(shim.post, pause, {"seconds": 0}) for _ in range(6)]
    answers = [other.result(30) for other in others]
    first.result(30).must_be(200)
    assert sorted(answer.status for answer in answers) == [200] + [503] * 5
    for answer in answers:
        if answer.status == 503:
            assert answer.error == "DATABASE_ERROR" and int(answer.headers["Retry-After"]) >= 1
    shim.post(pause, {"seconds": 0}).must_be(200)


def test_who_waits_too_long_for_a_connection_is_told(start_shim, pause, running, in_background):
    shim = Client(start_shim(threads=1, pool_size=1, queue_timeout=200).url)
    first = in_background(shim.post, pause, {"seconds": 1.5})
    wait_until(lambda: running() == 1, "the first runs")
    shim.post(pause, {"seconds": 0}).must_be(503, "DATABASE_ERROR")
    first.result(30).must_be(200)


# Stopping -----------------------------------------------------------------------------------------


def test_a_graceful_stop_finishes_what_is_in_flight(start_shim, pause, running, in_background):
    shim = start_shim()
    client = Client(shim.url)
    idle = client.wire()
    slow = in_background(client.post, pause, {"seconds": 1})
    wait_until(lambda: running() == 1, "the statement runs")
    shim.ask_to_stop()
    answer = slow.result(30).must_be(200)
    assert (answer.json, answer.headers["Connection"]) == ({"slept": 1}, "close")
    assert shim.wait() == 0
    assert idle.at_end(), "idle connections are closed"
    with pytest.raises(ConnectionError):
        client.get("/api/health")


def test_a_stop_accepts_no_more(start_shim, pause, running, in_background):
    shim = start_shim()
    client = Client(shim.url)
    slow = in_background(client.post, pause, {"seconds": 2})
    wait_until(lambda: running() == 1, "the statement runs")
    shim.ask_to_stop()

    def refused():
        with contextlib.suppress(OSError):
            client.get("/api/health")
            return False
        return True

    wait_until(refused, "new connections are refused", 2)
    assert shim.process.poll() is None, "while the old request goes on"
    slow.result(30).must_be(200)
    assert shim.wait() == 0


def test_what_does_not_end_in_time_is_cancelled(start_shim, pause, running, in_background):
    shim = start_shim(shutdown_grace=300)
    slow = in_background(Client(shim.url).post, pause, {"seconds": 60})
    wait_until(lambda: running() == 1, "the statement runs")
    shim.ask_to_stop()
    slow.result(30).must_be(503, "DATABASE_ERROR")
    assert shim.wait() == 0
    wait_until(lambda: running() == 0, "nothing of it goes on in the server")


def test_a_killed_shim_leaves_nothing_running(start_shim, pause, running, in_background):
    shim = start_shim()
    slow = in_background(Client(shim.url).post, pause, {"seconds": 2})
    wait_until(lambda: running() == 1, "the statement runs")
    shim.kill()
    assert isinstance(slow.exception(30), OSError)
    wait_until(lambda: running() == 0, "the statement ends")


# Several shims ------------------------------------------------------------------------------------


def test_shims_side_by_side_serve_the_same_state(tenants, start_shim, anonymous, add_route):
    here = tenants[0].owner
    there = Client(start_shim().url, here.token)
    for round_ in range(5):
        name = f"shared_{round_}"
        here.post("/data-model/entities", {"name": name, "fields": [{"name": "text", "field_type": "text"}]}).must_be(201)
        there.get(f"/dynamic-data/{name}/records").must_be(404, "RESOURCE_NOT_FOUND")
        there.post(f"/data-model/entities/{name}/publish").must_be(200)
        id = here.create(name, text="written here")
        changed = there.put(f"/dynamic-data/{name}/records/{id}", {"data": {"text": "changed there"}}).must_be(200)
        assert here.get(f"/dynamic-data/{name}/records/{id}").must_be(200).json == changed.json
        there.delete(f"/dynamic-data/{name}/records/{id}").must_be(204)
        here.get(f"/dynamic-data/{name}/records/{id}").must_be(404, "RESOURCE_NOT_FOUND")
    add_route("GET", "/api/test/both", "both() RETURNS json LANGUAGE sql AS $$ SELECT to_json(true) $$")
    anonymous.get("/api/test/both").must_be(200)
    wait_until(lambda: all(there.get("/api/test/both").status == 200 for _ in range(8)), "the other reads it too")


# Everybody at once --------------------------------------------------------------------------------


def test_an_answer_belongs_to_who_asked(tenants, anonymous):
    """20 clients of 8 people in 2 tenants, and passers-by, over the same pooled connections: who
    was asked for before must not be seen by who asks next."""
    with concurrent.futures.ThreadPoolExecutor(20) as threads:
        people = [(tenant, role) for tenant in tenants for role in ("owner", "admin", "member", "viewer")]
        workers = [threads.submit(mixed_requests, number, people, anonymous, 50) for number in range(20)]
        created = [record for worker in workers for record in worker.result(120)]
    assert len(created) == len(set(created))
    for tenant in tenants:
        rows = tenant.owner.records("note")
        assert {row["whose"] for row in rows if row["whose"]} == {tenant.slug}
        assert {row["id"] for row in rows if row["text"] == "crowd"} == {
            id for slug, id in created if slug == tenant.slug
        }


def mixed_requests(number, people, anonymous, count):
    """One client that changes who it is all the time, on one connection; returns what it made."""
    chance = random.Random(number)
    created = []
    with anonymous.wire() as wire:

        def ask(client, method, path, body=b""):
            headers = {"authorization": "Bearer " + client.token} if client.token else {}
            wire.send(message(method, "/api/v1" + path, body, **headers))
            return wire.receive(method)

        for _ in range(count):
            tenant, role = chance.choice(people)
            client = getattr(tenant, role)
            match chance.randrange(6):
                case 0:
                    me = ask(client, "GET", "/auth/me").must_be(200).json
                    assert (me["email"], me["tenant"]["slug"], me["roles"]) == (tenant.email(role), tenant.slug, [role])
                case 1:
                    rows = ask(client, "GET", NOTES + "?page_size=100").must_be(200).json["items"]
                    assert rows and {row["whose"] for row in rows if row["whose"]} == {tenant.slug}
                case 2:
                    body = b'{"data":{"text":"crowd","whose":"%s"}}' % tenant.slug.encode()
                    answer = ask(client, "POST", NOTES, body)
                    if role == "viewer":
                        answer.must_be(403, "PERMISSION_DENIED")
                        continue
                    data = answer.must_be(201).json["data"]
                    created.append((tenant.slug, data["id"]))
                    assert data["created_by"] == ask(client, "GET", "/auth/me").must_be(200).json["id"]
                case 3:
                    path = chance.choice(("/auth/me", NOTES, "/data-model/entities"))
                    ask(anonymous, "GET", path).must_be(401, "AUTHENTICATION_REQUIRED")
                case 4:
                    entities = ask(client, "GET", "/data-model/entities?entity_type=custom").must_be(200).json
                    assert {entity["schema_name"] for entity in entities} == {"t_" + tenant.slug}
                case 5:
                    slug, id = chance.choice(created) if created else (None, "00000000-0000-7000-8000-000000000000")
                    ask(client, "GET", f"{NOTES}/{id}").must_be(200 if slug == tenant.slug else 404)
    return created
