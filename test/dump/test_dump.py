"""pg_dump and restore bring back a working database.

One database is filled, dumped as plain SQL and in the custom format, and each dump restored into a new
database of the same cluster, where passwords, tokens, records and policies must go on as before.

Environment: PGWRIGHT_TEST_DSN, a superuser's connection string to a database that may be used up;
databases are created beside it. PGWRIGHT_BINDIR, where psql, pg_dump and pg_restore are (default: PATH).
"""

import json
import os
import re
import subprocess
import uuid

import pytest

DSN = os.environ.get("PGWRIGHT_TEST_DSN")
BINDIR = os.environ.get("PGWRIGHT_BINDIR", "")
PASSWORD = "correct horse"

# pg_dump warns of every table that refers to itself. Such rows restore well, because a COPY checks
# references when it is through; a circle of several tables would be named in more lines and fails.
SELF_REFERENCE = re.compile(
    r"pg_dump: (warning: there are circular foreign-key constraints on this table:|detail: \w+$"
    r"|hint: You might not be able to restore the dump|hint: Consider using a full dump)")

pytestmark = pytest.mark.skipif(not DSN, reason="PGWRIGHT_TEST_DSN is not set")


def run(program, *arguments, stdin=None):
    """Runs a client program; anything it says on standard error is a failure."""
    environment = {**os.environ, "PGCLIENTENCODING": "UTF8", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([os.path.join(BINDIR, program), *arguments], input=stdin, env=environment,
                          capture_output=True, check=False)
    complaints = "".join(line for line in done.stderr.decode().splitlines(True) if not SELF_REFERENCE.match(line))
    assert done.returncode == 0 and not complaints, f"{program}: {complaints}"
    return done.stdout


class Database:
    """A database by its name, which psql is asked about."""

    def __init__(self, name=None):
        self.dsn = DSN if name is None else f"{DSN} dbname={name}"

    def script(self, text, setting=""):
        options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.dsn, "-f", "-"]
        return run("psql", *options, stdin=(setting + "SET client_min_messages = warning;" + text).encode()).decode().strip()

    def value(self, query, token=None):
        return self.script(query, f"SET pgwright.token = '{token}';" if token else "")

    def json(self, query, token=None):
        return json.loads(self.value(query, token))

    def error(self, query, token):
        """The SQLSTATE that a query ends with."""
        return self.value(
            "CREATE TEMPORARY TABLE e (s text); DO $do$ BEGIN EXECUTE $q$" + query + "$q$; INSERT INTO e VALUES ('ok');"
            " EXCEPTION WHEN OTHERS THEN INSERT INTO e VALUES (SQLSTATE); END $do$; SELECT s FROM e", token)

    @staticmethod
    def create():
        name = "dump_" + uuid.uuid4().hex[:12]
        run("psql", "-X", "-q", "-d", DSN, "-c", f"CREATE DATABASE {name} TEMPLATE template0")
        return Database(name), name


