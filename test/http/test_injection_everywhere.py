"""The corpus in every string that any function or route takes. Functions and their arguments come from the server's
catalog, routes from the route table: what is new and has no value here fails the first tests, until it has one in
injection_values.py.

Every call of a function is taken back, so each finds the same database; what a call that succeeds leaves is looked
at before. Environment: PGWRIGHT_INJECTION=all tries every string in every place of every document, not some.
"""

import collections
import json
import os
import urllib.parse

import pytest

from corpus import CORPUS
from injection_values import REFUSED, SKIPPED, SLOW, Values
from token_signer import Signer

THOROUGH = os.environ.get("PGWRIGHT_INJECTION") == "all"
TEXTS = ("text", "json", "jsonb", "text[]", "bytea", "character varying")
SOME = 12  # strings for each text; each function and place has others
FEW = 3  # in each place of a document, and of what takes its time

FUNCTIONS = """
    SELECT p.oid::regprocedure::text, p.proname, CASE WHEN p.provariadic <> 0 THEN 'v' ELSE p.prokind::text END, coalesce((
               SELECT json_agg(json_build_array(a.name, format_type(a.type, NULL), a.n <= p.pronargs - p.pronargdefaults) ORDER BY a.n)
                 FROM unnest(p.proargnames[:p.pronargs], p.proargtypes::oid[]) WITH ORDINALITY AS a (name, type, n)), '[]')
      FROM pg_proc p
     WHERE p.pronamespace = 'pgwright'::regnamespace AND p.prorettype <> 'trigger'::regtype AND NOT 'internal'::regtype = ANY (p.proargtypes)
       AND (has_function_privilege('pgwright_user', p.oid, 'EXECUTE') OR has_function_privilege('pgwright_shim', p.oid, 'EXECUTE'))
     ORDER BY 1
"""
# What a statement ends with: its SQLSTATE and what it says, and 'ok' with the state of what it must not touch.
PROBE = """
    DROP SCHEMA IF EXISTS injection CASCADE;
    CREATE SCHEMA injection;
    CREATE TABLE injection.canary AS SELECT 'unharmed' AS state;
    CREATE FUNCTION injection.harmed(functions bigint) RETURNS boolean LANGUAGE sql AS $$
        SELECT count(*) <> 1 OR max(state) <> 'unharmed' OR (SELECT count(*) FROM pg_proc) <> functions FROM injection.canary
    $$;
    CREATE FUNCTION injection.probe(statement text, functions bigint) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE
        found text; told text; field text;
    BEGIN
        EXECUTE statement;
        IF injection.harmed(functions) THEN RAISE EXCEPTION 'something was harmed' USING ERRCODE = 'XHARM'; END IF;
        RAISE EXCEPTION USING ERRCODE = 'XUNDO';
    EXCEPTION WHEN OTHERS THEN
        IF SQLSTATE = 'XUNDO' THEN RETURN 'ok'; END IF;
        GET STACKED DIAGNOSTICS told = MESSAGE_TEXT, field = PG_EXCEPTION_DETAIL;
        RETURN concat_ws(' ', SQLSTATE, told, left(field, 300));
    END $$;
    GRANT USAGE ON SCHEMA injection TO pgwright_user;
    GRANT SELECT ON ALL TABLES IN SCHEMA injection TO pgwright_user;
    CREATE TABLE injection.call (n int, statement text);
    GRANT SELECT ON injection.call TO pgwright_user;
"""


@pytest.fixture(scope="module")
def jwks(tmp_path_factory):
    signer = Signer(tmp_path_factory.mktemp("keys"))
    signer.make("r1", "rsa")
    return signer.jwks("r1")


@pytest.fixture(scope="module")
def values(make_tenant, database, jwks):
    database.sql(PROBE)
    yield Values(make_tenant("sweep"), database, jwks)
    database.sql("DROP SCHEMA injection CASCADE")


