"""The real thing, once per session: the extension in a database of its own, the real shim on a free
port, the demo application loaded by its own loader, and people to sign in as.

`make check SUITE=http` provides what this needs:
  PGWRIGHT_TEST_DSN    a superuser's connection string of a database with the extension
  PGWRIGHT_SHIM_BIN    the shim
"""

import os
import pathlib
import re
import secrets
import subprocess
import sys

import pytest

from client import Client
from shim_process import ShimProcess, wait_until

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
ROLES = ("owner", "admin", "member", "viewer")
LOGIN = "pgwright_http_test"


def needed(name):
    value = os.environ.get(name)
    if not value:
        pytest.exit(f"{name} is not set: run 'make check SUITE=http'", returncode=2)
    return value


class Database:
    """The superuser's side of the system."""

    def __init__(self, dsn):
        self.dsn = dsn

    def sql(self, statement, **values):
        """Rows as lists of text; :'name' in the statement is one of the values, quoted."""
        command = ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
        command += [argument for name, value in values.items() for argument in ("-v", f"{name}={value}")]
        # The password in the connection string stays off the command line.
        done = subprocess.run(
            command,
            input=statement,
            env=os.environ | self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{statement}\n{done.stderr}"
        return [line.split("\t") for line in done.stdout.splitlines()]

    def value(self, statement, **values):
        return self.sql(statement, **values)[0][0]

    def environment(self):
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
        return {names[key]: value for key, value in self.parts().items()}

    def parts(self):
        found = re.findall(r"(\w+)=(?:'((?:[^'\\]|\\.)*)'|(\S+))", self.dsn)
        return {key: re.sub(r"\\(.)", r"\1", quoted) or plain for key, quoted, plain in found}

    def dsn_of(self, user, password):
        parts = self.parts() | {"user": user, "password": password}
        return " ".join("{}='{}'".format(k, re.sub(r"(['\\])", r"\\\1", v)) for k, v in parts.items())


@pytest.fixture(scope="session")
def database():
    return Database(needed("PGWRIGHT_TEST_DSN"))


@pytest.fixture(scope="session")
def shim_dsn(database):
    """What a shim connects with: a role that may call the functions, and nothing else."""
    password = secrets.token_urlsafe(16)
    database.sql(
        f"DROP ROLE IF EXISTS {LOGIN};"
        f"CREATE ROLE {LOGIN} LOGIN INHERIT IN ROLE pgwright_shim PASSWORD :'password'",
        password=password,
    )
    return database.dsn_of(LOGIN, password)


@pytest.fixture(scope="session")
def shim_log(tmp_path_factory):
    """The path of the shim's log: one JSON object to a line."""
    return tmp_path_factory.mktemp("shim") / "shim.log"


@pytest.fixture(scope="session")
def base_url(shim_dsn, shim_log):
    shim = ShimProcess(needed("PGWRIGHT_SHIM_BIN"), shim_dsn, shim_log)
    try:
        yield shim.url
        shim.stop()
    finally:
        shim.kill()


@pytest.fixture
def start_shim(shim_dsn, tmp_path):
    """Starts further shims for one test, by default on the same database: start_shim(threads=1)."""
    started = []

    def start(dsn=shim_dsn, **settings):
        log = tmp_path / f"shim{len(started)}.log"
        started.append(ShimProcess(needed("PGWRIGHT_SHIM_BIN"), dsn, log, **settings))
        return started[-1]

    yield start
    for shim in started:
        shim.kill()


class Tenant:
    """A tenant with a user of each built-in role, and a client for each."""

    def __init__(self, database, base_url, slug):
        self.slug = slug
        self.passwords = {self.email(role): secrets.token_urlsafe(12) for role in ROLES}
        database.sql("SELECT pgwright.create_tenant(:'slug', initcap(:'slug'))", slug=slug)
        for role in ROLES:
            database.sql(
                "SELECT pgwright.create_user(:'email', :'password', :'slug', :'role')",
                email=self.email(role),
                password=self.passwords[self.email(role)],
                slug=slug,
                role=role,
            )
        for role in ROLES:
            setattr(self, role, Client(base_url, self.sign_in(base_url, role)["access_token"]))

    def email(self, role):
        return f"{role}@{self.slug}.example"

    def sign_in(self, base_url, role):
        email = self.email(role)
        answer = Client(base_url).post("/auth/login", {"email": email, "password": self.passwords[email]})
        assert answer.status == 200, answer.body
        return answer.json


@pytest.fixture(scope="session")
def anonymous(base_url):
    return Client(base_url)


@pytest.fixture(scope="session")
def make_tenant(database, base_url):
    """Makes a further tenant with its four users: make_tenant("slug")."""
    return lambda slug: Tenant(database, base_url, slug)


@pytest.fixture(scope="session")
def add_route(database, anonymous):
    """Serves a function of the test's own, and takes the route away in the end:
    add_route("GET", "/api/test/now", "now() RETURNS json LANGUAGE sql AS 'SELECT to_json(1)'")."""
    database.sql("CREATE SCHEMA api_test; GRANT USAGE ON SCHEMA api_test TO pgwright_shim")

    def add(method, path, function, **columns):
        name = "api_test." + function.split("(", 1)[0]
        columns = {"method": method, "path": path, "function_name": name, "module": "api_test"} | columns
        database.sql(
            f"CREATE OR REPLACE FUNCTION api_test.{function};"
            f"INSERT INTO pgwright.routes ({', '.join(columns)}) VALUES ({', '.join(f':{name!r}' for name in columns)})",
            **columns,
        )
        wait_until(lambda: known(path, method), f"{method} {path} is served")

    def known(path, method):
        # Every thread of the shim has the route table of its own, and takes connections in turn.
        answers = [anonymous.request("OPTIONS", path) for _ in range(8)]
        return all(method in answer.headers.get("Allow", "") for answer in answers)

    yield add
    database.sql("DELETE FROM pgwright.routes WHERE module = 'api_test'; DROP SCHEMA api_test CASCADE")


@pytest.fixture(scope="session")
def pause(add_route):
    """The path of a route that takes a given number of seconds."""
    add_route(
        "POST", "/api/test/pause",
        "pause(seconds float8) RETURNS json LANGUAGE sql AS"
        " $$ SELECT json_build_object('slept', seconds) FROM (SELECT pg_sleep(seconds)) AS s $$",
    )  # fmt: skip
    return "/api/test/pause"


@pytest.fixture(scope="session")
def running(database):
    """How many requests the database is working on for shims."""
    return lambda what="pause": int(
        database.value(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = :'user' AND state = 'active'"
            " AND query LIKE '%' || :'what' || '%' AND datname = current_database()",
            user=LOGIN,
            what=what,
        )
    )


@pytest.fixture(scope="session")
def other(database, base_url):
    """A second tenant, which must never see anything of the first."""
    return Tenant(database, base_url, "other")


@pytest.fixture(scope="session")
def demo(database, base_url):
    """The tenant with the demo application in it."""
    tenant = Tenant(database, base_url, "demo")
    load_demo(tenant, base_url)
    return tenant


def load_demo(tenant, base_url):
    settings = {
        "PGWRIGHT_URL": base_url,
        "PGWRIGHT_EMAIL": tenant.email("owner"),
        "PGWRIGHT_PASSWORD": tenant.passwords[tenant.email("owner")],
    }
    done = subprocess.run(
        [sys.executable, str(TOP / "shim" / "demo" / "load.py")],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def reload_demo(demo, base_url):
    """Runs the loader again and returns what it printed."""
    return lambda: load_demo(demo, base_url)
