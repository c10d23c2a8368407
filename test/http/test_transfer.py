"""Imports and exports over HTTP: there and back, streamed without gathering, and safe when something ends
in the middle."""

import http.client
import json
import re
import socket
import threading
import time

import pytest

from client import MISSING, Client, message
from conftest import LOGIN
from shim_process import wait_until

FIELDS = [
    {"name": "title", "field_type": "string", "is_unique": True},
    {"name": "stock", "field_type": "integer", "default_value": 7},
    {"name": "price", "field_type": "currency"},
    {"name": "active", "field_type": "boolean"},
    {"name": "born", "field_type": "date"},
    {"name": "seen", "field_type": "datetime"},
    {"name": "opens", "field_type": "time"},
    {"name": "extra", "field_type": "json"},
    {"name": "tags", "field_type": "array", "item_type": "string"},
    {"name": "kind", "field_type": "enum", "allowed_values": ["new", "used"]},
    {"name": "note", "field_type": "rich_text"},
]
NAMES = [field["name"] for field in FIELDS]
GOODS = [
    {"title": 'a "b", c;\r\nd', "stock": -1, "price": 1.5, "active": True, "born": "2024-02-29", "seen": "2024-01-01T00:00:00Z",
     "opens": "10:30:00", "extra": {"x": [1, None, "y\n"]}, "tags": ["p,q", ""], "kind": "used", "note": "<p>a</p>"},
    {"title": "=1+1", "stock": None, "extra": "text", "tags": []},
    {"title": "ünïcödé 😀", "active": False},
]  # fmt: skip


@pytest.fixture(scope="module")
def port(make_tenant):
    tenant = make_tenant("port")
    for name in ("goods", "twin"):
        tenant.owner.publish(name, *FIELDS)
    for record in GOODS:
        tenant.owner.create("goods", **record)
    tenant.owner.publish("bulk", {"name": "title", "field_type": "string", "is_unique": True}, {"name": "text", "field_type": "text"})
    return tenant


def upload(client, path, content, **query):
    return client.request("POST", path, content, query, {"Content-Type": "text/csv"})


def contents(client, entity):
    return sorted(({name: record[name] for name in NAMES} for record in client.records(entity)), key=str)


def resident(process, peak=False):
    text = open(f"/proc/{process}/status", encoding="ascii").read()
    return int(re.search(r"VmHWM:\s+(\d+)" if peak else r"VmRSS:\s+(\d+)", text)[1]) * 1024


# There and back -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_what_is_exported_is_imported_again(port, database, form):
    database.sql("TRUNCATE t_port.twin")
    file = port.owner.get("/dynamic-data/goods/export", format=form).must_be(200)
    assert file.headers["Content-Disposition"] == f'attachment; filename="goods.{form}"'
    assert file.headers["Transfer-Encoding"] == "chunked"
    job = upload(port.owner, "/dynamic-data/twin/import", file.body, format=form).must_be(200).json
    assert (job["status"], job["successful_rows"], job["failed_rows"]) == ("completed", 3, 0), job
    assert contents(port.owner, "twin") == contents(port.owner, "goods")


def test_an_export_is_filtered_sorted_and_of_chosen_columns(port):
    request = {"format": "jsonl", "columns": ["title", "stock"], "filters": {"field": "title", "operator": "starts_with", "value": "ü"}, "sort": "-title"}
    answer = port.owner.post("/dynamic-data/goods/export", request).must_be(200)
    assert answer.body == '{"title":"ünïcödé 😀","stock":7}\n'.encode()
    answer = port.owner.get("/dynamic-data/goods/export", columns='["title"]', sort="title", options='{"header":false,"escape_formulas":true}')
    assert b'"\'=1+1"' in answer.body.splitlines()


def test_a_workbook_and_xml_are_exported(port):
    workbook = port.owner.get("/dynamic-data/goods/export", format="xlsx").must_be(200)
    assert workbook.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert workbook.body.startswith(b"PK\x03\x04")
    assert port.owner.get("/dynamic-data/goods/export", format="xml").must_be(200).body.count(b"<record>") == 3