@pytest.fixture(scope="module")
def functions(database):
    return [(signature, name, kind, json.loads(arguments)) for signature, name, kind, arguments in database.sql(FUNCTIONS)]


def quoted(value):
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def call_of(name, kind, arguments):
    """arguments: (name, type, value) of each; a value is a text."""
    said = [(f'"{argument}" => ' if argument else "") + quoted(value) + f"::{kind_of}" for argument, kind_of, value in arguments]
    if kind == "v":
        said[-1] = f"VARIADIC {said[-1]}"
    return f"{'CALL' if kind == 'p' else 'SELECT'} pgwright.{name}({', '.join(said)})"


def base_of(values, function, arguments):
    """Something right for every argument; what may be left out and has no value is left out."""
    base = []
    for name, kind, required in arguments:
        found = values.of(function, name, kind)
        if found is not None or required:
            base.append((name, kind, found))
    return base


def run(database, statements, token):
    """What each ends with, in their order."""
    rows = ", ".join(f"({n}, {quoted(statement)})" for n, statement in enumerate(statements))
    answers = database.sql(
        f"TRUNCATE injection.call; INSERT INTO injection.call VALUES {rows};"
        "SELECT count(*) AS functions FROM pg_proc \\gset\n"
        f"SET pgwright.token = {quoted(token)}; SET ROLE pgwright_user; SET statement_timeout = '600s'; SET client_min_messages = error;"
        "SELECT n, replace(translate(injection.probe(statement, :functions), E'\\t\\n\\r', '   '), '\\', '') FROM injection.call ORDER BY n;")
    found = {int(n): state for n, state in (row for row in answers if len(row) == 2)}
    assert sorted(found) == list(range(len(statements)))
    return [found[n] for n in range(len(statements))]


def is_wrong(state):
    """What no string may lead to: SQL that does not parse or names what is not there, and the server's own failures."""
    known = state == "ok" or state.startswith(("PW4", "22", "23", "42501"))
    return not known


def test_every_function_has_values_that_it_takes(database, values, functions):
    """Else the strings would be turned away at the door and tell nothing of what is behind it."""
    named = {function for function, _, _, _ in functions} | {name for _, name, _, _ in functions}
    assert SKIPPED | set(REFUSED) | SLOW <= named, (SKIPPED | set(REFUSED) | SLOW) - named
    wrong, tried = [], [each for each in functions if each[1] not in SKIPPED]
    statements = [call_of(name, kind, base_of(values, name, arguments)) for _, name, kind, arguments in tried]
    for (signature, name, _, _), statement, state in zip(tried, statements, run(database, statements, values.token), strict=True):
        if not state.startswith(REFUSED.get(name, "ok")):
            wrong.append(f"{signature}: {state[:300]} | {statement[:400]}")
    assert not wrong, "\n".join(wrong)


def attacks(values, function, arguments):
    """(what is attacked, the call's arguments)"""
    base = base_of(values, function, arguments)
    at = {name: i for i, (name, _, _) in enumerate(base)}
    turn = sum(map(ord, function))
    for name, kind, _ in arguments:
        if kind not in TEXTS:
            continue
        for string, value in hostile(values.of(function, name, kind), kind, turn, function in SLOW):
            tried = list(base)
            if name in at and name:
                tried[at[name]] = (name, kind, value)
            else:
                tried.append((name, kind, value))
            yield f"{function}.{name} with {string[:60]!r}", tried


def hostile(value, kind, turn, slow):
    count = len(CORPUS) if THOROUGH else FEW if slow else SOME
    strings = [CORPUS[(turn + 17 * i) % len(CORPUS)] for i in range(count)]
    if kind == "text[]":
        yield from ((string, "{" + json.dumps(string) + "}") for string in strings)
    elif kind == "bytea":
        yield from ((string, "\\x" + string.encode().hex()) for string in strings)
    elif kind in ("json", "jsonb"):
        yield from documents(json.loads(value) if value else {"name": "x"}, turn)
    else:
        yield from ((string, string) for string in strings)


