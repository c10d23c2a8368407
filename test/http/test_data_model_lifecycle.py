"""From draft to table and back under /api/v1/data-model: previews, publishing and its refusals, rollbacks,
archiving, deletion, what is retired; who may, and the log of it all."""

import contextlib

import pytest

from client import MISSING

ENTITIES = "/data-model/entities"
MIGRATIONS = "/data-model/migrations"
RETIRED = "/data-model/retired"
NAME = {"name": "name", "field_type": "string", "max_length": 80}
RANK = {"name": "rank", "field_type": "string"}


@pytest.fixture(scope="module")
def foundry(make_tenant):
    return make_tenant("foundry")


@pytest.fixture(scope="module")
def make(foundry):
    """Publishes an entity with two fields and records with these ranks."""

    def make(name, *ranks):
        foundry.owner.publish(name, NAME, RANK)
        ids = [foundry.owner.create(name, name=f"n{number}", rank=rank) for number, rank in enumerate(ranks)]
        return foundry.owner, f"{ENTITIES}/{name}", ids

    return make


def preview(client, path, **body):
    return client.post(f"{path}/preview-migration", body or None).must_be(200).json


def publish(client, path, **body):
    return client.post(f"{path}/publish", body or None).must_be(200).json


def findings(document):
    return [finding for change in document["changes"] for finding in change["findings"]]


def ranks(client, entity):
    return sorted((record["rank"] for record in client.records(entity)), key=str)


# Preview ------------------------------------------------------------------------------------------


def test_a_preview_tells_all_that_publishing_would_do(make, database):
    owner, path, _ = make("shown", "1")
    owner.post(f"{path}/fields", {"name": "note", "field_type": "text"}).must_be(201)
    shown = preview(owner, path)
    assert set(shown) == {
        "entity_id", "entity_name", "from_version", "to_version", "migration_type", "up_script", "down_script",
        "estimated_impact", "changes", "blockers", "warnings", "in_step", "fingerprint",
    }  # fmt: skip
    assert (shown["migration_type"], shown["from_version"], shown["to_version"]) == ("alter", 1, 2)
    assert shown["estimated_impact"]["changes"] == len(shown["changes"])
    assert (shown["estimated_impact"]["risk"], shown["blockers"], shown["in_step"]) == ("safe", [], False)
    [added] = [change for change in shown["changes"] if change["operation"] == "add_column"]
    assert set(added) == {"operation", "object", "field", "summary", "up", "down", "lock", "risk", "rows_affected", "findings"}
    assert (added["field"], added["lock"], added["risk"]) == ("note", "ACCESS EXCLUSIVE", "safe")
    assert added["up"] in shown["up_script"] and added["down"] in shown["down_script"]
    assert preview(owner, path) == shown, "a preview changes nothing"
    assert database.value("SELECT count(*) FROM pg_attribute WHERE attrelid = 't_foundry.shown'::regclass AND attname = 'note'") == "0"
    done = publish(owner, path)
    assert (done["up_script"], done["down_script"], done["from_version"], done["to_version"]) == (
        shown["up_script"], shown["down_script"], 1, 2,
    )  # fmt: skip
    after = preview(owner, path)
    assert (after["changes"], after["in_step"]) == ([], True)


def test_a_table_changed_behind_the_definition_is_warned_of(make, database):
    owner, path, _ = make("drifting")
    database.sql("ALTER TABLE t_foundry.drifting ADD COLUMN stray int")
    shown = preview(owner, path)
    assert shown["in_step"] is False
    assert len(shown["warnings"]) == 1


def test_what_does_not_convert_is_counted_named_and_blocks(make):
    owner, path, ids = make("unconvertible", "1", "two", "3", "four", None)
    owner.put(f"{path}/fields/rank", {"field_type": "integer"}).must_be(200)
    shown = preview(owner, path)
    [finding] = [each for each in findings(shown) if each["kind"] == "not_convertible"]
    assert (finding["count"], sorted(finding["sample_ids"])) == (2, sorted([ids[1], ids[3]]))
    assert [blocker["field"] for blocker in shown["blockers"]] == ["rank"]
    for id in (ids[1], ids[3]):
        assert id in shown["blockers"][0]["message"]
    owner.post(f"{path}/publish", {"allow_destructive": True}).must_be(400, "VALIDATION_ERROR", fields=["rank"])
    assert ranks(owner, "unconvertible") == ["1", "3", None, "four", "two"]
    assert len(owner.get(f"{path}/migrations").json) == 1
    for id, rank in ((ids[1], "2"), (ids[3], "4")):
        owner.put(f"/dynamic-data/unconvertible/records/{id}", {"data": {"rank": rank}}).must_be(200)
    assert preview(owner, path)["blockers"] == []
    publish(owner, path, allow_destructive=True)
    assert ranks(owner, "unconvertible") == [1, 2, 3, 4, None]


