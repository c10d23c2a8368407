"""A shim, a database with the mock schema, and a client for the live tests.

PGWRIGHT_SHIM_BIN: the program. PGWRIGHT_TEST_DSN: a superuser's connection string to an empty
database, which the tests fill and may disturb.
"""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
DSN = os.environ.get("PGWRIGHT_TEST_DSN")
PROGRAM = os.environ.get("PGWRIGHT_SHIM_BIN")


def sql(command):
    """Runs SQL as the superuser and returns the result's text."""
    done = subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", DSN, "-c", command],
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    return done.stdout.strip()


def wait_until(condition, seconds=10.0):
    """Polls until the condition yields something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "the condition did not come true"
        time.sleep(0.02)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        return self.json["error"]["code"]


class Shim:
    """One running pgwright-shim on a port of its own."""

    def __init__(self, dsn=None, **settings):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PGWRIGHT_SHIM_")}
        settings = {"port": 0, "threads": 2, "database": dsn or DSN, **settings}
        for key, value in settings.items():
            environment["PGWRIGHT_SHIM_" + key.upper()] = str(value)
        self.lines = []
        self.process = subprocess.Popen(
            [PROGRAM], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.port = wait_until(lambda: self.find(message="listening"))["port"]

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def find(self, **members):
        """The first log line that has these members."""
        for line in list(self.lines):
            entry = json.loads(line)
            if all(entry.get(key) == value for key, value in members.items()):
                return entry
        return None

    def count(self, **members):
        entries = [json.loads(line) for line in list(self.lines)]
        return sum(all(e.get(k) == v for k, v in members.items()) for e in entries)

    def ready(self):
        wait_until(lambda: self.find(message="routes loaded"))
        wait_until(lambda: self.request("GET", "/t/context").status == 200)
        return self

    def connect(self, timeout=20):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None, connection=None):
        """One request, on a connection of its own unless one is given."""
        own = connection is None
        connection = connection or self.connect()
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body=body, headers=headers)
            return Answer(connection.getresponse())
        finally:
            if own:
                connection.close()

    def raw(self, data, timeout=20):
        """Sends bytes and returns everything until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as client:
            client.sendall(data)
            received = b""
            while block := client.recv(65536):
                received += block
            return received

    def stop(self, signal_number=signal.SIGTERM, timeout=20):
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        status = self.process.wait(timeout)
        self.reader.join(5)
        return status


@pytest.fixture(scope="session", autouse=True)
def schema():
    if not DSN or not PROGRAM:
        pytest.fail("PGWRIGHT_TEST_DSN and PGWRIGHT_SHIM_BIN must be set")
    subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", DSN, "-f", HERE / "mock.sql"],
        check=True, timeout=60, stdout=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture(scope="module")
def shim(schema):
    running = Shim().ready()
    yield running
    assert running.stop() == 0


@pytest.fixture
def start(schema):
    """Starts shims of a test's own and stops what is left of them."""
    running = []

    def make(**settings):
        running.append(Shim(**settings))
        return running[-1]

    yield make
    for each in running:
        each.process.kill()
        each.process.wait()
