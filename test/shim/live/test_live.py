"""The shim against a real server: the database's side of a request, and what happens when either
side goes away. What needs no database is tested in test/shim/*.cpp."""

import re
import signal
import socket
import subprocess
import threading
import time

from conftest import DSN, PROGRAM, sql, wait_until


def sleeping():
    return int(sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgwright-shim'"
                   " AND state = 'active' AND query LIKE '%sleep%'"))


def cancel_sleeping():
    sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleep%'"
        " AND application_name = 'pgwright-shim'")


def in_background(shim, *arguments, **more):
    result = {}

    def run():
        try:
            result["answer"] = shim.request(*arguments, **more)
        except OSError as error:
            result["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    return thread, result


# Requests


def test_token_and_request_id_reach_the_database_and_do_not_stay(shim):
    connection = shim.connect()
    headers = {"Authorization": "Bearer abc.def", "X-Request-Id": "live-1"}
    first = shim.request("GET", "/t/context", headers=headers, connection=connection)
    assert (first.json["token"], first.json["request_id"]) == ("abc.def", "live-1")
    assert first.headers["X-Request-Id"] == "live-1"
    second = shim.request("GET", "/t/context", connection=connection)
    assert second.json["token"] == ""
    assert second.json["search_path"] == "pg_catalog, pg_temp"
    assert second.json["application_name"] == "pgwright-shim"
    assert second.json["statement_timeout"] == "30s"


def test_a_token_does_not_outlive_a_failed_request(shim):
    for _ in range(20):
        answer = shim.request("GET", "/t/fail/XX000", headers={"Authorization": "Bearer secret"})
        assert answer.status == 500
    assert shim.request("GET", "/t/context").json["token"] == ""


def test_values_arrive_as_they_were_written(shim):
    answer = shim.request("GET", "/t/echo/a%2Fb%20%C3%BC?page=-3&flag=yes&filters=%7B%22a%22%3A1.0%7D")
    assert answer.json == {"name": "a/b ü", "page": -3, "flag": True, "filters": {"a": 1.0}, "amount": None}
    answer = shim.request("POST", "/t/echo", '{"name":"n","amount":12345678901234567890.10}')
    assert '"amount" : 12345678901234567890.10' in answer.text
    assert answer.json["page"] == 7  # the route's constant
    answer = shim.request("POST", "/t/things/k", '{"b":1.50, "a":[null]}')
    assert answer.status == 201
    assert answer.text == '{"kind" : "k", "data" : {"b":1.50, "a":[null]}}'


def test_void_and_response(shim):
    answer = shim.request("DELETE", "/t/things/00000000-0000-0000-0000-000000000001")
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["Content-Length"] is None
    answer = shim.request("POST", "/t/answer", {"status": 418, "headers": {"X-A": "1"}, "body": [1]})
    assert (answer.status, answer.headers["X-A"], answer.json) == (418, "1", [1])
    assert shim.request("POST", "/t/answer", {"status": 42}).status == 500


def test_errors_of_the_database(shim):
    answer = shim.request("GET", "/t/fail/PW409", headers={"X-Request-Id": "live-2"})
    assert answer.status == 409
    assert answer.json == {"success": False, "error": {
        "code": "CONFLICT", "message": "secret internals of PW409",
        "details": [{"field": "name", "message": "is taken"}],
        "hint": "Choose another.", "request_id": "live-2"}}
    for sqlstate, status in {"23505": 409, "22023": 400, "42501": 403, "40001": 409, "57014": 504,
                             "53400": 503, "XX000": 500}.items():
        answer = shim.request("GET", "/t/fail/" + sqlstate)
        assert answer.status == status, sqlstate
        assert "secret" not in answer.text
    assert wait_until(lambda: shim.find(sqlstate="XX000"))["database_message"] == "secret internals of XX000"


def test_a_failed_request_leaves_nothing_behind(shim):
    assert shim.request("POST", "/t/write-and-fail", {"note": "gone"}).status == 409
    assert sql("SELECT count(*) FROM pgwright.journal WHERE note = 'gone'") == "0"


def test_faults_are_collected(shim):
    answer = shim.request("GET", "/t/echo/x?page=z&flag=maybe&nope=1")
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [fault["field"] for fault in answer.json["error"]["details"]] == ["page", "flag", "nope"]


def test_bodies_and_results_of_megabytes(shim):
    text = "x" * (4 << 20)
    assert shim.request("POST", "/t/things/k", {"text": text}).json["data"]["text"] == text
    assert len(shim.request("GET", "/t/big/4096").json) == 4 << 20
    answer = shim.request("POST", "/t/things/k", b'"' + b"x" * (11 << 20) + b'"')
    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")
    assert shim.request("POST", "/t/things/k", "[" * 100000).status == 400


def test_pipelined_requests(shim):
    request = "GET /t/echo/%d HTTP/1.1\r\nHost: x\r\n%s\r\n"
    data = "".join(request % (n, "" if n < 9 else "Connection: close\r\n") for n in range(10))
    received = shim.raw(data.encode()).decode()
    assert re.findall(r'"name" : "(\d)"', received) == list("0123456789")


def test_health(shim):
    assert shim.request("GET", "/api/health").json["status"] == "ok"
    answer = shim.request("GET", "/api/health/database").json
    assert answer["status"] == "ok" and answer["server_version"] and answer["latency_ms"] > 0


def test_the_log_tells_the_request_and_no_secret(shim):
    shim.request("GET", "/t/echo/x?page=9182736", headers={
        "Authorization": "Bearer s3cr3t-token", "X-Request-Id": "live-3"})
    shim.request("POST", "/t/echo", {"name": "s3cr3t-body"})
    line = wait_until(lambda: shim.find(request_id="live-3", method="GET"))
    assert line["route"] == "/t/echo/{name}" and line["path"] == "/t/echo/x" and line["status"] == 200
    assert line["remote"] == "127.0.0.1" and line["bytes_out"] > 0 and line["duration_ms"] > 0
    everything = "".join(shim.lines)
    assert "s3cr3t" not in everything and "9182736" not in everything


# Prepared statements


def test_statements_that_were_deallocated_are_prepared_again(shim):
    connection = shim.connect()
    for _ in range(3):
        assert shim.request("POST", "/t/deallocate", connection=connection).status == 200
        assert shim.request("GET", "/t/context", connection=connection).status == 200


def test_a_function_replaced_by_another_result_type_is_prepared_again(start):
    shim = start(threads=1, pool_size=1).ready()
    for _ in range(7):
        assert shim.request("GET", "/t/changing").text == "1"
    sql("DROP FUNCTION pgwright.changing(); CREATE FUNCTION pgwright.changing() RETURNS jsonb"
        " LANGUAGE sql AS $$ SELECT '2'::jsonb $$")
    assert shim.request("GET", "/t/changing").text == "2"


def test_the_statement_cache_is_bounded(start):
    shim = start(threads=1, pool_size=1, statement_cache=2).ready()
    connection = shim.connect()
    for query in ["", "?page=1", "?flag=1", "?amount=1", "?page=1&flag=1"] * 3:
        assert shim.request("GET", "/t/echo/x" + query, connection=connection).status == 200
    assert shim.request("GET", "/t/context", connection=connection).status == 200


# Routes


def test_a_changed_route_is_served_without_a_restart(shim):
    assert shim.request("GET", "/t/new").status == 404
    sql("INSERT INTO pgwright.routes (method, path, function_name)"
        " VALUES ('GET', '/t/new', 'pgwright.context')")
    wait_until(lambda: shim.request("GET", "/t/new").status == 200)
    sql("DELETE FROM pgwright.routes WHERE path = '/t/new'")
    wait_until(lambda: shim.request("GET", "/t/new").status == 404)
    assert shim.find(message="a route is left out", route="BREW /t/teapot")


def test_routes_are_read_again_after_the_listening_connection_was_lost(start):
    shim = start().ready()
    sql("ALTER TABLE pgwright.routes DISABLE TRIGGER routes_changed")
    try:
        sql("INSERT INTO pgwright.routes (method, path, function_name)"
            " VALUES ('GET', '/t/unannounced', 'pgwright.context')")
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'pgwright-shim' AND query LIKE '%route_table%'")
        wait_until(lambda: shim.request("GET", "/t/unannounced").status == 200)
    finally:
        sql("DELETE FROM pgwright.routes WHERE path = '/t/unannounced'")
        sql("ALTER TABLE pgwright.routes ENABLE TRIGGER routes_changed")


# Time


def test_a_slow_statement_is_cancelled_in_the_server(start):
    shim = start(statement_timeout=300, threads=1, pool_size=1).ready()
    begun = time.monotonic()
    answer = shim.request("GET", "/t/sleep/20")
    assert (answer.status, answer.code) == (504, "STATEMENT_TIMEOUT")
    assert time.monotonic() - begun < 5
    wait_until(lambda: sleeping() == 0)
    for _ in range(20):
        assert shim.request("GET", "/t/context").status == 200


def test_a_client_that_hangs_up_has_its_statement_cancelled(shim):
    client = socket.create_connection(("127.0.0.1", shim.port))
    client.sendall(b"GET /t/sleep/20 HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_until(lambda: sleeping() == 1)
    client.close()
    wait_until(lambda: sleeping() == 0)
    assert wait_until(lambda: shim.find(error="CLIENT_HUNG_UP"))["status"] == 499
    assert shim.request("GET", "/t/context").status == 200


def test_a_hung_up_write_is_undone(shim):
    client = socket.create_connection(("127.0.0.1", shim.port))
    body = b'{"note":"half","seconds":20}'
    client.sendall(b"POST /t/write-slowly HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                   b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    wait_until(lambda: int(sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                               " AND query LIKE '%write_slowly%' AND pid <> pg_backend_pid()")))
    client.close()
    wait_until(lambda: shim.count(error="CLIENT_HUNG_UP", route="/t/write-slowly"))
    assert sql("SELECT count(*) FROM pgwright.journal WHERE note = 'half'") == "0"


def test_a_full_queue_answers_503_at_once(start):
    shim = start(threads=1, pool_size=1, queue_limit=1).ready()
    running, _ = in_background(shim, "GET", "/t/sleep/20")
    wait_until(lambda: sleeping() == 1)
    contenders = [in_background(shim, "GET", "/t/context") for _ in range(2)]
    refused = wait_until(lambda: [result["answer"] for _, result in contenders if result])
    assert [(answer.status, answer.code, answer.headers["Retry-After"]) for answer in refused] == [
        (503, "DATABASE_ERROR", "1")]
    cancel_sleeping()
    running.join()
    for thread, _ in contenders:
        thread.join()
    assert sorted(result["answer"].status for _, result in contenders) == [200, 503]


def test_waiting_for_a_connection_is_bounded(start):
    shim = start(threads=1, pool_size=1, queue_timeout=200).ready()
    running, result = in_background(shim, "GET", "/t/sleep/20")
    wait_until(lambda: sleeping() == 1)
    assert shim.request("GET", "/t/context").status == 503
    assert not result
    cancel_sleeping()
    running.join()


# The database goes away


def test_a_killed_backend_costs_the_request_it_was_serving(shim):
    thread, result = in_background(shim, "GET", "/t/sleep/20")
    wait_until(lambda: sleeping() == 1)
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleep%'"
        " AND application_name = 'pgwright-shim'")
    thread.join()
    assert (result["answer"].status, result["answer"].code) == (503, "DATABASE_ERROR")
    assert shim.request("GET", "/t/context").status == 200


def test_idle_connections_that_were_killed_cost_nothing(shim):
    assert shim.request("GET", "/t/context").status == 200
    for _ in range(5):
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'pgwright-shim'")
        wait_until(lambda: not int(sql("SELECT count(*) FROM pg_stat_activity WHERE"
                                       " application_name = 'pgwright-shim' AND state = 'idle'"
                                       " AND backend_start < now() - interval '2 s'")))
        assert shim.request("POST", "/t/things/k", "{}").status == 201


def test_while_the_database_is_away_requests_get_503_quickly_and_then_work_again(start):
    """A proxy stands for the server, so that it can be stopped without harm to other tests."""
    proxy = Proxy()
    shim = start(dsn=proxy.dsn, reconnect_limit=200)
    try:
        shim.ready()
        proxy.stop()
        begun = time.monotonic()
        wait_until(lambda: shim.request("GET", "/t/context").status == 503)
        assert shim.request("GET", "/t/context").code == "DATABASE_ERROR"
        assert shim.request("GET", "/api/health/database").status == 503
        assert shim.request("GET", "/api/health").status == 200
        assert time.monotonic() - begun < 5
        proxy.start()
        wait_until(lambda: shim.request("GET", "/t/context").status == 200)
    finally:
        proxy.stop()


def test_a_shim_may_start_before_its_database(start):
    proxy = Proxy()
    proxy.stop()
    shim = start(dsn=proxy.dsn, reconnect_limit=200)
    assert shim.request("GET", "/t/context").status == 503
    proxy.start()
    try:
        wait_until(lambda: shim.request("GET", "/t/context").status == 200)
    finally:
        proxy.stop()


class Proxy:
    """A Unix socket that leads to the server's and can be taken away."""

    def __init__(self):
        import tempfile

        words = sql("SELECT current_setting('port'), current_database(), current_user,"
                    " split_part(current_setting('unix_socket_directories'), ',', 1)").split("|")
        self.port, database, user, folder = words
        self.target = f"{folder}/.s.PGSQL.{self.port}"
        self.folder = tempfile.mkdtemp()
        self.path = f"{self.folder}/.s.PGSQL.{self.port}"
        self.dsn = f"host={self.folder} port={self.port} user={user} dbname={database}"
        self.start()

    def start(self):
        import os

        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.pairs = []
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            self.pairs.append((client, server))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def _copy(source, sink):
        try:
            while block := source.recv(65536):
                sink.sendall(block)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for pair in self.pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


# Starting and stopping


def test_sigterm_lets_requests_in_flight_finish(start):
    shim = start().ready()
    thread, result = in_background(shim, "GET", "/t/sleep/1")
    idle = shim.connect()
    shim.request("GET", "/t/context", connection=idle)
    wait_until(lambda: sleeping() == 1)
    assert shim.stop() == 0
    thread.join()
    assert result["answer"].status == 200
    assert result["answer"].headers["Connection"] == "close"
    assert shim.find(message="stopped")


def test_after_the_grace_period_requests_are_cancelled(start):
    shim = start(shutdown_grace=300).ready()
    thread, result = in_background(shim, "GET", "/t/sleep/20")
    wait_until(lambda: sleeping() == 1)
    begun = time.monotonic()
    assert shim.stop() == 0
    assert time.monotonic() - begun < 5
    thread.join()
    assert result["answer"].status == 503
    wait_until(lambda: sleeping() == 0)


def test_a_second_signal_ends_it_at_once(start):
    shim = start().ready()
    thread, result = in_background(shim, "GET", "/t/sleep/20")
    wait_until(lambda: sleeping() == 1)
    shim.process.send_signal(signal.SIGTERM)
    wait_until(lambda: shim.find(message="stopping"))
    begun = time.monotonic()
    shim.stop()
    assert time.monotonic() - begun < 2
    thread.join()
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleep%'"
        " AND pid <> pg_backend_pid()")


def test_new_connections_are_refused_while_stopping(start):
    shim = start().ready()
    thread, _ = in_background(shim, "GET", "/t/sleep/1")
    wait_until(lambda: sleeping() == 1)
    shim.process.send_signal(signal.SIGTERM)

    def refused():
        try:
            socket.create_connection(("127.0.0.1", shim.port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        return False

    wait_until(refused)
    thread.join()
    assert shim.stop() == 0


def run_once(*arguments, **environment):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=10, check=False,
                          env={"PATH": "/usr/bin", **environment})


def test_the_command_line():
    assert "queue_limit" in run_once("--help").stdout
    assert run_once("--version").stdout.startswith("pgwright-shim ")
    wrong = run_once("--what")
    assert wrong.returncode == 2 and "--what" in wrong.stderr
    missing = run_once("--config", "/nonexistent/shim.conf")
    assert missing.returncode == 2 and "/nonexistent/shim.conf" in missing.stderr


def test_a_mistaken_setting_is_named_and_a_password_is_not_shown(tmp_path):
    file = tmp_path / "shim.conf"
    file.write_text("# ports\nport = http\n")
    wrong = run_once("--config", str(file))
    assert wrong.returncode == 2 and "line 2" in wrong.stderr and '"port"' in wrong.stderr
    wrong = run_once(PGWRIGHT_SHIM_DATABASE="host=h s3cr3t")
    assert wrong.returncode == 2 and '"database"' in wrong.stderr and "s3cr3t" not in wrong.stderr


def test_a_password_does_not_reach_the_log(start):
    shim = start(dsn="host=/nonexistent password=s3cr3t")
    wait_until(lambda: shim.find(message="cannot connect to the database"))
    assert "s3cr3t" not in "".join(shim.lines)


def test_a_port_in_use_is_reported():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wrong = run_once(PGWRIGHT_SHIM_PORT=str(taken.getsockname()[1]), PGWRIGHT_SHIM_DATABASE=DSN)
    assert wrong.returncode == 1 and "cannot listen" in wrong.stderr


def test_many_clients_at_once(shim):
    statuses = []

    def client():
        connection = shim.connect()
        for number in range(40):
            answer = shim.request("GET", f"/t/echo/{number}?page={number}", connection=connection)
            statuses.append((answer.status, answer.json["page"] == number))

    threads = [threading.Thread(target=client) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count((200, True)) == 32 * 40