def test_samples_are_at_most_five(make):
    owner, path, _ = make("sampled", *("x" * 8))
    owner.put(f"{path}/fields/rank", {"field_type": "integer"}).must_be(200)
    [finding] = findings(preview(owner, path))
    assert (finding["count"], len(finding["sample_ids"])) == (8, 5)


@pytest.mark.parametrize(
    "name, change, kind",
    [
        ("valueless", {"is_required": True}, "without_value"),
        ("repeated", {"is_unique": True}, "duplicates"),
        ("breaking", {"max_length": 2}, "violates"),
        ("disallowed", {"allowed_values": ["one"]}, "violates"),
    ],
)
def test_rows_that_break_a_new_rule_block(make, name, change, kind):
    owner, path, _ = make(name, "one", "two", "two", None)
    owner.put(f"{path}/fields/rank", change).must_be(200)
    shown = preview(owner, path)
    assert [finding["kind"] for finding in findings(shown)] == [kind]
    assert [blocker["field"] for blocker in shown["blockers"]] == ["rank"]
    answer = owner.post(f"{path}/publish").must_be(400, "VALIDATION_ERROR", fields=["rank"])
    assert answer.json["error"]["details"][0]["message"] == shown["blockers"][0]["message"]
    assert owner.get(path).json["version"] == 1


def test_a_back_fill_gives_the_rows_what_they_lack(make):
    owner, path, _ = make("filled", "one", None, None)
    owner.put(f"{path}/fields/rank", {"is_required": True}).must_be(200)
    owner.post(f"{path}/fields", {"name": "level", "field_type": "integer", "is_required": True}).must_be(201)
    body = {"backfill": {"rank": "none", "level": 7}}
    assert {blocker["field"] for blocker in preview(owner, path)["blockers"]} == {"rank", "level"}
    assert preview(owner, path, **body)["blockers"] == []
    publish(owner, path, **body)
    assert ranks(owner, "filled") == ["none", "none", "one"]
    assert [record["level"] for record in owner.records("filled")] == [7, 7, 7]


@pytest.mark.parametrize(
    "backfill, faulty",
    [
        ({"nothing": 1}, "backfill.nothing"), ({"rank": None}, "backfill.rank"), ({"rank": 7}, "backfill.rank"),
        ({"rank": "x" * 300}, "backfill.rank"), ([], "backfill"), ("rank", "backfill"),
    ],
)  # fmt: skip
def test_a_bad_back_fill_is_a_fault(foundry, make, backfill, faulty):
    if foundry.owner.get(f"{ENTITIES}/badly_filled").status == 404:
        owner, path, _ = make("badly_filled", None)
        owner.put(f"{path}/fields/rank", {"is_required": True}).must_be(200)
    for act in ("preview-migration", "publish"):
        answer = foundry.owner.post(f"{ENTITIES}/badly_filled/{act}", {"backfill": backfill})
        answer.must_be(400, "VALIDATION_ERROR", fields=[faulty])


# Publishing ---------------------------------------------------------------------------------------


