"""Random drafts, publications, writes and rollbacks over a table with rows: after every step what is
served is what a model in Python says, every rollback restores the structure there was, and when all
has been taken back in order each row of the beginning has its value again.

Environment: PGWRIGHT_TEST_DSN, a superuser's connection string to a database with the extension;
PGWRIGHT_LIFECYCLE_RUNS, the number of sequences (default 6); PGWRIGHT_LIFECYCLE_SEED, the first seed.
"""

import json
import os
import random

import pytest

from model import TYPES, Field, Model, Unfit, convertible, shown
from session import Refused, Session

DSN = os.environ.get("PGWRIGHT_TEST_DSN")
RUNS = int(os.environ.get("PGWRIGHT_LIFECYCLE_RUNS", "6"))
SEED = int(os.environ.get("PGWRIGHT_LIFECYCLE_SEED", "1"))
STEPS = 60

pytestmark = pytest.mark.skipif(not DSN, reason="PGWRIGHT_TEST_DSN is not set")

VALUES = {
    "integer": [0, 1, -7, 12, 2147483647],
    "biginteger": [0, 1, 42, -9000000000, 9223372036854775807],
    "decimal": ["0", "1", "-3", "2.5", "1234567890123.25"],
    "boolean": [True, False],
    "date": ["2024-02-29", "1999-12-31"],
    "datetime": ["2024-02-29T00:00:00Z", "2001-09-09T01:46:40Z"],
    "text": ["word", "12", "-3", "2.5", "true", "2024-02-29", "2024-02-29T12:00:00Z", "it's \"odd\""],
}

# What a publication is made of, retired columns and comments left out: names with their definitions.
STRUCTURE = """
SELECT 'column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || coalesce(' "' || col_description(a.attrelid, a.attnum) || '"', '')
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = 't_{t}.thing'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname NOT LIKE '\\_retired%'
 UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't_{t}.thing'::regclass
 UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 't_{t}.thing'::regclass
 UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 't_{t}.thing'::regclass AND NOT tgisinternal
 UNION ALL SELECT 'policy ' || polname || ' ' || pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 't_{t}.thing'::regclass
 ORDER BY 1"""


def sent(field, value):
    """A value as a request has it: decimals are numbers."""
    return json.loads(value) if field.type == "decimal" else value