def documents(document, turn):
    """The document with a string in one place of it: as a value, and as a name."""
    for place, make in enumerate(places(document)):
        count = len(CORPUS) if THOROUGH else FEW
        chosen = [CORPUS[(turn + 7 * place + 23 * i) % len(CORPUS)] for i in range(count)]
        for string in chosen:
            yield string, json.dumps(make(string))


def places(document):
    """Functions that put a string in each place in turn."""
    yield lambda string: string
    if isinstance(document, dict):
        yield lambda string: document | {string: string}
        for name, value in document.items():
            yield lambda string, name=name: {string if key == name else key: each for key, each in document.items()}
            for make in places(value):
                yield lambda string, name=name, make=make: document | {name: make(string)}
    elif isinstance(document, list):
        yield lambda string: [*document, string]
        for i, value in enumerate(document[:2]):
            for make in places(value):
                yield lambda string, i=i, make=make: [*document[:i], make(string), *document[i + 1 :]]


@pytest.mark.parametrize("part", range(8))
def test_no_string_gets_through_a_function(database, values, functions, part):
    check(database, values.token, [each for each in functions[part::8] if each[1] not in SKIPPED], lambda each: list(attacks(values, each[1], each[3])))


def test_no_string_gets_a_stranger_in(database, values, functions):
    tried = [each for each in functions if each[1] not in SKIPPED | SLOW]
    check(database, "", tried, lambda each: list(attacks(values, each[1], each[3]))[:: 1 if THOROUGH else 29])


def check(database, token, functions, attacks_of):
    """Tells of each function how many strings did what they must not, and of which some."""
    tried, statements = [], []
    for each in functions:
        some = attacks_of(each)
        tried += [(each[0], what) for what, _ in some]
        statements += [call_of(each[1], each[2], arguments) for _, arguments in some]
    assert len(statements) > 100
    wrong = collections.defaultdict(list)
    for (signature, what), state in zip(tried, run(database, statements, token), strict=True):
        if is_wrong(state):
            wrong[signature].append(f"{what}: {state}")
    assert not wrong, "\n".join(f"{signature}: {len(found)} strings, such as\n" + "\n".join(found[:3]) for signature, found in wrong.items())


# Routes -------------------------------------------------------------------------------------------

ROUTES = """
    SELECT method, path, p.proname, arguments, constants, coalesce(body_argument, ''), headers
      FROM pgwright.route_table() r JOIN pg_proc p ON p.oid = to_regproc(r.function_name)
     WHERE EXISTS (SELECT FROM pgwright.routes m WHERE m.id = r.id AND m.module = 'pgwright')
     ORDER BY path LIKE '/api/v1/auth/%', array_position('{GET,POST,PUT,PATCH,DELETE}', method), path
"""