def test_a_stale_preview_is_not_published(make, database):
    owner, path, _ = make("stale", "1")
    owner.put(f"{path}/fields/rank", {"label": "Level"}).must_be(200)
    first = preview(owner, path)["fingerprint"]
    owner.put(f"{path}/fields/rank", {"label": "Grade"}).must_be(200)
    owner.post(f"{path}/publish", {"fingerprint": first}).must_be(409, "CONFLICT", fields=["fingerprint"])
    second = preview(owner, path)["fingerprint"]
    database.sql("ALTER TABLE t_foundry.stale ALTER COLUMN rank SET DEFAULT 'x'")
    owner.post(f"{path}/publish", {"fingerprint": second}).must_be(409, "CONFLICT", fields=["fingerprint"])
    assert owner.get(path).json["version"] == 1
    done = publish(owner, path, fingerprint=preview(owner, path)["fingerprint"], commit_message="at last")
    assert (done["status"], done["commit_message"], done["risk"]) == ("completed", "at last", done["risk"])
    owner.post(f"{path}/publish", {"fingerprint": ""}).must_be(409, "CONFLICT")


def test_what_destroys_needs_permission_and_is_retired(make):
    owner, path, _ = make("destroyed", "gold")
    owner.delete(f"{path}/fields/rank").must_be(204)
    shown = preview(owner, path)
    assert shown["estimated_impact"]["risk"] == "destructive"
    for body in (None, {"allow_destructive": False}):
        owner.post(f"{path}/publish", body).must_be(409, "CONFLICT", fields=["rank"])
    assert ranks(owner, "destroyed") == ["gold"]
    migration = publish(owner, path, allow_destructive=True)
    assert migration["risk"] == "destructive"
    assert "rank" not in owner.records("destroyed")[0]
    [retired] = [each for each in owner.get(RETIRED).must_be(200).json if each["migration_id"] == migration["id"]]
    assert (retired["kind"], retired["name"], retired["status"]) == ("column", "rank", "retired")
    assert retired["column_name"] == "_retired_rank_v2"


@pytest.fixture
def holiday(database):
    """A context in which tables are not altered."""

    @contextlib.contextmanager
    def holiday():
        database.sql(
            "CREATE FUNCTION public.no_alter() RETURNS event_trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE EXCEPTION 'the table is on holiday'; END $$;"
            "CREATE EVENT TRIGGER no_alter ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.no_alter()"
        )
        try:
            yield
        finally:
            database.sql("DROP EVENT TRIGGER no_alter; DROP FUNCTION public.no_alter()")

    return holiday


def test_a_statement_that_fails_changes_nothing_and_is_recorded(make, holiday):
    owner, path, _ = make("failing", "1")
    owner.post(f"{path}/fields", {"name": "note", "field_type": "text"}).must_be(201)
    draft = owner.get(path, version="draft").json
    with holiday():
        answer = owner.post(f"{path}/publish", {"commit_message": "in vain"}).must_be(409, "CONFLICT")
    assert "the table is on holiday" in answer.message
    migration = owner.get(f"{MIGRATIONS}/{answer.json['error']['migration_id']}").must_be(200).json
    assert (migration["status"], migration["error_message"], migration["commit_message"]) == (
        "failed", "the table is on holiday", "in vain",
    )  # fmt: skip
    assert owner.get(path, version="draft").json == draft
    assert owner.get(path).json["version"] == 1
    owner.post(f"{MIGRATIONS}/{migration['id']}/rollback").must_be(409, "CONFLICT")
    publish(owner, path)
    assert [each["status"] for each in owner.get(f"{path}/migrations").json] == ["completed", "failed", "completed"]


def test_nothing_to_publish_is_a_conflict(make):
    owner, path, _ = make("idle")
    owner.post(f"{path}/publish").must_be(409, "CONFLICT")
    owner.put(path, {"label": "Idle hands"}).must_be(200)
    publish(owner, path)
    assert owner.get(path).json["label"] == "Idle hands"