FILL = """
CREATE EXTENSION IF NOT EXISTS pgwright;
SELECT pgwright.create_tenant('acme', 'Acme');
SELECT pgwright.create_tenant('rival', 'Rival');
SELECT pgwright.create_user('ann@acme.example', '{password}', 'acme', 'owner', 'Ann Ä');
SELECT pgwright.create_user('vic@acme.example', '{password}', 'acme', 'viewer');
SELECT pgwright.create_user('rob@rival.example', '{password}', 'rival', 'owner');
INSERT INTO pgwright.roles (tenant_id, name, label) SELECT id, 'clerk', 'Clerk' FROM pgwright.tenants WHERE slug = 'acme';
CREATE SCHEMA legacy;
CREATE TABLE legacy."Parts" ("PartNo" serial PRIMARY KEY, gone text, label varchar(20) NOT NULL, made date);
ALTER TABLE legacy."Parts" DROP COLUMN gone;
INSERT INTO legacy."Parts" (label) SELECT 'Part ' || n FROM generate_series(1, 3) n;
SELECT pgwright.attach_schema('legacy', 'acme');
INSERT INTO pgwright.routes (method, path, function_name, module) VALUES ('GET', '/api/v1/mine', 'pgwright.whoami', 'mine');
SELECT pgwright.act_as('ann@acme.example');
SELECT pgwright.create_entity('{{"name": "company", "search_language": "german",
    "indexes": [{{"name": "words", "index_type": "search", "field_names": ["title", "about"]}}], "fields": [
    {{"name": "about", "field_type": "rich_text"}},
    {{"name": "title", "field_type": "string", "is_required": true, "is_unique": true, "min_length": 2}},
    {{"name": "worth", "field_type": "decimal", "min_value": 0, "is_indexed": true, "validation_rules": [
        {{"expression": "worth < 1000 or title = ''Company 1''", "message": "only the first is worth so much"}}]}},
    {{"name": "code", "field_type": "string", "pattern": "^[A-Z]\\\\d+$"}},
    {{"name": "site", "field_type": "url"}},
    {{"name": "mood", "field_type": "string", "allowed_values": ["good", "b''ad\\\\"], "default_value": "good"}},
    {{"name": "seen", "field_type": "datetime", "default_expression": "now"}},
    {{"name": "tags", "field_type": "json"}}]}}');
SELECT pgwright.publish_entity('company', 'first');
SELECT pgwright.create_entity('{{"name": "contact", "supports_soft_delete": false, "fields": [
    {{"name": "name", "field_type": "string"}},
    {{"name": "boss", "field_type": "lookup", "reference_entity": "contact"}},
    {{"name": "employer", "field_type": "lookup", "reference_entity": "company"}},
    {{"name": "keeper", "field_type": "lookup", "reference_entity": "users"}}]}}');
SELECT pgwright.publish_entity('contact');
SELECT pgwright.import_entity('legacy."Parts"', '{{"name": "part"}}');
INSERT INTO pgwright.role_permissions (role_id, resource, action) SELECT id, 'company', 'read' FROM pgwright.roles WHERE name = 'clerk';
INSERT INTO pgwright.row_rules (tenant_id, role_id, entity_id, action, condition)
    SELECT e.tenant_id, r.id, e.id, 'read', '{{"field": "employer.title", "operator": "ne", "value": "x"}}' FROM pgwright.entity_definitions e, pgwright.roles r WHERE e.name = 'contact' AND r.name = 'clerk';
INSERT INTO pgwright.field_rules (tenant_id, role_id, entity_id, field_id, mode)
    SELECT e.tenant_id, r.id, e.id, f.id, 'hidden' FROM pgwright.entity_definitions e JOIN pgwright.field_definitions f ON f.entity_id = e.id, pgwright.roles r
     WHERE e.name = 'company' AND f.name = 'site' AND r.name = 'clerk';
INSERT INTO pgwright.user_groups (tenant_id, name, label) SELECT id, 'night', 'Night' FROM pgwright.tenants WHERE slug = 'acme';
SELECT pgwright.create_entity('{{"name": "plan", "fields": [{{"name": "a", "field_type": "string"}}, {{"name": "b", "field_type": "lookup", "reference_entity": "company"}}]}}');
SELECT pgwright.bulk_create_records('company', (SELECT json_agg(json_build_object('title', 'Company ' || n, 'worth', n || '.50',
    'tags', json_build_object('n', n, 'text', 'Zürich "quoted" \\')) ORDER BY n) FROM generate_series(1, 50) n));
SELECT pgwright.delete_record('company', id) FROM (SELECT id::text FROM t_acme.company WHERE title = 'Company 50') c;
-- The boss comes after the subordinate, so a dump cannot rely on the order of rows.
INSERT INTO t_acme.contact (id, name, boss) SELECT 'ffffffff-0000-7000-8000-000000000001', 'Clerk', NULL;
INSERT INTO t_acme.contact (id, name, employer, keeper) SELECT 'ffffffff-0000-7000-8000-000000000002', 'Boss', c.id, u.id
    FROM t_acme.company c, pgwright.users u WHERE c.title = 'Company 1' AND u.email LIKE 'ann@%';
UPDATE t_acme.contact SET boss = 'ffffffff-0000-7000-8000-000000000002' WHERE name = 'Clerk';
SELECT pgwright.create_identity_provider('{{"name": "corp", "issuer": "https://idp.example", "audience": "crm", "algorithms": ["EdDSA"], "jwks": {{"keys": [
    {{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}]}}}}');
SELECT pgwright.link_identity('corp', 'u-1', 'vic@acme.example');
INSERT INTO pgwright.revoked_tokens (provider_id, token_hash, expires_at) SELECT id, sha256('x'), now() + interval '1 hour' FROM pgwright.identity_providers;
SELECT pgwright.act_as('rob@rival.example');
SELECT pgwright.create_entity('{{"name": "company", "fields": [{{"name": "secret", "field_type": "string"}}]}}');
SELECT pgwright.publish_entity('company');
SELECT pgwright.create_record('company', '{{"secret": "rival"}}');
"""


