"""A plain HTTP client for the tests: it sends what it is told, right or wrong, and judges nothing."""

import dataclasses
import http.client
import json
import socket
import urllib.parse

TIMEOUT = 60  # seconds
MISSING = "00000000-0000-7000-8000-000000000000"  # an id that nothing has


@dataclasses.dataclass
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The error's code, after checking the envelope every error comes in."""
        assert self.status >= 400, (self.status, self.body)
        assert self.headers["Content-Type"] == "application/json"
        document = self.json
        assert set(document) == {"success", "error"}, document
        assert document["success"] is False
        error = document["error"]
        assert {"code", "message", "details", "request_id"} <= set(error), error
        assert isinstance(error["message"], str) and error["message"]
        for detail in error["details"]:
            assert isinstance(detail["field"], str) and detail["message"], error
        assert error["request_id"] == self.headers["X-Request-Id"]
        if self.status == 401:
            assert self.headers["WWW-Authenticate"] == "Bearer"
        return error["code"]

    @property
    def message(self):
        return self.json["error"]["message"]

    @property
    def faulty_fields(self):
        return [detail["field"] for detail in self.json["error"]["details"]]

    def must_be(self, status, error=None, fields=None):
        """This status and, when given, this error and exactly these faulty fields in any order;
        returns the answer itself."""
        assert self.status == status, (self.status, self.body)
        if error is not None:
            assert self.error == error, self.body
        if fields is not None:
            assert sorted(self.faulty_fields) == sorted(fields), self.body
        return self


class Wire:
    """One connection, used byte by byte; answers are read one at a time."""

    def __init__(self, client):
        self.socket = socket.create_connection((client.address.hostname, client.address.port), TIMEOUT)
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stream.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, method="GET"):
        """The next answer to a request of that method, interim answers included."""
        version, status, _ = self.stream.readline().split(b" ", 2)
        assert version == b"HTTP/1.1"
        headers = http.client.parse_headers(self.stream)
        bodiless = method == "HEAD" or int(status) in (204, 304) or int(status) < 200
        return Response(int(status), headers, b"" if bodiless else self.stream.read(int(headers["Content-Length"])))

    def at_end(self):
        """Whether the server has closed; waits for it or for more to read."""
        return self.stream.peek(1) == b""


def message(method, target, body=b"", **headers):
    """A request as bytes; x_request_id="7" is the header X-Request-Id. A body brings its length and
    type, a header of None is left out."""
    fields = {"Host": "test", **({"Content-Type": "application/json", "Content-Length": len(body)} if body else {})}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


class Client:
    """Requests below /api/v1, as whoever the token says; without a token as the anonymous caller."""

    def __init__(self, base_url, token=None):
        self.address = urllib.parse.urlsplit(base_url)
        self.token = token

    def as_user(self, token):
        return Client(self.address.geturl(), token)

    def get(self, path, **query):
        return self.request("GET", path, query=query)

    def post(self, path, body=None):
        return self.request("POST", path, body)

    def put(self, path, body):
        return self.request("PUT", path, body)

    def delete(self, path, **query):
        return self.request("DELETE", path, query=query)

    def request(self, method, path, body=None, query=None, headers=None):
        """A body that is not bytes is sent as JSON. `path` begins at the root when it starts with
        /api. A header of None is left out."""
        target = path if path.startswith("/api") else "/api/v1" + path
        if query:
            target += "?" + urllib.parse.urlencode(query)
        sent = {"Authorization": self.token and "Bearer " + self.token}
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent |= headers or {}
        return self.send(method, target, body, {k: v for k, v in sent.items() if v is not None})

    def send(self, method, target, body, headers):
        connection = http.client.HTTPConnection(
            self.address.hostname, self.address.port, timeout=TIMEOUT
        )
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def publish(self, name, *fields, **properties):
        """Defines an entity with these fields and publishes it; returns the definition."""
        entity = self.post("/data-model/entities", {"name": name, "fields": list(fields)} | properties).must_be(201)
        self.post(f"/data-model/entities/{name}/publish").must_be(200)
        return entity.json

    def create(self, entity, **data):
        """Creates a record, returns its id."""
        return self.post(f"/dynamic-data/{entity}/records", {"data": data}).must_be(201).json["id"]

    def wire(self):
        return Wire(self)

    def exchange(self, data):
        """Sends these bytes on a connection of their own, returns all that comes back until the
        server closes it."""
        with socket.create_connection((self.address.hostname, self.address.port), TIMEOUT) as wire:
            wire.sendall(data)
            received = b""
            while chunk := wire.recv(65536):
                received += chunk
            return received

    def records(self, entity, **query):
        """All pages of a list."""
        items = []
        for page in range(1, 1000):
            answer = self.get(f"/dynamic-data/{entity}/records", page=page, page_size=100, **query)
            assert answer.status == 200, answer.body
            items += answer.json["items"]
            if page >= answer.json["pages"]:
                return items
        raise AssertionError(f"{entity}: the list does not end")