def test_entities_that_refer_to_each_other_are_published_together(foundry):
    owner = foundry.owner
    lookup = lambda name, target: {"name": name, "field_type": "lookup", "reference_entity": target}  # noqa: E731
    owner.post(ENTITIES, {"name": "hen", "fields": [NAME]}).must_be(201)
    owner.post(ENTITIES, {"name": "egg", "fields": [NAME, lookup("mother", "hen")]}).must_be(201)
    owner.post(f"{ENTITIES}/hen/fields", lookup("origin", "egg")).must_be(201)
    owner.post(f"{ENTITIES}/hen/publish").must_be(400, "VALIDATION_ERROR", fields=["origin"])
    records = owner.post(f"{ENTITIES}/publish", {"entities": ["egg", "hen"], "commit_message": "both"}).must_be(200).json
    assert [record["migration_name"] for record in records] == ["egg_v1", "hen_v1"]
    assert {record["status"] for record in records} == {"completed"}
    assert len({record["batch_id"] for record in records}) == 1 and records[0]["batch_id"]
    hen = owner.create("hen", name="h")
    egg = owner.create("egg", name="e", mother=hen)
    owner.put(f"/dynamic-data/hen/records/{hen}", {"data": {"origin": egg}}).must_be(200)
    rolled_back = owner.post(f"{MIGRATIONS}/{records[0]['id']}/rollback").must_be(200).json
    assert rolled_back["status"] == "rolled_back"
    for name in ("hen", "egg"):
        assert owner.get(f"{ENTITIES}/{name}").json["status"] == "draft", "published together, taken back together"


def test_several_are_published_all_or_none(make):
    owner, good, _ = make("all_good", "1")
    _, bad, _ = make("one_bad", "x")
    owner.post(f"{good}/fields", {"name": "note", "field_type": "text"}).must_be(201)
    owner.put(f"{bad}/fields/rank", {"field_type": "integer"}).must_be(200)
    body = {"entities": ["all_good", "one_bad"], "allow_destructive": True}
    owner.post(f"{ENTITIES}/publish", body).must_be(400, "VALIDATION_ERROR", fields=["rank"])
    assert owner.get(good).json["version"] == owner.get(bad).json["version"] == 1


@pytest.mark.parametrize("entities", [[], None, "hen", {}, [1], ["idle", None], ["a"] * 101])
def test_what_to_publish_is_a_list_of_names(foundry, entities):
    foundry.owner.post(f"{ENTITIES}/publish", {"entities": entities}).must_be(400, "VALIDATION_ERROR", fields=["entities"])


def test_an_entity_is_published_once_at_a_time(make):
    owner, path, _ = make("doubled")
    entity = owner.put(path, {"label": "D"}).must_be(200).json
    owner.post(f"{ENTITIES}/publish", {"entities": ["doubled", entity["id"]]}).must_be(400, fields=["entities"])
    owner.post(f"{ENTITIES}/publish", {"entities": ["doubled", "nothing"]}).must_be(404, "RESOURCE_NOT_FOUND")
    assert owner.get(path).json["version"] == 1


# Rolling back -------------------------------------------------------------------------------------


def test_a_rollback_brings_structure_and_values_back(make):
    owner, path, ids = make("reverted", "gold", "silver")
    owner.delete(f"{path}/fields/rank").must_be(204)
    owner.post(f"{path}/fields", {"name": "level", "field_type": "integer"}).must_be(201)
    migration = publish(owner, path, allow_destructive=True)
    owner.put(f"/dynamic-data/reverted/records/{ids[0]}", {"data": {"level": 5}}).must_be(200)
    done = owner.post(f"{MIGRATIONS}/{migration['id']}/rollback").must_be(200).json
    assert (done["id"], done["status"]) == (migration["id"], "rolled_back")
    assert done["rolled_back_by"] == owner.get("/auth/me").json["id"]
    assert done["rolled_back_at"].endswith("Z")
    assert ranks(owner, "reverted") == ["gold", "silver"]
    entity = owner.get(path).json
    assert (entity["version"], entity["draft_version"]) == (1, 3), "what was taken back is the draft again"
    owner.post(f"{MIGRATIONS}/{migration['id']}/rollback").must_be(409, "CONFLICT")
    publish(owner, path, allow_destructive=True)
    assert "rank" not in owner.records("reverted")[0]


