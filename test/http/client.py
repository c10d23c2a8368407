"""A plain HTTP client for the tests: it sends what it is told, right or wrong, and judges nothing."""

import dataclasses
import http.client
import json
import socket
import urllib.parse

TIMEOUT = 60  # seconds


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
        document = self.json
        assert document["success"] is False
        error = document["error"]
        assert {"code", "message", "details", "request_id"} <= set(error), error
        return error["code"]

    @property
    def faulty_fields(self):
        return [detail["field"] for detail in self.json["error"]["details"]]


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

    def delete(self, path):
        return self.request("DELETE", path)

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