# Rows in every table of sign-in; the key that replaces another has its reference to it from the start.
SIGN_IN = """
SELECT pgwright.try_login('vic@acme.example', 'wrong');
SELECT pgwright.update_security_policies('{{"password_policy": {{"history": 5}}}}');
SELECT pgwright.invite_user('new@acme.example', '["viewer"]', 'Sales');
SELECT pgwright.rotate_api_key(k ->> 'id') FROM pgwright.create_api_key('{{"name": "old", "scopes": ["company:read"]}}') k;
INSERT INTO pgwright.api_key_usage (tenant_id, api_key_id, hour, requests, last_at) SELECT tenant_id, id, now(), 7, now() FROM pgwright.api_keys;
INSERT INTO pgwright.password_history (user_id, password_hash) SELECT id, password_hash FROM pgwright.users;
"""


@pytest.fixture(scope="module")
def original():
    database = Database()
    database.script(FILL.format(password=PASSWORD))
    login = database.json(f"SELECT pgwright.login('ann@acme.example', '{PASSWORD}')")
    database.token = login["access_token"]
    database.script(SIGN_IN.format(password=PASSWORD), f"SET pgwright.token = '{database.token}';")
    database.key = database.json("SELECT pgwright.create_api_key('{\"name\": \"k\"}')", database.token)["key"]
    database.viewer_token = database.json(f"SELECT pgwright.login('vic@acme.example', '{PASSWORD}')")["access_token"]
    ended = database.json(f"SELECT pgwright.login('ann@acme.example', '{PASSWORD}')")["access_token"]
    database.value("SELECT pgwright.logout()", ended)
    database.ended_token = ended
    return database