class Route:
    def __init__(self, row, values):
        self.method, self.path, self.function = row[:3]
        arguments, constants, self.body, self.headers = json.loads(row[3]), json.loads(row[4]), row[5], json.loads(row[6])
        self.arguments = {each["name"]: each["type"] for each in arguments if each["name"] not in constants}
        self.required = {each["name"] for each in arguments if each["required"]}
        # Of the platform's own entities, which have none of the fields that the values name.
        self.plain = "entity" in constants
        self.in_path = [name for name in self.arguments if f"{{{name}}}" in self.path]
        self.values = values

    def base(self):
        """Name -> JSON value of what a right request gives."""
        given = {}
        for name, kind in self.arguments.items():
            value = self.values.of(self.function, name, kind)
            if value is None and name in self.in_path:
                value = self.values.known[name]
            if self.plain and name not in self.required:
                value = None
            if value is not None and name not in self.headers and f"{self.method} {name}" not in ("POST allow_destructive", "PUT scope"):
                given[name] = json.loads(value) if kind in ("json", "jsonb") else "text;day\nx;2026-01-01\n" if kind == "bytea" else value
        missing = self.required & set(self.arguments) - set(given) - set(self.headers)
        assert not missing, f"{self.method} {self.path}: no values for {missing} in injection_values.py"
        return given

    def attacks(self):
        """What is asked: (what is attacked, the members, the headers)."""
        base, turn = self.base(), sum(map(ord, self.method + self.path))
        yield "nothing", base, {}
        for place, (name, kind) in enumerate(self.arguments.items()):
            strings = [CORPUS[(turn + 7 * place + 23 * i) % len(CORPUS)] for i in range(len(CORPUS) if THOROUGH else FEW)]
            if name in self.headers:
                sent = [string.encode().replace(b"\r", b"").replace(b"\n", b"") for string in strings]
                yield from ((f"header {name}: {each[:60]}", base, {self.headers[name]: each}) for each in sent)
            elif kind in ("json", "jsonb"):
                tried = list(documents(base.get(name, {"name": "x"}), turn))
                for string, document in tried if THOROUGH else tried[:: len(tried) // (2 * FEW) or 1]:
                    yield f"{name} with {string[:60]!r}", base | {name: json.loads(document)}, {}
            else:
                yield from ((f"{name}: {string[:60]!r}", base | {name: string}, {}) for string in strings)
        yield "a name", base | {CORPUS[turn % len(CORPUS)]: "x"}, {}

    def ask(self, client, given, headers):
        path, rest = self.path, dict(given)
        for name in self.in_path:
            value = rest.pop(name)
            path = path.replace(f"{{{name}}}", urllib.parse.quote(value if isinstance(value, str) else json.dumps(value), safe=""))
        body = None
        if self.body:
            body = rest.pop(self.body, None)
        elif self.method not in ("GET", "DELETE"):
            body, rest = rest, {}
        if isinstance(body, str) and self.arguments.get(self.body) == "bytea":
            body, headers = body.encode(), headers | {"Content-Type": "text/csv"}
        query = {name: value if isinstance(value, str) else json.dumps(value) for name, value in rest.items()}
        return client.request(self.method, path, body, query, headers)


STATE = """
    SELECT injection.harmed((SELECT count(*) FROM pg_proc)), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_authid),
           (SELECT count(*) FROM pg_namespace), (SELECT count(*) FROM pgwright.routes), (SELECT count(*) FROM pgwright.tenants),
           (SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text IN ('pgwright', 'public', 't_sweep', 'pgwright_shared'))
"""


@pytest.fixture(scope="module")
def web_values(make_tenant, database, jwks, values):
    found = Values(make_tenant("sweepweb"), database, jwks)
    own = {"http_change_password.old_password": "not it", "introspect.schema": "t_sweepweb", "explain_access.user_name": "viewer@sweepweb.example"}
    own |= {"archive_entity.entity": "shelved"} | {f"{function}.entity": "drafted" for function in ("update_entity", "rename_entity", "discard_draft", "sync_schema")}
    found.by_function |= own
    return found


def test_no_string_gets_through_a_route(database, web_values, base_url):
    routes = [Route(row, web_values) for row in database.sql(ROUTES)]
    assert len(routes) > 200
    before, wrong, refused, client = database.sql(STATE), [], [], web_values.tenant.owner
    for route in routes:
        for what, given, headers in route.attacks():
            answer = route.ask(client, given, headers)
            if answer.status == 401 and client.get("/auth/me").status == 401:  # that ended the session
                database.sql("DELETE FROM pgwright.login_attempts")
                client = client.as_user(web_values.tenant.sign_in(base_url, "owner")["access_token"])
            if answer.status >= 500:
                wrong.append(f"{route.method} {route.path}, {what}: {answer.status} {answer.body[:200]}")
            if what == "nothing" and answer.status >= 400:
                refused.append((f"{route.method} {route.path}", answer.status, answer.body[:200]))
    assert not wrong, "\n".join(wrong[:30])
    assert database.sql(STATE) == before
    # What came before may have taken away what a route names; where most is refused at once little is tried.
    assert len(refused) < len(routes) / 3, "\n".join(map(str, refused))