def test_the_export_schema_of_the_admin_face(port):
    request = {"entity_type": "goods", "format": "csv", "filters": {"stock": 7}, "columns": ["title"], "options": {"include_headers": True, "delimiter": ",", "encoding": "UTF-8"}}
    assert port.owner.post("/eav/export", request).must_be(200).body == "title\r\nünïcödé 😀\r\n".encode()


def test_errors_before_the_first_byte_are_answers(port, anonymous):
    path = "/dynamic-data/goods/export"
    port.owner.get(path, format="doc").must_be(400, "VALIDATION_ERROR", ["format"])
    port.owner.get(path, columns='["nope"]').must_be(400, "VALIDATION_ERROR", ["columns[0]"])
    port.owner.get(path, columns="title,nope").must_be(400, "VALIDATION_ERROR", ["columns[1]"])
    port.owner.get(path, filters="{").must_be(400, "VALIDATION_ERROR", ["filters"])
    port.owner.get("/dynamic-data/nothing/export").must_be(404, "RESOURCE_NOT_FOUND")
    port.member.get(path).must_be(403, "PERMISSION_DENIED")
    anonymous.get(path).must_be(401, "AUTHENTICATION_REQUIRED")
    head = port.owner.request("HEAD", path).must_be(200)
    assert head.headers["Content-Type"].startswith("text/csv") and head.body == b""


# Import jobs --------------------------------------------------------------------------------------


def test_a_job_from_upload_to_report(port, database):
    database.sql("TRUNCATE t_port.twin")
    job = port.owner.post("/dynamic-data/twin/import-jobs", {"file_name": "twin.csv", "mode": "partial"}).must_be(201).json
    path = f"/import-jobs/{job['id']}"
    first, second = b"title,stock,nonsense\nok,1,", b"x\nbad,many,\nok,2,\n\xff,3,\n"
    assert upload(port.owner, path + "/data", first, offset=0).must_be(200).json["total_bytes"] == len(first)
    # The answer got lost, and the request is sent again.
    upload(port.owner, path + "/data", first, offset=0).must_be(409, "CONFLICT", ["offset"])
    upload(port.owner, path + "/data", second, offset=len(first)).must_be(200)
    preview = port.owner.get(path + "/preview", rows=1).must_be(200).json
    assert [column["field"] for column in preview["columns"]] == ["title", "stock", None]
    assert [problem["field"] for problem in preview["problems"]] == ["mapping.nonsense"]
    port.owner.post(path + "/run").must_be(400, "VALIDATION_ERROR", ["mapping.nonsense"])
    port.owner.request("PATCH", path, {"mapping": {"title": "title", "stock": "stock"}}).must_be(200)
    assert port.owner.post(path + "/validate").must_be(200).json["validation"] == {"total_rows": 4, "valid_rows": 1, "invalid_rows": 3}
    job = port.owner.post(path + "/run").must_be(200).json
    assert (job["status"], job["total_rows"], job["successful_rows"], job["failed_rows"]) == ("completed", 4, 1, 3)
    errors = port.owner.get(path + "/errors").must_be(200).json["items"]
    assert [(error["line"], error["field"]) for error in errors] == [(3, "stock"), (4, "title"), (5, None)]
    assert [record["title"] for record in port.owner.records("twin")] == ["ok"]
    assert port.owner.get("/import-jobs", status="completed").must_be(200).json["items"][0]["id"] == job["id"]
    port.owner.post(path + "/run").must_be(409, "CONFLICT")


def test_jobs_of_others_are_not_there(port, other):
    job = port.owner.post("/dynamic-data/twin/import-jobs", {"format": "csv"}).must_be(201).json["id"]
    for client in (other.owner, port.member):
        for method, part in (("GET", ""), ("POST", "/run"), ("POST", "/cancel"), ("GET", "/errors"), ("POST", "/validate")):
            client.request(method, f"/import-jobs/{job}{part}").must_be(404, "RESOURCE_NOT_FOUND")
    port.owner.get(f"/import-jobs/{MISSING}").must_be(404)
    port.owner.get("/import-jobs/nonsense").must_be(404)
    port.owner.post(f"/import-jobs/{job}/cancel").must_be(200)