def test_migrations_are_rolled_back_in_order(make):
    owner, path, _ = make("ordered", "1")
    for number in (2, 3):
        owner.post(f"{path}/fields", {"name": f"f{number}", "field_type": "text"}).must_be(201)
        publish(owner, path)
    third, second, first = owner.get(f"{path}/migrations").must_be(200).json
    owner.post(f"{MIGRATIONS}/{second['id']}/rollback").must_be(409, "CONFLICT", fields=["ordered_v3"])
    for migration in (third, second, first):
        owner.post(f"{MIGRATIONS}/{migration['id']}/rollback").must_be(200)
    assert owner.get(path).json["status"] == "draft"
    owner.get("/dynamic-data/ordered/records").must_be(404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("migration", [MISSING, "nothing", "'", "%00", "1"])
def test_an_unknown_migration_is_not_found(foundry, migration):
    for method, path in (("GET", ""), ("POST", "/rollback")):
        answer = foundry.owner.request(method, f"{MIGRATIONS}/{migration}{path}")
        assert (answer.status, answer.error) in ((404, "RESOURCE_NOT_FOUND"), (400, "VALIDATION_ERROR"))


# Archive, delete, retire, purge -------------------------------------------------------------------


def test_an_archived_entity_is_not_served_and_comes_back_whole(make, database):
    owner, path, ids = make("resting", "1", "2")
    archived = owner.post(f"{path}/archive").must_be(200).json
    assert archived["status"] == "archived"
    owner.get("/dynamic-data/resting/records").must_be(404, "RESOURCE_NOT_FOUND")
    assert database.value("SELECT has_table_privilege('pgwright_user', 't_foundry.resting', 'SELECT')") == "f"
    for method, part, body in (("PUT", "", {"label": "x"}), ("POST", "/fields", RANK), ("POST", "/publish", None), ("POST", "/archive", None)):
        owner.request(method, path + part, body).must_be(409, "CONFLICT")
    assert owner.post(f"{path}/unarchive").must_be(200).json["status"] == "published"
    assert sorted(record["id"] for record in owner.records("resting")) == sorted(ids)
    owner.post(f"{path}/unarchive").must_be(409, "CONFLICT")


def test_a_draft_is_deleted_and_its_name_is_free(foundry):
    foundry.owner.post(ENTITIES, {"name": "fleeting", "fields": [NAME]}).must_be(201)
    assert foundry.owner.delete(f"{ENTITIES}/fleeting").must_be(204).body == b""
    foundry.owner.get(f"{ENTITIES}/fleeting").must_be(404, "RESOURCE_NOT_FOUND")
    foundry.owner.post(ENTITIES, {"name": "fleeting", "fields": [NAME]}).must_be(201)


def test_a_published_entity_is_archived_then_deleted_and_its_table_kept(make):
    owner, path, _ = make("doomed", "1")
    entity = owner.get(path).json
    owner.delete(path).must_be(409, "CONFLICT")
    owner.post(f"{path}/archive").must_be(200)
    owner.delete(path).must_be(409, "CONFLICT")
    owner.delete(path, allow_destructive="false").must_be(409, "CONFLICT")
    owner.delete(path, allow_destructive="true").must_be(204)
    owner.get(path).must_be(404, "RESOURCE_NOT_FOUND")
    [retired] = [each for each in owner.get(RETIRED).json if each["entity_id"] == entity["id"]]
    assert (retired["kind"], retired["schema_name"], retired["name"]) == ("table", "pgwright_retired", "doomed")
    migration = owner.get(f"{MIGRATIONS}/{retired['migration_id']}").must_be(200).json
    assert (migration["migration_type"], migration["status"]) == ("drop", "completed")
    owner.post(f"{MIGRATIONS}/{migration['id']}/rollback").must_be(200)
    assert owner.get(path).json["status"] == "archived"
    owner.post(f"{path}/unarchive").must_be(200)
    assert ranks(owner, "doomed") == ["1"]


def test_what_is_purged_is_gone_for_good(make, database):
    owner, path, _ = make("purged", "gold")
    owner.delete(f"{path}/fields/rank").must_be(204)
    migration = publish(owner, path, allow_destructive=True)
    ours = lambda report: [each for each in report if each["table"] == "t_foundry.purged"]  # noqa: E731
    assert ours(owner.post(f"{RETIRED}/purge").must_be(200).json) == [], "not before thirty days"
    database.sql("UPDATE pgwright.retired_objects SET retired_at = now() - interval '31 days' WHERE table_name = 'purged'")
    [report] = ours(owner.post(f"{RETIRED}/purge").must_be(200).json)
    assert (report["kind"], report["column"], report["purged"], report["error"]) == ("column", "_retired_rank_v2", True, None)
    owner.post(f"{MIGRATIONS}/{migration['id']}/rollback").must_be(409, "CONFLICT")
    [retired] = [each for each in owner.get(RETIRED).json if each["migration_id"] == migration["id"]]
    assert retired["status"] == "purged"


@pytest.mark.parametrize("older_than", ["soon", "", "1 fortnight; DROP TABLE x", {}])
def test_an_age_is_an_interval(foundry, older_than):
    foundry.owner.post(f"{RETIRED}/purge", {"older_than": older_than}).must_be(400, "VALIDATION_ERROR")


# Who may ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def subject(make):
    """An entity with a draft, an index, a relationship and a migration, which the tests only look at."""
    owner, path, _ = make("subject", "1")
    index = owner.post(f"{path}/indexes", {"name": "by_rank", "field_names": ["rank"]}).must_be(201).json
    body = {"name": "subjection", "relationship_type": "one-to-many", "source_entity": "subject", "target_entity": "subject"}
    relationship = owner.post("/data-model/relationships", body).must_be(201).json
    [migration] = owner.get(f"{path}/migrations").json
    return {"entity": "subject", "index": index["id"], "relationship": relationship["id"], "migration": migration["id"]}


READING = [
    ("GET", "/data-model/entities", None),
    ("GET", "/data-model/entities/{entity}", None),
    ("GET", "/data-model/entities/{entity}/versions", None),
    ("GET", "/data-model/entities/{entity}/versions/1", None),
    ("GET", "/data-model/entities/{entity}/fields", None),
    ("GET", "/data-model/entities/{entity}/fields/rank", None),
    ("GET", "/data-model/entities/{entity}/indexes", None),
    ("GET", "/data-model/entities/{entity}/indexes/{index}?version=draft", None),
    ("GET", "/data-model/relationships", None),
    ("GET", "/data-model/relationships/{relationship}", None),
    ("GET", "/data-model/entities/{entity}/migrations", None),
    ("GET", "/data-model/migrations/{migration}", None),
    ("GET", "/data-model/retired", None),
    ("POST", "/data-model/entities/validate-name", {"name": "x"}),
    ("POST", "/data-model/entities/{entity}/fields/validate-name", {"name": "x"}),
]
CHANGING = [
    ("POST", "/data-model/entities", {"name": "mine"}),
    ("POST", "/data-model/entities/publish", {"entities": ["subject"]}),
    ("PUT", "/data-model/entities/{entity}", {"label": "x"}),
    ("DELETE", "/data-model/entities/{entity}", None),
    ("POST", "/data-model/entities/{entity}/rename", {"name": "x"}),
    ("POST", "/data-model/entities/{entity}/archive", None),
    ("POST", "/data-model/entities/{entity}/unarchive", None),
    ("DELETE", "/data-model/entities/{entity}/draft", None),
    ("POST", "/data-model/entities/{entity}/fields", {"name": "x", "field_type": "text"}),
    ("PUT", "/data-model/entities/{entity}/fields/rank", {"label": "x"}),
    ("DELETE", "/data-model/entities/{entity}/fields/rank", None),
    ("POST", "/data-model/entities/{entity}/indexes", {"name": "x", "field_names": ["rank"]}),
    ("PUT", "/data-model/entities/{entity}/indexes/{index}", {"is_unique": True}),
    ("DELETE", "/data-model/entities/{entity}/indexes/{index}", None),
    ("POST", "/data-model/relationships", {"name": "x", "relationship_type": "one-to-one", "source_entity": "subject", "target_entity": "subject"}),
    ("PUT", "/data-model/relationships/{relationship}", {"label": "x"}),
    ("DELETE", "/data-model/relationships/{relationship}", None),
    ("POST", "/data-model/entities/{entity}/publish", None),
    ("POST", "/data-model/migrations/{migration}/rollback", None),
    ("POST", "/data-model/retired/purge", None),
]  # fmt: skip
# What is asked of the tenant as a whole has no other tenant's thing to miss.
OF_THE_TENANT = {"/data-model/entities", "/data-model/relationships", "/data-model/retired", "/data-model/retired/purge", "/data-model/entities/validate-name"}


@pytest.mark.parametrize("role", ["member", "viewer"])
@pytest.mark.parametrize("method, path, body", CHANGING)
def test_those_who_may_only_read_change_nothing(foundry, subject, role, method, path, body):
    before = foundry.owner.get(f"{ENTITIES}/subject", version="draft").json
    getattr(foundry, role).request(method, path.format(**subject), body).must_be(403, "PERMISSION_DENIED")
    assert foundry.owner.get(f"{ENTITIES}/subject", version="draft").json == before


@pytest.mark.parametrize("role", ["member", "viewer"])
@pytest.mark.parametrize("method, path, body", READING)
def test_everybody_reads(foundry, subject, role, method, path, body):
    mine = getattr(foundry, role).request(method, path.format(**subject), body).must_be(200).json
    assert mine == foundry.owner.request(method, path.format(**subject), body).must_be(200).json


@pytest.mark.parametrize("method, path, body", [each for each in READING + CHANGING if each[1] not in OF_THE_TENANT])
def test_another_tenants_things_do_not_exist(foundry, other, subject, method, path, body):
    answer = other.owner.request(method, path.format(**subject), body)
    answer.must_be(404, "RESOURCE_NOT_FOUND")
    absent = dict.fromkeys(subject, MISSING)
    nothing = other.owner.request(method, path.format(**absent), body and {k: [MISSING] if k == "entities" else v for k, v in body.items()})
    assert (nothing.status, nothing.message) == (404, answer.message), "told as of what is nobody's"


def test_lists_hold_nothing_of_another_tenant(foundry, other, subject):
    text = b"".join(other.owner.get(path).must_be(200).body for path in sorted(OF_THE_TENANT) if not path.endswith(("purge", "name")))
    assert b"subject" not in text and subject["relationship"].encode() not in text


@pytest.mark.parametrize("method, path, body", READING + CHANGING)
def test_nobody_is_let_in_without_signing_in(anonymous, subject, method, path, body):
    anonymous.request(method, path.format(**subject), body).must_be(401, "AUTHENTICATION_REQUIRED")


# Arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method, path, body", [each for each in READING + CHANGING if "?" not in each[1]])
def test_an_unknown_argument_is_named(foundry, subject, method, path, body):
    answer = foundry.owner.request(method, path.format(**subject) + "?colour=red", body)
    answer.must_be(400, "VALIDATION_ERROR", fields=["colour"])


@pytest.mark.parametrize("method, path, key", [
    ("GET", "/data-model/entities", "status"), ("GET", "/data-model/entities/subject", "version"),
    ("GET", "/data-model/entities/subject/fields", "version"), ("DELETE", "/data-model/entities/subject", "allow_destructive"),
    ("GET", "/data-model/relationships", "entity"),
])  # fmt: skip
def test_an_argument_given_twice_is_refused(foundry, subject, method, path, key):
    foundry.owner.request(method, f"{path}?{key}=true&{key}=true").must_be(400, "VALIDATION_ERROR", fields=[key])


@pytest.mark.parametrize("body, faulty", [
    ({"allow_destructive": "maybe"}, "allow_destructive"), ({"colour": "red"}, "colour"), ({"allow_destructive": []}, "allow_destructive"),
    ({"entity": "subject"}, "entity"),
])  # fmt: skip
def test_the_options_of_publishing_are_checked(foundry, subject, body, faulty):
    foundry.owner.post(f"{ENTITIES}/subject/publish", body).must_be(400, "VALIDATION_ERROR", fields=[faulty])


@pytest.mark.parametrize("body", [b"[]", b"7", b'"x"', b"{", b'{"label": "a", "label": "b"}', b"\xff"])
def test_a_body_is_one_object(foundry, subject, body):
    foundry.owner.request("PUT", f"{ENTITIES}/subject", body).must_be(400, "VALIDATION_ERROR")
    foundry.owner.request("POST", f"{ENTITIES}/subject/publish", body).must_be(400, "VALIDATION_ERROR")


# The log ------------------------------------------------------------------------------------------


def test_every_operation_is_logged_with_who_and_what(foundry):
    admin = foundry.admin
    me = admin.get("/auth/me").json["id"]
    path = f"{ENTITIES}/logbook"
    entity = admin.post(ENTITIES, {"name": "logbook", "fields": [NAME]}).must_be(201).json
    admin.post(f"{path}/fields", {"name": "note", "field_type": "text"}).must_be(201)
    first = publish(admin, path, commit_message="first")
    admin.put(path, {"label": "Log"}).must_be(200)
    admin.put(f"{path}/fields/note", {"label": "Remark"}).must_be(200)
    admin.post(f"{path}/indexes", {"name": "by_name", "field_names": ["name"]}).must_be(201)
    admin.put(f"{path}/indexes/by_name", {"is_unique": True}).must_be(200)
    admin.delete(f"{path}/indexes/by_name").must_be(204)
    admin.delete(f"{path}/fields/note").must_be(204)
    admin.delete(f"{path}/draft").must_be(200)
    admin.post(f"{path}/rename", {"name": "log_book"}).must_be(200)
    second = publish(admin, path)
    admin.post(f"{MIGRATIONS}/{second['id']}/rollback").must_be(200)
    admin.post(f"{path}/archive").must_be(200)
    admin.post(f"{path}/unarchive").must_be(200)
    admin.post(f"{path}/archive").must_be(200)
    admin.delete(path, allow_destructive="true").must_be(204)
    admin.put(path, {"label": "gone"}).must_be(404)

    ops = foundry.owner.records("schema_ops", filters=f'{{"entity_id":"{entity["id"]}"}}', sort="created_at")
    assert [op["op_type"] for op in ops] == [
        "create_entity", "create_field", "publish_entity", "update_entity", "update_field", "create_index", "update_index",
        "delete_index", "delete_field", "discard_draft", "rename_entity", "publish_entity", "rollback_migration",
        "archive_entity", "unarchive_entity", "archive_entity", "delete_entity",
    ]  # fmt: skip
    assert {(op["status"], op["error"], op["actor_user_id"]) for op in ops} == {("applied", None, me)}
    payload = {number: op["payload_json"] for number, op in enumerate(ops)}
    assert payload[0]["name"] == "logbook"
    assert payload[2] == {"migration_id": first["id"], "commit_message": "first"}
    assert payload[4] == {"field": "note", "label": "Remark"}
    assert payload[6] == {"index": "by_name", "is_unique": True}
    assert payload[8] == {"field": "note"}
    assert payload[10] == {"entity": "logbook", "name": "log_book"}
    assert payload[12] == {"migration_id": second["id"]}


def test_a_failed_publish_is_logged_as_failed(make, holiday):
    owner, path, _ = make("misfortune", "1")
    owner.post(f"{path}/fields", {"name": "note", "field_type": "text"}).must_be(201)
    with holiday():
        answer = owner.post(f"{path}/publish").must_be(409, "CONFLICT")
    entity = owner.get(path).json
    ops = owner.records("schema_ops", filters=f'{{"entity_id":"{entity["id"]}"}}', sort="created_at")
    assert (ops[-1]["op_type"], ops[-1]["status"], ops[-1]["error"]) == ("publish_entity", "failed", "the table is on holiday")
    assert ops[-1]["payload_json"]["migration_id"] == answer.json["error"]["migration_id"]


def test_relationships_and_purges_are_logged(make, database):
    owner, path, _ = make("kept_book", "1")
    entity = owner.get(path).json
    body = {"name": "kept_links", "relationship_type": "one-to-many", "source_entity": "kept_book", "target_entity": "kept_book"}
    owner.post("/data-model/relationships", body).must_be(201)
    owner.put("/data-model/relationships/kept_links", {"label": "Links"}).must_be(200)
    owner.delete("/data-model/relationships/kept_links").must_be(204)
    owner.delete(f"{path}/fields/rank").must_be(204)
    publish(owner, path, allow_destructive=True)
    database.sql("UPDATE pgwright.retired_objects SET retired_at = '2000-01-01' WHERE table_name = 'kept_book'")
    owner.post(f"{RETIRED}/purge", {"older_than": "20 years"}).must_be(200)
    ops = owner.records("schema_ops", filters=f'{{"entity_id":"{entity["id"]}"}}', sort="created_at")
    kinds = [op["op_type"] for op in ops]
    for kind in ("create_relationship", "update_relationship", "delete_relationship", "purge_retired"):
        assert kinds.count(kind) == 1, kinds
    assert ops[-1]["payload_json"]["column"].startswith("_retired_rank")