class Run:
    """One sequence. The witnesses are rows that nobody writes to, so that nothing but a migration can
    change or lose their values."""

    def __init__(self, session, seed):
        self.random = random.Random(seed)
        self.session = session
        self.tenant = f"run{seed}"
        self.next_key = 0
        self.entity = "thing"
        self.story = []
        self.set_up()

    def set_up(self):
        self.call("create_tenant", self.tenant, self.tenant)
        self.call("create_user", f"o@{self.tenant}.example", "correct horse battery", self.tenant, "owner")
        self.call("act_as", f"o@{self.tenant}.example")
        fields = [self.new_field(type_) for type_ in TYPES]
        self.call("create_entity", {"name": "thing", "fields": [self.written(f) for f in fields]})
        self.call("publish_entity", "thing")
        self.model = Model(fields)
        self.witnesses = {self.create() for _ in range(5)}
        self.original = {id_: dict(self.model.records[id_]) for id_ in self.witnesses}
        self.first_structure = self.structure()

    # The database ------------------------------------------------------------------------------

    def call(self, function, *arguments, **named):
        self.story.append(f"{function} {arguments} {named}")
        return self.session.call(function, *arguments, **named)

    def structure(self):
        return self.session.run(STRUCTURE.format(t=self.tenant))

    def served(self):
        answer = self.session.call("list_records", self.entity, 1, 100)
        types = {field.name: field.type for field in self.model.fields}
        return {item["id"]: {name: shown(item[name]) if type_ == "decimal" and item[name] is not None else item[name]
                             for name, type_ in types.items()} for item in answer["items"]}

    def check(self):
        tell = "\n".join(self.story)
        assert self.served() == self.model.served(), tell
        names = [field["name"] for field in self.session.call("list_fields", self.entity)]
        assert names == [field.name for field in self.model.fields], tell

    # Drafts ------------------------------------------------------------------------------------

    def new_field(self, type_):
        self.next_key += 1
        return Field(self.next_key, f"f{self.next_key}", type_)

    @staticmethod
    def written(field):
        definition = {"name": field.name, "field_type": field.type, "is_required": field.required}
        if field.type == "decimal":
            definition["decimal_places"] = 4
        if field.default is not None:
            definition["default_value"] = sent(field, field.default)
        return definition

    def some(self, fields):
        return self.random.choice(fields)

    def value(self, field, may_be_null=True):
        if may_be_null and not field.required and self.random.random() < 0.3:
            return None
        return self.some(VALUES[field.type])

    def edit(self, function, fields, *arguments):
        """A change of the draft, which the first one opens."""
        self.call(function, self.entity, *arguments)
        self.model.draft = fields

    def add_field(self):
        fields = self.model.drafted()
        field = self.new_field(self.some(TYPES))
        if self.random.random() < 0.4:
            field.default = self.some(VALUES[field.type])
        field.required = self.random.random() < 0.3
        self.edit("create_field", fields + [field], self.written(field))

    def rename_field(self):
        fields = self.model.drafted()
        field = self.some(fields)
        self.next_key += 1
        old, field.name = field.name, f"g{self.next_key}"
        self.edit("update_field", fields, old, {"name": field.name})

    def swap_names(self):
        fields = self.model.drafted()
        one, other = self.random.sample(fields, 2)
        first, second = one.name, other.name
        for old, new in ((first, "between"), (second, first), ("between", second)):
            self.edit("update_field", fields, old, {"name": new})
        one.name, other.name = second, first

    def retype_field(self):
        fields = self.model.drafted()
        field = self.some(fields)
        published = [f.type for f in self.model.fields if f.key == field.key]
        possible = [t for t in TYPES if t != field.type and all(t == p or convertible(p, t) for p in published)]
        if possible:
            self.leave_search(fields, field)
            field.type, field.default = self.some(possible), None
            changes = {"field_type": field.type, "default_value": None}
            changes |= {"decimal_places": 4} if field.type == "decimal" else {}
            changes |= {"is_indexed": False} if field.type == "text" else {}
            self.edit("update_field", fields, field.name, changes)

    def delete_field(self):
        fields = self.model.drafted()
        if len(fields) > 2:
            field = self.some(fields)
            self.leave_search(fields, field)
            fields.remove(field)
            self.edit("delete_field", fields, field.name)

    def change_required(self):
        fields = self.model.drafted()
        field = self.some(fields)
        field.required = not field.required
        self.edit("update_field", fields, field.name, {"is_required": field.required})

    def change_default(self):
        fields = self.model.drafted()
        field = self.some(fields)
        field.default = self.some(VALUES[field.type])
        self.edit("update_field", fields, field.name, {"default_value": sent(field, field.default)})

    def change_index(self):
        fields = self.model.drafted()
        field = self.some(fields)
        if field.type != "text":
            self.edit("update_field", fields, field.name, {"is_indexed": self.random.random() < 0.5})

    def search_index(self):
        version = ["draft"] if self.model.draft is not None else []
        indexes = self.session.call("list_indexes", self.entity, *version)
        return next((index for index in indexes if index["index_type"] == "search"), None)

    def change_search(self):
        fields = self.model.drafted()
        texts = [field.name for field in fields if field.type == "text"]
        names = self.random.sample(texts, self.random.randint(min(1, len(texts)), len(texts)))
        index = self.search_index()
        if index is not None and self.random.random() < 0.3:
            self.edit("delete_index", fields, "words")
        elif index is not None:
            self.edit("update_index", fields, "words", {"field_names": names})
        elif names:
            self.edit("create_index", fields, {"name": "words", "index_type": "search", "field_names": names})

    def leave_search(self, fields, field):
        """A field of the search index neither goes nor becomes something else than a text."""
        index = self.search_index()
        if index is None or field.name not in index["field_names"]:
            return
        names = [name for name in index["field_names"] if name != field.name]
        if names:
            self.edit("update_index", fields, "words", {"field_names": names})
        else:
            self.edit("delete_index", fields, "words")

    def change_language(self):
        fields = self.model.drafted()
        self.edit("update_entity", fields, {"search_language": self.some([None, "english", "danish"])})

    def change_label(self):
        fields = self.model.drafted()
        self.edit("update_field", fields, self.some(fields).name, {"label": f"Label {self.random.randrange(100)}"})

    def discard_draft(self):
        if self.model.draft is not None:
            self.call("discard_draft", self.entity)
            self.model.draft = None

    # Migrations --------------------------------------------------------------------------------

    def publish(self):
        if self.model.draft is None:
            return
        backfill = {f.name: self.some(VALUES[f.type]) for f in self.model.draft
                    if f.required and self.random.random() < 0.7}
        given = {f.name: sent(f, backfill[f.name]) for f in self.model.draft if f.name in backfill}
        obstacles = self.model.obstacles(backfill)
        structure = self.structure()
        preview = self.call("preview_migration", self.entity, given)
        tell = "\n".join(self.story)
        assert {b["field"] for b in preview["blockers"]} == obstacles, (preview["blockers"], obstacles, tell)
        options = {"allow_destructive": True, "backfill": given, "fingerprint": preview["fingerprint"]}
        if obstacles:
            with pytest.raises(Refused, match="PW400"):
                self.call("publish_entity", self.entity, **options)
            assert self.structure() == structure
            return
        record = self.call("publish_entity", self.entity, **options)
        assert record["status"] == "completed", (record["error_message"], record["up_script"], tell)
        assert record["up_script"] == preview["up_script"]
        self.model.publish(record["id"], backfill, structure)
        self.check_in_step()

    def check_in_step(self):
        if self.model.draft is None:
            preview = self.session.call("preview_migration", self.entity)
            assert preview["in_step"] and not preview["changes"], (preview, "\n".join(self.story))

    def roll_back(self):
        """Whether it was taken back; when not, nothing has changed."""
        if not self.model.migrations:
            return True
        migration, trial = self.model.migrations[-1], self.copy_of_model()
        try:
            trial.rollback()
            possible = True
        except Unfit:
            possible = False
        tell = "\n".join(self.story)
        try:
            self.call("rollback_migration", migration.id)
            assert possible, f"rolled back against the model\n{tell}"
        except Refused as refused:
            assert refused.state == "PW409" and not possible, (refused, tell)
            return False
        self.model = trial
        assert self.structure() == migration.structure, tell
        self.check_in_step()
        return True

    def copy_of_model(self):
        model = Model(self.model.fields)
        model.draft, model.deleted = self.model.draft, self.model.deleted
        model.records = {id_: dict(record) for id_, record in self.model.records.items()}
        model.migrations = list(self.model.migrations)
        return model

    # Records -----------------------------------------------------------------------------------

    def values(self):
        return {field.key: self.value(field) for field in self.model.fields}

    def as_json(self, values):
        fields = {field.key: field for field in self.model.fields}
        return {fields[key].name: value for key, value in values.items()}

    def create(self):
        values = self.values()
        answer = self.call("create_record", self.entity, self.as_json(values))
        self.model.records[answer["id"]] = values
        return answer["id"]

    def others(self):
        return [id_ for id_ in self.model.records if id_ not in self.witnesses and id_ not in self.model.deleted]

    def update(self):
        if self.others():
            id_ = self.some(self.others())
            field = self.some(self.model.fields)
            values = {field.key: self.value(field)}
            self.call("update_record", self.entity, id_, self.as_json(values))
            self.model.records[id_].update(values)

    def delete(self):
        if self.others():
            id_ = self.some(self.others())
            self.call("delete_record", self.entity, id_)
            self.model.deleted.add(id_)

    def remove_others(self):
        """What people have written since is gone, behind the engine's back."""
        self.session.run(f"ALTER TABLE t_{self.tenant}.thing NO FORCE ROW LEVEL SECURITY")
        ids = ", ".join(f"'{id_}'" for id_ in self.witnesses)
        self.session.run(f"DELETE FROM t_{self.tenant}.thing WHERE id NOT IN ({ids})")
        self.session.run(f"ALTER TABLE t_{self.tenant}.thing FORCE ROW LEVEL SECURITY")
        self.model.records = {id_: self.model.records[id_] for id_ in self.witnesses}

    # The sequence ------------------------------------------------------------------------------

    def play(self):
        edits = [self.add_field, self.rename_field, self.swap_names, self.retype_field, self.retype_field,
                 self.delete_field, self.change_required, self.change_default, self.change_index, self.change_label,
                 self.change_search, self.change_search, self.change_language]
        writes = [self.create, self.update, self.update, self.delete]
        for _ in range(STEPS):
            self.some(self.some([edits, edits, writes, [self.publish], [self.publish, self.roll_back, self.discard_draft]]))()
            self.check()

    def take_all_back(self):
        while self.model.migrations:
            if not self.roll_back():
                self.remove_others()
                assert self.roll_back(), "\n".join(self.story)
            self.check()
        self.discard_draft()
        self.check_in_step()
        assert {id_: self.model.records[id_] for id_ in self.witnesses} == self.original
        assert self.structure() == self.first_structure


@pytest.fixture
def session():
    session = Session(DSN)
    yield session
    session.close()


@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_nothing_is_lost(session, seed):
    run = Run(session, seed)
    run.play()
    run.take_all_back()