def test_what_is_no_file_is_refused(port):
    path = "/dynamic-data/twin/import"
    for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        port.owner.request("POST", path, b"x", headers={"Content-Type": kind}).must_be(415)
    upload(port.owner, path, b"").must_be(400, "VALIDATION_ERROR", ["content"])
    upload(port.owner, path, b"title\nx\n", format="zip").must_be(400, "VALIDATION_ERROR", ["format"])
    upload(port.owner, path, "title\nx\n".encode("utf-16"), format="csv").must_be(400, "VALIDATION_ERROR", ["content"])
    port.viewer.request("POST", path, b"title\nx\n", {"format": "csv"}).must_be(403)


def test_an_import_that_is_killed_goes_on_where_it_was(port, database):
    """Backends are ended in the middle of batches again and again; no row is lost, none is there twice."""
    database.sql("TRUNCATE t_port.bulk")
    count = 60000
    lines = ["title,text"] + [f"Row {n},{'x' * 50}" if n % 1000 else f"Row {n - 1},twice" for n in range(1, count + 1)]
    job = port.owner.post("/dynamic-data/bulk/import-jobs", {"file_name": "bulk.csv", "mode": "partial"}).must_be(201).json
    path = f"/import-jobs/{job['id']}"
    upload(port.owner, path + "/data", "\n".join(lines).encode(), offset=0).must_be(200)

    def kill_in_the_middle(stop):
        while not stop.is_set():
            database.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :'user' AND state = 'active'"
                " AND query LIKE '%run_import_job%' AND datname = current_database()",
                user=LOGIN,
            )
            stop.wait(0.05)

    stop, killed = threading.Event(), 0
    killer = threading.Thread(target=kill_in_the_middle, args=(stop,))
    killer.start()
    try:
        for _ in range(300):
            answer = port.owner.post(path + "/run", {"max_rows": 3000})
            killed += answer.status != 200
            if killed >= 5:
                stop.set()
            if answer.status == 200 and answer.json["status"] != "processing":
                break
    finally:
        stop.set()
        killer.join()
    assert killed > 0, "no batch was interrupted: the test shows nothing"
    job = port.owner.get(path).must_be(200).json
    repeats = count // 1000
    assert (job["status"], job["processed_rows"], job["successful_rows"], job["failed_rows"]) == ("completed", count, count - repeats, repeats)
    assert database.sql("SELECT count(*), count(DISTINCT title) FROM t_port.bulk") == [[str(count - repeats)] * 2]
    assert database.value("SELECT count(*) FROM pgwright.import_errors WHERE job_id = :'job'", job=job["id"]) == str(repeats)


def test_all_or_nothing_that_is_killed_leaves_nothing(port, database):
    database.sql("TRUNCATE t_port.bulk")
    content = "title\n" + "\n".join(f"All {n}" for n in range(100000))
    job = port.owner.post("/dynamic-data/bulk/import-jobs", {"format": "csv"}).must_be(201).json
    path = f"/import-jobs/{job['id']}"
    upload(port.owner, path + "/data", content.encode()).must_be(200)

    def kill():
        ended = lambda: database.sql(  # noqa: E731
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :'user' AND state = 'active'"
            " AND query LIKE '%run_import_job%' AND datname = current_database()",
            user=LOGIN,
        )
        wait_until(ended, "the import runs")

    killer = threading.Thread(target=kill)
    killer.start()
    answer = port.owner.post(path + "/run")
    killer.join()
    answer.must_be(503, "DATABASE_ERROR")
    assert port.owner.get(path).json["status"] == "pending"
    assert database.value("SELECT count(*) FROM t_port.bulk") == "0"
    assert port.owner.post(path + "/run").must_be(200).json["successful_rows"] == 100000


# Streams ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(port, database):
    """An entity with some 60 MB of records."""
    port.owner.publish("heap", {"name": "text", "field_type": "text"})
    database.sql("INSERT INTO t_port.heap (text) SELECT repeat(md5(i::text), 12) FROM generate_series(1, 120000) i")
    return "/dynamic-data/heap/export"


def backend_of(database, what="http_export"):
    rows = database.sql(
        "SELECT pid FROM pg_stat_activity WHERE usename = :'user' AND state = 'active' AND query LIKE '%' || :'what' || '%'"
        " AND datname = current_database()",
        user=LOGIN,
        what=what,
    )
    return rows[0][0] if rows else None


