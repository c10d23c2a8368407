"""HTTP itself: what the server makes of good, odd and hostile messages, whoever sends them."""

import contextlib
import json
import re

import pytest

from client import Client, message
from shim_process import wait_until

ME = "/api/v1/auth/me"
LOGIN = "/api/v1/auth/login"
RECORDS = "/api/v1/dynamic-data/letter/records"
GENERATED_ID = re.compile(r"[0-9a-f]{32}")


@pytest.fixture(scope="module")
def post_office(make_tenant):
    tenant = make_tenant("post")
    tenant.owner.publish("letter", {"name": "text", "field_type": "text"}, {"name": "data", "field_type": "json"})
    return tenant


@pytest.fixture(scope="module")
def owner(post_office):
    return post_office.owner


def bearer(client, **headers):
    return {"authorization": "Bearer " + client.token} | headers


def lines(log, request_id):
    """The lines of a shim's log about one request, which may be a moment late."""
    found = lambda: [line for line in log.read_text().splitlines() if request_id in line]  # noqa: E731
    wait_until(found, "the request is in the log")
    return [json.loads(line) for line in found()]


# Routes and methods -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/", "/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/auth/me", "/api/v1/auth", "/api/v1/auth/me/", "/api/v1//auth/me",
     "/api/v1/auth/me/x", "/API/v1/auth/me", "/api/v1/auth/ME", "/api/v1/auth%2Fme", "/api/v1/../v1/auth/me", "/api/healthy",
     "/api/v1/dynamic-data//records", "/api/v1/dynamic-data/letter/record", "/favicon.ico", "/.env", "/api/v1/auth/{me}"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_not_found(owner, method, path):
    owner.send(method, path, None, {}).must_be(404, "RESOURCE_NOT_FOUND", fields=[])