@pytest.fixture(scope="module", params=["plain", "custom"])
def restored(request, original, tmp_path_factory):
    file = str(tmp_path_factory.mktemp("dump") / request.param)
    run("pg_dump", "-F", request.param[0], "-f", file, "-d", original.dsn)
    database, name = Database.create()
    try:
        if request.param == "plain":
            run("psql", "-X", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", "-d", database.dsn, "-f", file)
        else:
            run("pg_restore", "--exit-on-error", "-d", database.dsn, file)
        yield database
    finally:
        run("psql", "-X", "-q", "-d", DSN, "-c", f"DROP DATABASE {name} WITH (FORCE)")


# Every table, with the condition on its rows that the extension gives pg_dump ('' for all rows).
TABLES = """SELECT coalesce(json_object_agg(c.oid::regclass::text, coalesce(x.extcondition[array_position(x.extconfig, c.oid)], '')), '{}')
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_extension x ON x.extname = 'pgwright'
             WHERE relkind = 'r' AND (nspname IN ('pgwright', 'pgwright_shared') OR nspname LIKE 't\\_%')"""


def contents(database):
    """The dumped rows of every table as they are, and all rows but for the time of their installation."""
    tables = database.json(TABLES)
    assert len(tables) == 46 + 3
    rows = {}
    for table, dumped in sorted(tables.items()):
        rows[table] = database.value(f'SELECT r COLLATE "C" FROM (SELECT t::text AS r FROM {table} t {dumped}) s ORDER BY 1')
        rows[table, "all"] = database.value(
            f"SELECT r COLLATE \"C\" FROM (SELECT (to_jsonb(t) - '{{created_at,updated_at}}'::text[])::text AS r FROM {table} t) s ORDER BY 1")
    return rows


def ddl(database):
    """Everything pg_dump says, without what depends on the moment: the order of rows, and random keys."""
    text = run("pg_dump", "-d", database.dsn).decode()
    text = re.sub(r"\\(un)?restrict \S+", "", text)  # newer versions guard their scripts by a random word

    def in_order(match):
        return match.group(1) + "\n".join(sorted(match.group(2).split("\n"))) + "\n\\.\n"

    return re.sub(r"(^COPY [^\n]*;\n)(.*?)\n\\\.\n", in_order, text, flags=re.S | re.M)


def test_every_row_comes_back_once(original, restored):
    assert contents(restored) == contents(original)


def test_an_api_key_is_good_in_the_restored_database(original, restored):
    assert restored.json("SELECT pgwright.whoami()", original.key)["email"] == "ann@acme.example"


def test_a_dump_of_the_restored_is_the_same(original, restored):
    assert ddl(restored) == ddl(original)


def test_rows_of_the_installation_are_not_in_the_dump(original):
    text = run("pg_dump", "-d", original.dsn, "--data-only").decode()
    for own in ("/api/v1/auth/login", "Reads and writes records", "entity_definitions\tEntity Definitions"):
        assert own not in text
    for theirs in ("/api/v1/mine", "Clerk", "ann@acme.example"):
        assert theirs in text


def test_the_old_password_signs_in(restored):
    login = restored.json(f"SELECT pgwright.login('ann@acme.example', '{PASSWORD}')")
    assert login["user"]["display_name"] == "Ann Ä"
    assert restored.json("SELECT pgwright.whoami()", login["access_token"])["roles"] == ["owner"]
    assert restored.error("SELECT pgwright.login('ann@acme.example', 'wrong')", "") == "PW401"


def test_an_old_token_goes_on_and_an_ended_one_stays_ended(original, restored):
    me = restored.json("SELECT pgwright.whoami()", original.token)
    assert me == original.json("SELECT pgwright.whoami()", original.token)
    assert me["authenticated"] is True
    assert restored.json("SELECT pgwright.whoami()", original.ended_token) == {"authenticated": False}


def test_records_are_served(original, restored):
    query = "SELECT pgwright.list_records('company', page_size => 100, sort => 'title')"
    page = restored.json(query, original.token)
    assert page == original.json(query, original.token)
    assert page["total"] == 49
    # Without the system's own, which were installed at another time.
    query = """SELECT pgwright.list_records('entity_definitions', page_size => 100, sort => 'name', filters => '{"entity_type": "custom"}')"""
    assert restored.json(query, original.token) == original.json(query, original.token)


def test_policies_hold(original, restored):
    restored.script("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pgwright_dump_user')"
                    " THEN CREATE ROLE pgwright_dump_user IN ROLE pgwright_user; END IF; END $$")
    count = "SET ROLE pgwright_dump_user; SELECT (SELECT count(*) FROM t_acme.company) || ' ' || (SELECT count(*) FROM t_rival.company)"
    assert restored.value(count) == "0 0"
    assert restored.value(count, original.token) == "50 0"
    assert restored.error("SELECT pgwright.create_record('company', '{\"title\": \"No\"}')", original.viewer_token) == "PW403"
    restored.script("DROP ROLE pgwright_dump_user")


def test_constraints_and_references_hold(original, restored):
    for record, state in (('{"title": "x"}', "PW400"), ('{"title": "Company 1"}', "PW409"), ('{"title": "New", "mood": "sad"}', "PW400"),
                          ('{"title": "New", "code": "a1"}', "PW400"), ('{"title": "New", "worth": 1000}', "PW400"),
                          ('{"title": "Company 50", "code": "A1", "worth": 999, "mood": "b\'ad\\\\"}', "ok")):
        query = f"SELECT pgwright.create_record('company', $r${record}$r$)"
        assert restored.error(query, original.token) == state, record
    assert restored.error("SELECT pgwright.delete_record('contact', 'ffffffff-0000-7000-8000-000000000002')", original.token) == "PW409"


def test_an_imported_table_is_served_and_let_go(original, restored):
    parts = "SELECT pgwright.list_records('part', sort => 'PartNo')"
    assert restored.json(parts, original.token) == original.json(parts, original.token)
    made = restored.json("SELECT pgwright.create_record('part', '{\"label\": \"Part 4\"}')", original.token)
    assert (made["id"], made["data"]["PartNo"]) == ("4", 4)
    assert restored.error("SELECT pgwright.create_record('part', '{\"label\": \"x\"}')", original.viewer_token) == "PW403"
    assert restored.json("SELECT pgwright.analyze_schema('part')", original.token)["in_sync"] is True
    policies = "SELECT count(*) FROM pg_policies WHERE schemaname = 'legacy'"
    assert restored.value(policies) == original.value(policies) != "0"
    restored.value("SELECT pgwright.unimport_entity('part')", original.token)
    assert restored.value(policies) == "0"
    assert restored.value("SELECT relrowsecurity FROM pg_class WHERE oid = 'legacy.\"Parts\"'::regclass") == "f"


def test_work_goes_on(original, restored):
    restored.value("SELECT pgwright.publish_entity('plan', 'after the restore')", original.token)
    restored.value("SELECT pgwright.create_entity('{\"name\": \"fresh\", \"fields\": [{\"name\": \"a\", \"field_type\": \"string\"}]}')", original.token)
    assert restored.json("SELECT pgwright.publish_entity('fresh')", original.token)["status"] == "completed"
    record = restored.json("SELECT pgwright.create_record('plan', '{\"a\": \"b\"}')", original.token)
    assert restored.json(f"SELECT pgwright.get_record('plan', '{record['id']}')", original.token) == record
    migrations = restored.json("SELECT pgwright.list_migrations('plan')", original.token)
    assert [m["commit_message"] for m in migrations] == ["after the restore"]
    restored.value("SELECT pgwright.create_tenant('third', 'Third')")
    assert restored.value("SELECT count(*) FROM pgwright.route_table() WHERE path = '/api/v1/mine'") == "1"