def request_on(client, path):
    target = "/api/v1" + path
    return message("GET", target, authorization=f"Bearer {client.token}")


def test_memory_stays_flat_on_both_sides(port, large, start_shim, database):
    shim = start_shim(threads=1, pool_size=1)
    client = Client(shim.url, port.owner.token)
    client.get(large, format="jsonl", filters='{"text":"nothing"}').must_be(200)
    before = resident(shim.process.pid)
    with socket.create_connection(("127.0.0.1", shim.port)) as wire:
        wire.sendall(request_on(client, large + "?format=jsonl"))
        backend = wait_until(lambda: backend_of(database), "the export runs")
        # The client reads nothing for a while: what it does not take must not gather anywhere.
        time.sleep(0.3)
        lowest = resident(backend)
        received, peak = 0, 0
        while True:
            part = wire.recv(1 << 20)
            received += len(part)
            if received % 7 == 0 and backend_of(database) == backend:
                peak = max(peak, resident(backend))
            if part.endswith(b"0\r\n\r\n") or not part:
                break
    assert received > 60_000_000
    assert resident(shim.process.pid, peak=True) - before < 8_000_000
    # Of the backend what it shares does not count: buffers it looks at are resident too.
    assert int(database.value("SELECT row_count FROM pgwright.export_jobs ORDER BY completed_at DESC LIMIT 1")) == 120000
    assert peak == 0 or peak - lowest < 200_000_000


def test_a_client_that_hangs_up_ends_the_statement(port, large, start_shim, database):
    shim = start_shim(threads=1, pool_size=1)
    with socket.create_connection(("127.0.0.1", shim.port)) as wire:
        wire.sendall(request_on(port.owner, large))
        assert wire.recv(1000).startswith(b"HTTP/1.1 200")
        wait_until(lambda: backend_of(database), "the export runs")
    wait_until(lambda: not backend_of(database), "the export ends")
    # And the one connection there is serves again.
    Client(shim.url, port.owner.token).get("/auth/me").must_be(200)


def test_an_error_in_the_middle_cuts_the_connection(add_route, anonymous):
    add_route(
        "GET", "/api/test/broken",
        """broken() RETURNS SETOF bytea LANGUAGE sql AS $$
            SELECT CASE WHEN i = 0 THEN convert_to('{"status":200,"headers":{}}', 'UTF8')
                        WHEN i < 5 THEN convert_to(repeat('x', 1000), 'UTF8') ELSE convert_to((1 / (5 - i))::text, 'UTF8') END
              FROM generate_series(0, 9) i $$""",
    )  # fmt: skip
    with pytest.raises(http.client.IncompleteRead):
        anonymous.get("/api/test/broken")


def test_time_counts_between_parts_and_not_for_all_of_them(add_route, start_shim):
    # Parts are large enough for the server not to wait for more before it sends them.
    add_route(
        "GET", "/api/test/slow",
        """slow(pause float8) RETURNS SETOF bytea LANGUAGE sql AS $$
            SELECT CASE WHEN i = 0 THEN convert_to('{"status":200}', 'UTF8') ELSE convert_to(repeat(i::text || coalesce(s.s, ''), 20000), 'UTF8') END
              FROM generate_series(0, 4) i, LATERAL (SELECT pg_sleep(pause * (i > 0)::int)::text AS s) s $$""",
    )  # fmt: skip
    shim = start_shim(statement_timeout=600)
    client = Client(shim.url)
    started = time.monotonic()
    assert client.get("/api/test/slow", pause=0.3).must_be(200).body == b"".join(digit * 20000 for digit in (b"1", b"2", b"3", b"4"))
    assert time.monotonic() - started > 1.0
    client.get("/api/test/slow", pause=3).must_be(504, "STATEMENT_TIMEOUT")


def test_a_large_export_is_whole(port, large):
    answer = port.owner.get(large, format="jsonl", columns='["text"]').must_be(200)
    lines = answer.body.splitlines()
    assert len(lines) == 120000
    assert json.loads(lines[-1]).keys() == {"text"}