@pytest.mark.parametrize(
    "method, path, allow",
    [
        ("POST", ME, {"GET"}),
        ("DELETE", LOGIN, {"POST"}),
        ("PATCH", RECORDS, {"GET", "POST"}),
        ("PUT", RECORDS, {"GET", "POST"}),
        ("POST", RECORDS + "/1", {"GET", "PUT", "PATCH", "DELETE"}),
        ("POST", "/api/health", {"GET"}),
        ("DELETE", "/api/health/database", {"GET"}),
        ("BREW", ME, {"GET"}),
        ("get", ME, {"GET"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(owner, method, path, allow):
    answer = owner.send(method, path, None, {}).must_be(405, "METHOD_NOT_ALLOWED", fields=[])
    told = set(answer.headers["Allow"].split(", "))
    assert told == allow | {"OPTIONS"} | ({"HEAD"} if "GET" in allow else set())


def test_options_tells_the_methods(owner):
    answer = owner.request("OPTIONS", RECORDS).must_be(204)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}
    owner.request("OPTIONS", "/api/v1/nothing").must_be(404, "RESOURCE_NOT_FOUND")
    with owner.wire() as wire:
        wire.send(message("OPTIONS", "*"))
        assert "GET" in wire.receive("OPTIONS").must_be(204).headers["Allow"]


def test_head_is_get_without_the_body(owner):
    for path, status in ((RECORDS, 200), ("/api/health", 200), (RECORDS + "/x", 400), ("/api/v1/nothing", 404)):
        with owner.wire() as wire:
            wire.send(message("HEAD", path, **bearer(owner)) + message("GET", path, **bearer(owner)))
            head, get = wire.receive("HEAD").must_be(status), wire.receive("GET").must_be(status)
        # Health tells its uptime, errors their request id: of one length, or about that.
        assert abs(int(head.headers["Content-Length"]) - len(get.body)) <= 1
        assert head.headers["Content-Type"] == get.headers["Content-Type"] == "application/json"


# Health -------------------------------------------------------------------------------------------


def test_health_needs_no_one(anonymous):
    health = anonymous.get("/api/health").must_be(200).json
    assert set(health) == {"status", "version", "uptime_seconds"}
    assert health["status"] == "ok" and health["uptime_seconds"] >= 0
    database = anonymous.get("/api/health/database").must_be(200).json
    assert set(database) == {"status", "latency_ms", "server_version", "extension_version"}
    assert database["status"] == "ok" and database["latency_ms"] > 0
    assert database["extension_version"] == health["version"]


# Bodies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body, position",
    [
        (b"{", "line 1, column 2"),
        (b'{"email":}', "line 1, column 10"),
        (b'{"email":"a",\n "password" "b"}', "line 2, column 13"),
        (b"email", "line 1, column 1"),
        (b"nonsense", "line 1, column 2"),
        (b'{"email":"a"} x', "line 1, column 15"),
        (b"{'email':'a'}", "line 1, column 2"),
        (b'{"email":"a",}', "line 1, column 14"),
        (b'{"email":NaN}', "line 1, column 10"),
        (b'{"email":"\x01"}', "line 1, column"),
        (b'{"email":"\\x"}', "line 1, column"),
        (b'{"email":"\\ud800"}', "line 1, column"),
        (b"{}\0", "line 1, column 3"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        (b" ", "line 1, column 2"),
        (b'{"email":01}', "line 1, column"),
        (b'// comment\n{"email":"a"}', "line 1, column 1"),
    ],
)
def test_malformed_json_is_refused_with_its_position(anonymous, body, position):
    answer = anonymous.post("/auth/login", body).must_be(400, "VALIDATION_ERROR", fields=["body"])
    [detail] = answer.json["error"]["details"]
    assert position in detail["message"], detail


@pytest.mark.parametrize("bytes_", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80"])
def test_bytes_that_are_no_utf8_are_refused(owner, bytes_):
    owner.post("/auth/login", b'{"email":"' + bytes_ + b'","password":"x"}').must_be(400, "VALIDATION_ERROR", fields=["body"])
    owner.post(RECORDS, b'{"data":{"text":"' + bytes_ + b'"}}').must_be(400, "VALIDATION_ERROR")
    owner.post("/data-model/entities", b'{"name":"' + bytes_ + b'"}').must_be(400, "VALIDATION_ERROR", fields=["body"])
    escaped = "".join(f"%{byte:02X}" for byte in bytes_)
    owner.get(f"/dynamic-data/{escaped}/records").must_be(400, "VALIDATION_ERROR", fields=["path"])
    owner.request("GET", f"{RECORDS}?sort={escaped}").must_be(400, "VALIDATION_ERROR", fields=["sort"])
    owner.request("GET", f"{RECORDS}?{escaped}=1").must_be(400, "VALIDATION_ERROR", fields=["query"])


@pytest.mark.parametrize("escape", ["%", "%4", "%zz", "%-1", "%00", "a%00b"])
def test_bad_escapes_are_refused(owner, escape):
    owner.get(f"/dynamic-data/{escape}/records").must_be(400, "VALIDATION_ERROR", fields=["path"])
    owner.request("GET", f"{RECORDS}?sort={escape}").must_be(400, "VALIDATION_ERROR", fields=["sort"])


@pytest.mark.parametrize("opening, closing", [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_refused(owner, opening, closing):
    def nested(depth):
        return b'{"data":{"text":"x","data":' + opening * depth + b"1" + closing * depth + b"}}"

    owner.post(RECORDS, nested(50)).must_be(201)
    for depth in (70, 1000, 1_000_000):
        answer = owner.post(RECORDS, nested(depth)).must_be(400, "VALIDATION_ERROR")
        assert "deep" in answer.json["error"]["details"][0]["message"]
    owner.post("/data-model/entities", opening * 1000 + b"1" + closing * 1000).must_be(400, fields=["body"])
    owner.get(RECORDS, filters=(opening * 500 + b"1" + closing * 500).decode()).must_be(400, fields=["filters"])


@pytest.mark.parametrize(
    "path, body, key",
    [
        (LOGIN, b'{"email":"a","password":"b","email":"c"}', "email"),
        (LOGIN, b'{"email":"a","password":"b","\\u0065mail":"c"}', "email"),
        (RECORDS, b'{"data":{"text":"a"},"data":{"text":"b"}}', "data"),
        (RECORDS, b'{"data":{"text":"a","text":"b"}}', "text"),
        (RECORDS, b'{"data":{"data":[{"x":1,"x":2}]}}', "x"),
        ("/api/v1/data-model/entities", b'{"name":"a","name":"b"}', "name"),
    ],
)
def test_a_key_given_twice_is_refused(owner, path, body, key):
    answer = owner.post(path, body).must_be(400, "VALIDATION_ERROR")
    [detail] = answer.json["error"]["details"]
    assert key in (detail["field"], *re.findall(r'"(\w+)"', detail["message"])) and "more than once" in detail["message"]


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
     "application/jsonp", "application/json; charset=iso-8859-1", "application/json;charset=utf-16", "json"],
)  # fmt: skip
def test_another_content_type_is_refused(anonymous, content_type):
    body = b'{"email":"a","password":"b"}'
    anonymous.send("POST", LOGIN, body, {} if content_type is None else {"Content-Type": content_type}).must_be(
        415, "UNSUPPORTED_MEDIA_TYPE", fields=[]
    )


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"', "application/json ; x=y"],
)
def test_json_in_utf8_is_accepted_however_it_is_called(owner, content_type):
    owner.request("POST", RECORDS, b'{"data":{}}', headers={"Content-Type": content_type}).must_be(201)


def test_compressed_bodies_are_not_understood(owner):
    owner.request("POST", RECORDS, b'{"data":{}}', headers={"Content-Encoding": "gzip"}).must_be(415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_get_takes_no_body(owner):
    owner.request("GET", RECORDS, {"page": 1}).must_be(400, "VALIDATION_ERROR", fields=["body"])


# Limits -------------------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_before_it_is_read(owner):
    with owner.wire() as wire:
        wire.send(message("POST", RECORDS, **bearer(owner, content_length=10 * 1024 * 1024 + 1, content_type="application/json")))
        wire.receive().must_be(413, "PAYLOAD_TOO_LARGE", fields=[])
        assert wire.at_end()


def test_a_body_of_many_megabytes_is_accepted_below_it(owner):
    text = "x" * (9 * 1024 * 1024)
    id = owner.create("letter", text=text)
    assert owner.get(f"{RECORDS}/{id}").json["data"]["text"] == text


def test_a_chunked_body_over_the_limit_is_refused_while_it_comes(owner, start_shim):
    shim = Client(start_shim(body_limit=2000).url, owner.token)
    shim.post(RECORDS, {"data": {"text": "x" * 1900}}).must_be(201)
    shim.post(RECORDS, {"data": {"text": "x" * 2000}}).must_be(413, "PAYLOAD_TOO_LARGE")
    with shim.wire() as wire:
        wire.send(message("POST", RECORDS, **bearer(owner, transfer_encoding="chunked", content_type="application/json")))
        wire.send(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        wire.send(b"3e9\r\n" + b"x" * 1001 + b"\r\n")
        wire.receive().must_be(413, "PAYLOAD_TOO_LARGE")
        assert wire.at_end()


def test_headers_over_the_limit_are_refused(anonymous):
    anonymous.request("GET", "/api/health", headers={"X-Long": "x" * 15_000}).must_be(200)
    for headers in ({"X-Long": "x" * 17_000}, {f"X-{number}": "x" * 100 for number in range(99)} | {"X-Long": "x" * 8000}):
        anonymous.request("GET", "/api/health", headers=headers).must_be(431, "HEADERS_TOO_LARGE", fields=[])
    anonymous.request("GET", "/api/health?" + "x" * 17_000).must_be(431, "HEADERS_TOO_LARGE")


@pytest.mark.parametrize("at_once", [1, 50, 1500])
def test_headers_without_end_are_refused(anonymous, at_once):
    with anonymous.wire() as wire:
        wire.send(b"GET /api/health HTTP/1.1\r\nHost: test\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(0, 3000, at_once):
                wire.send(b"X-More: more\r\n" * at_once)
        wire.receive().must_be(431, "HEADERS_TOO_LARGE")
        assert wire.at_end()


def test_a_request_that_dawdles_is_given_up(start_shim):
    shim = Client(start_shim(header_timeout=300, body_timeout=300, idle_timeout=300).url)
    for begun in (b"GET /api/hea", message("POST", LOGIN, b"{", content_length=100)):
        with shim.wire() as wire:
            wire.send(begun)
            wire.receive().must_be(408, "REQUEST_TIMEOUT", fields=[])
            assert wire.at_end()
    with shim.wire() as wire:
        assert wire.at_end(), "an idle connection is closed without a word"


def test_a_statement_that_takes_too_long_is_cancelled(start_shim, pause, running):
    shim = Client(start_shim(statement_timeout=300).url)
    shim.post(pause, {"seconds": 60}).must_be(504, "STATEMENT_TIMEOUT", fields=[])
    wait_until(lambda: running() == 0, "the statement ends in the server")
    assert shim.post(pause, {"seconds": 0}).must_be(200).json == {"slept": 0}


# Parameters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target, fields",
    [
        (ME + "?x=1", ["x"]),
        (ME + "?x", ["x"]),
        (RECORDS + "?pagesize=1&limit=2", ["pagesize", "limit"]),
        (RECORDS + "?PAGE=1", ["PAGE"]),
        (RECORDS + "?entity=users", ["entity"]),
        (RECORDS + "?page=1&page=2", ["page"]),
        (RECORDS + "?page=1&p%61ge=1", ["page"]),
        (RECORDS + "?page=one", ["page"]),
        (RECORDS + "?page=one&page_size=two&x=3", ["page", "page_size", "x"]),
        (RECORDS + "?filters=x", ["filters"]),
        (RECORDS + "?=1", [""]),
        (RECORDS + "?page%5B%5D=1", ["page[]"]),
        (RECORDS + "?%22%3E=1", ['">']),
    ],
)
def test_parameters_that_do_not_fit_are_named(owner, target, fields):
    owner.request("GET", target).must_be(400, "VALIDATION_ERROR", fields=fields)


def test_empty_pairs_mean_nothing(owner):
    owner.request("GET", RECORDS + "?").must_be(200)
    owner.request("GET", RECORDS + "?&&page=1&").must_be(200)


def test_a_body_and_a_query_do_not_say_the_same_thing(owner):
    owner.request("POST", LOGIN + "?email=a", {"email": "b", "password": "c"}).must_be(400, fields=["email"])
    owner.request("POST", "/api/v1/data-model/entities?definition=1", {"name": "x"}).must_be(400, fields=["definition"])


# Messages -----------------------------------------------------------------------------------------


def test_a_connection_serves_many_requests(owner):
    with owner.wire() as wire:
        for number in range(20):
            wire.send(message("POST", RECORDS, b'{"data":{"text":"%d"}}' % number, **bearer(owner)))
            assert wire.receive().must_be(201).json["data"]["text"] == str(number)
            wire.send(message("GET", "/api/v1/nothing"))
            assert "close" not in wire.receive().must_be(404, "RESOURCE_NOT_FOUND").headers.get("Connection", "")


def test_pipelined_requests_are_answered_in_order(post_office):
    people = [post_office.owner, post_office.member, post_office.viewer, post_office.admin] * 5
    with post_office.owner.wire() as wire:
        wire.send(b"".join(message("GET", ME, **bearer(person, x_request_id=n)) for n, person in enumerate(people)))
        for number, role in enumerate(["owner", "member", "viewer", "admin"] * 5):
            answer = wire.receive().must_be(200)
            assert (answer.headers["X-Request-Id"], answer.json["roles"]) == (str(number), [role])


def test_a_request_may_come_byte_by_byte(owner):
    data = message("POST", RECORDS, b'{"data":{"text":"slow"}}', **bearer(owner))
    with owner.wire() as wire:
        for at in range(len(data)):
            wire.send(data[at : at + 1])
        assert wire.receive().must_be(201).json["data"]["text"] == "slow"


def test_close_is_honoured(anonymous):
    for data in (message("GET", "/api/health", connection="close"), b"GET /api/health HTTP/1.0\r\n\r\n"):
        with anonymous.wire() as wire:
            wire.send(data)
            assert wire.receive().must_be(200).headers["Connection"] == "close"
            assert wire.at_end()


def test_expect_continue_is_asked_for_the_body(owner):
    body = b'{"data":{"text":"expected"}}'
    with owner.wire() as wire:
        wire.send(message("POST", RECORDS, body, **bearer(owner, expect="100-continue"))[: -len(body)])
        assert wire.receive().must_be(100).body == b""
        wire.send(body)
        assert wire.receive().must_be(201).json["data"]["text"] == "expected"


@pytest.mark.parametrize(
    "path, headers, status",
    [
        ("/api/v1/nothing", {}, 404),
        (ME, {}, 405),
        (LOGIN, {"content_type": "text/plain"}, 415),
        (LOGIN, {"content_length": 99_999_999}, 413),
        (RECORDS, {"authorization": "Basic x"}, 401),
    ],
)
def test_expect_continue_spares_a_body_in_vain(anonymous, path, headers, status):
    with anonymous.wire() as wire:
        wire.send(message("POST", path, **{"content_type": "application/json", "content_length": 1000, "expect": "100-continue"} | headers))
        wire.receive().must_be(status)
        assert wire.at_end()


def test_a_chunked_body_is_put_together(owner):
    with owner.wire() as wire:
        wire.send(message("POST", RECORDS, **bearer(owner, transfer_encoding="chunked", content_type="application/json")))
        wire.send(b'9;x=y\r\n{"data":{\r\n8\r\n"text":"\r\n')
        wire.send(b'9\r\nchunked"}\r\n1\r\n}\r\n0\r\nX-Trailer: x\r\n\r\n')
        assert wire.receive().must_be(201).json["data"]["text"] == "chunked"
        wire.send(message("GET", "/api/health"))
        wire.receive().must_be(200)


BODY = b'{"data":{"text":"smuggled"}}'


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 28\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 28",
        b"Content-Length: 28\r\nContent-Length: 29",
        b"Content-Length: 28, 29",
        b"Content-Length: -1",
        b"Content-Length: 0x1c",
        b"Content-Length: +28",
        b"Content-Length: 99999999999999999999999",
        b"Content-Length:",
        b"Content-Length : 28",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: xchunked\r\nContent-Length: 28",
        b"Transfer-Encoding:\x0bchunked",
        b"Transfer-Encoding: identity",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        b"Transfer-Encoding:",
        b"X: a\0b\r\nContent-Length: 28",
        b"X: a\rContent-Length: 28",
        b"No colon",
        b": no name",
    ],
)
def test_ambiguous_framing_is_refused_and_the_connection_closed(owner, head):
    """What one server reads as a body, another reads as the next request."""
    token = owner.token.encode()
    before = owner.get(RECORDS).json["total"]
    head = b"POST %s HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n" % (
        RECORDS.encode(), token, head,
    )  # fmt: skip
    with owner.wire() as wire:
        wire.send(head + BODY + message("GET", "/api/health"))
        answer = wire.receive()
        assert 400 <= answer.status < 500, (answer.status, answer.body)
        assert answer.error
        assert wire.at_end(), "nothing after it is read as a request"
    assert owner.get(RECORDS).json["total"] == before


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n\r\nrubbish\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /api/health\r\n\r\n",
        b"GET /api/health HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /api/health HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET  /api/health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\n\r\n",
        b"GET /api/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /api/he\x00alth HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET api/health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /api/health#x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"G\xc3\x8bT /api/health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(anonymous, data):
    with anonymous.wire() as wire:
        wire.send(data)
        answer = wire.receive()
        assert answer.must_be(400, "VALIDATION_ERROR")


def test_the_server_survives_connections_that_say_nothing(anonymous):
    wires = [anonymous.wire() for _ in range(100)]
    anonymous.get("/api/health").must_be(200)
    for wire in wires:
        wire.close()
    anonymous.get("/api/health").must_be(200)


def test_the_whole_url_may_be_the_target(anonymous):
    for target in ("http://test/api/health", "HTTP://test:80/api/health?"):
        with anonymous.wire() as wire:
            wire.send(message("GET", target))
            wire.receive().must_be(200)


# Headers of answers -------------------------------------------------------------------------------


def test_answers_are_not_sniffed_or_cached(owner):
    for path in (RECORDS, "/api/v1/nothing", "/api/health"):
        headers = owner.get(path).headers
        assert (headers["Content-Type"], headers["Cache-Control"]) == ("application/json", "no-store")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers["Date"])


@pytest.mark.parametrize("given", ["abc", "A-1_b.2", "0" * 64])
def test_a_request_id_is_echoed(anonymous, given):
    for path, status in (("/api/health", 200), ("/api/v1/nothing", 404), (ME, 401)):
        answer = anonymous.request("GET", path, headers={"X-Request-Id": given}).must_be(status)
        assert answer.headers["X-Request-Id"] == given
        if status >= 400:
            assert answer.json["error"]["request_id"] == given


@pytest.mark.parametrize("given", [None, "", " ", "a b", "x" * 65, 'a"b', "<script>", "a\tb", "é", "%00"])
def test_a_request_id_is_made_where_none_is_fit(anonymous, given):
    ids = set()
    for _ in range(3):
        answer = anonymous.request("GET", ME, headers={"X-Request-Id": given and given.encode()}).must_be(401)
        ids.add(answer.headers["X-Request-Id"])
        assert GENERATED_ID.fullmatch(answer.headers["X-Request-Id"])
        assert answer.error
    assert len(ids) == 3


# The log ------------------------------------------------------------------------------------------


def test_each_request_is_a_line_of_json_in_the_log(owner, shim_log):
    owner.request("GET", RECORDS + "?page=1", headers={"X-Request-Id": "log-1"}).must_be(200)
    [line] = lines(shim_log, "log-1")
    assert {"time", "level", "request_id", "method", "route", "path", "status", "duration_ms", "bytes_in", "bytes_out"} <= set(line)
    assert (line["request_id"], line["method"], line["status"]) == ("log-1", "GET", 200)
    assert (line["route"], line["path"]) == ("/api/v1/dynamic-data/{entity}/records", RECORDS)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert line["duration_ms"] > 0 and line["bytes_out"] > 100

    owner.request("GET", "/api/v1/nothing", headers={"X-Request-Id": "log-2"}).must_be(404)
    [line] = lines(shim_log, "log-2")
    assert (line["status"], line["error"]) == (404, "RESOURCE_NOT_FOUND")


def test_the_log_holds_no_secrets(post_office, owner, anonymous, shim_log):
    email, marker = post_office.email("owner"), "Q7zMarker"
    password = post_office.passwords[email]
    login = anonymous.post("/auth/login", {"email": email, "password": password}).must_be(200).json
    anonymous.post("/auth/login", {"email": email, "password": marker + "password"}).must_be(401)
    anonymous.post("/auth/login", {"email": email, marker: marker}).must_be(400)
    owner.post(RECORDS, {"data": {"text": marker}}).must_be(201)
    owner.post(RECORDS, {"data": {marker: marker}}).must_be(400)
    owner.post(RECORDS, b'{"data":' + marker.encode()).must_be(400)
    owner.get(RECORDS, filters=json.dumps({"text": marker})).must_be(200)
    owner.get(RECORDS, filters=json.dumps({"text": [marker]}), sort=marker).must_be(400)
    owner.as_user(owner.token + marker).get("/auth/me").must_be(401)
    owner.request("GET", ME, headers={"Authorization": "Basic " + marker}).must_be(401)
    owner.request("GET", "/api/v1/nothing", headers={"X-Request-Id": "log-end"}).must_be(404)
    lines(shim_log, "log-end")
    log = shim_log.read_text()
    for secret in (marker, password, login["access_token"], login["refresh_token"], owner.token):
        assert secret not in log


def test_every_line_of_the_log_is_json(owner, shim_log):
    for path in ('/api/v1/"quoted"', "/api/v1/%0A%22", "/api/v1/\x7f"):
        owner.exchange(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    owner.exchange(b"GET /api/v1/\xff\xfe HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Request-Id: log-3\r\n\r\n")
    lines(shim_log, "log-3")
    for line in shim_log.read_bytes().splitlines():
        assert isinstance(json.loads(line), dict)


# Routes of one's own ------------------------------------------------------------------------------


def test_a_route_is_served_as_soon_as_the_table_has_it(anonymous, add_route, database):
    path = "/api/test/greet/{name}"
    anonymous.get("/api/test/greet/ann").must_be(404, "RESOURCE_NOT_FOUND")
    add_route(
        "GET", path,
        "greet(name text, greeting text DEFAULT 'Hello', times integer DEFAULT 1) RETURNS json LANGUAGE sql"
        " AS $$ SELECT json_build_object('said', repeat(greeting || ' ' || name || '!', times)) $$",
    )  # fmt: skip
    assert anonymous.get("/api/test/greet/ann").must_be(200).json == {"said": "Hello ann!"}
    answer = anonymous.get("/api/test/greet/J%C3%B6rg%2F%20%2B", greeting="¡Hi +", times=2)
    assert answer.must_be(200).json == {"said": "¡Hi + Jörg/ +!" * 2}
    anonymous.get("/api/test/greet/ann", times="x", name="bob", loud=1).must_be(
        400, "VALIDATION_ERROR", fields=["times", "name", "loud"]
    )
    database.sql("UPDATE pgwright.routes SET is_active = false WHERE path = :'path'", path=path)
    wait_until(lambda: all(anonymous.get("/api/test/greet/ann").status == 404 for _ in range(8)), "the route is gone")


def test_a_route_may_fix_arguments(anonymous, add_route):
    add_route(
        "POST", "/api/test/fixed",
        "fixed(kind text, payload json DEFAULT NULL, extra json DEFAULT NULL) RETURNS json LANGUAGE sql"
        " AS $$ SELECT json_build_object('kind', kind, 'payload', payload, 'extra', extra) $$",
        constants='{"kind":"con\'stant"}', success_status=202,
    )  # fmt: skip
    answer = anonymous.post("/api/test/fixed", b'{"payload":{"a":[1.10]}}').must_be(202)
    assert answer.json == {"kind": "con'stant", "payload": {"a": [1.1]}, "extra": None}
    assert b'{"a":[1.10]}' in answer.body, "as it was sent"
    anonymous.post("/api/test/fixed", {"kind": "another"}).must_be(400, fields=["kind"])
    anonymous.request("POST", "/api/test/fixed?kind=another").must_be(400, fields=["kind"])


def test_a_function_knows_who_asks(post_office, anonymous, add_route):
    add_route(
        "GET", "/api/test/who",
        "who() RETURNS json LANGUAGE sql"
        " AS $$ SELECT json_build_object('user', pgwright.user_id(), 'request', current_setting('pgwright.request_id')) $$",
    )  # fmt: skip
    answer = post_office.member.request("GET", "/api/test/who", headers={"X-Request-Id": "who-1"}).must_be(200).json
    assert answer == {"user": post_office.member.get("/auth/me").json["id"], "request": "who-1"}
    assert anonymous.get("/api/test/who").must_be(200).json["user"] is None


def test_a_function_may_decide_status_and_headers(anonymous, add_route):
    add_route(
        "POST", "/api/test/respond",
        "respond(status integer DEFAULT NULL, headers json DEFAULT NULL, body json DEFAULT NULL) RETURNS pgwright.response LANGUAGE sql"
        " AS $$ SELECT ROW(status, headers, body)::pgwright.response $$",
    )  # fmt: skip
    respond = lambda **given: anonymous.post("/api/test/respond", given)  # noqa: E731
    answer = respond(status=418, headers={"X-Tea": "green", "Set-Cookie": ["a=1", "b=2"]}, body={"short": "stout"})
    assert answer.must_be(418).json == {"short": "stout"}
    assert answer.headers["X-Tea"] == "green"
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]

    moved = respond(status=303, headers={"Location": "/api/health"}).must_be(303)
    assert (moved.headers["Location"], moved.body) == ("/api/health", b"")
    assert respond(status=204, body={"no": "body"}).must_be(204).body == b""

    # The message's framing and the server's promises stay the server's.
    answer = respond(
        status=200,
        headers={"Content-Length": "1", "Transfer-Encoding": "chunked", "Connection": "upgrade", "X-Request-Id": "forged",
                 "X-Split": "a\r\nX-Injected: yes", "X-Na me": "a", "X-Inj\r\nected": "a"},
        body=[1, 2, 3],
    )  # fmt: skip
    assert answer.must_be(200).json == [1, 2, 3]
    assert "X-Injected" not in answer.headers and "ected" not in answer.headers
    assert answer.headers.get_all("Content-Length") == [str(len(answer.body))]
    assert answer.headers["Transfer-Encoding"] is None
    assert answer.headers["X-Request-Id"] != "forged"

    for unusable in ({"status": 99}, {"status": 1000}, {"status": None}, {"status": 200, "headers": [1]}):
        respond(**unusable).must_be(500, "SERVER_ERROR")


SECRET = "internal_table_x7"


@pytest.mark.parametrize(
    "sqlstate, status, code",
    [
        ("XX000", 500, "SERVER_ERROR"),
        ("42P01", 500, "SERVER_ERROR"),
        ("42883", 500, "SERVER_ERROR"),
        ("P0001", 500, "SERVER_ERROR"),
        ("PW500", 500, "SERVER_ERROR"),
        ("PW999", 500, "SERVER_ERROR"),
        ("22012", 400, "VALIDATION_ERROR"),
        ("23502", 400, "VALIDATION_ERROR"),
        ("23514", 400, "VALIDATION_ERROR"),
        ("42501", 403, "PERMISSION_DENIED"),
        ("23505", 409, "CONFLICT"),
        ("23503", 409, "CONFLICT"),
        ("40001", 409, "CONFLICT"),
        ("40P01", 409, "CONFLICT"),
        ("53200", 503, "DATABASE_ERROR"),
        ("57P03", 503, "DATABASE_ERROR"),
        ("57014", 504, "STATEMENT_TIMEOUT"),
    ],
)
def test_errors_of_the_database_show_nothing_of_its_inside(anonymous, failing, shim_log, sqlstate, status, code):
    answer = anonymous.request("POST", failing, {"sqlstate": sqlstate}).must_be(status, code, fields=[])
    assert SECRET not in answer.body.decode() + str(answer.headers)
    # What to do after a time-out is the server's own advice.
    members = {"code", "message", "details", "request_id"} | ({"hint"} if code == "STATEMENT_TIMEOUT" else set())
    assert set(answer.json["error"]) == members
    cause = next(line for line in lines(shim_log, answer.headers["X-Request-Id"]) if "sqlstate" in line)
    assert cause["sqlstate"] == sqlstate
    assert SECRET in cause["database_message"] and SECRET in cause["detail"]
    assert cause["level"] == ("error" if status >= 500 else "info")


@pytest.mark.parametrize("sqlstate, status, code", [
    ("PW400", 400, "VALIDATION_ERROR"), ("PW401", 401, "AUTHENTICATION_REQUIRED"), ("PW403", 403, "PERMISSION_DENIED"),
    ("PW404", 404, "RESOURCE_NOT_FOUND"), ("PW409", 409, "CONFLICT"), ("PW412", 412, "PRECONDITION_FAILED"),
    ("PW429", 429, "RATE_LIMIT_EXCEEDED"), ("PW503", 503, "DATABASE_ERROR"),
])  # fmt: skip
def test_a_function_may_raise_the_errors_of_the_api(anonymous, failing, sqlstate, status, code):
    detail = '[{"field":"a","message":"is wrong"}]'
    answer = anonymous.post(failing, {"sqlstate": sqlstate, "message": "so there", "detail": detail}).must_be(status, code, fields=["a"])
    assert answer.message == "so there"
    # A detail that is no list of faults stays in the log.
    anonymous.post(failing, {"sqlstate": sqlstate, "message": "so there", "detail": SECRET}).must_be(status, code, fields=[])


@pytest.fixture(scope="module")
def failing(add_route):
    add_route(
        "POST", "/api/test/fail",
        f"fail(sqlstate text, message text DEFAULT '{SECRET} is missing', detail text DEFAULT 'row of {SECRET}')"
        " RETURNS json LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION USING errcode = sqlstate, message = fail.message, detail = fail.detail; END $$",
    )  # fmt: skip
    return "/api/test/fail"
