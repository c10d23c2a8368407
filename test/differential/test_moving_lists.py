"""Lists that are read by cursors while records come, go and change: none is told twice, and none is missing
that was there all the time. Environment: see conftest.py."""

import json

from generator import Generator
from session import literal

COUNT = 40
CHANGES = 12  # between pages of one list; it must come to an end
WORDS = [None, "", "a", "a", "b", "Ä", "ß", "\U0001f600"]
NUMBERS = [None, None, -1, 0, 0.5, 1, 1, 10]
DAYS = [None, "2024-02-29", "2024-03-01", "0001-01-01"]


class Queue:
    """The records of an entity that nothing else uses, as they are now; id -> fields."""

    def __init__(self, session, random):
        self.session, self.random = session, random
        fields = [("word", "text"), ("number", "decimal"), ("day", "date"), ("flag", "boolean")]
        definition = {"name": "queue", "fields": [{"name": name, "field_type": kind} for name, kind in fields]}
        session.call("create_entity", definition | {"supports_soft_delete": random.random() < 0.5})
        session.call("publish_entity", "queue")

    def fields(self):
        choose = self.random.choice
        return {"word": choose(WORDS), "number": choose(NUMBERS), "day": choose(DAYS), "flag": choose([None, True, False])}

    def fill(self, count):
        return set(self.session.call("bulk_create_records", "queue", [self.fields() for _ in range(count)])["ids"])

    def delete(self, ids):
        if ids:
            self.session.call("bulk_delete_records", "queue", list(ids))
        return set(ids)

    def page(self, **request):
        return json.loads(self.session.run(f"SELECT pgwright.query_records('queue', {literal(request)})")[0])


def test_what_was_there_all_the_time_is_told_once(world, cases):
    world.become("owner")
    queue = Queue(world.session, world.random)
    for case, generator in cases(COUNT, Generator):
        queue.random = generator.random
        there = queue.fill(generator.random.randint(1, 40))
        told, changes = read_on(queue, generator, there)
        assert len(told) == len(set(told)), f"{case}: told twice: {changes}"
        assert there <= set(told), f"{case}: missing {there - set(told)}: {changes}"
        queue.delete({item["id"] for page in range(2) for item in queue.page(page_size=100)["items"]})


def read_on(queue, generator, there):
    """Every id that pages bring, in their order; takes those that change from `there`."""
    names = generator.random.sample(["word", "number", "day", "flag"], generator.random.randint(0, 3))
    sort = [f"{name}:{generator.random.choice(['asc', 'desc'])}:{generator.random.choice(['nulls_first', 'nulls_last'])}" for name in names]
    request = {"page_size": generator.random.randint(1, 9), "fields": "id", **({"sort": ",".join(sort)} if sort else {})}
    told, changes, cursor, back = [], [request], "", generator.chance(0.4)
    while cursor is not None:
        answer = queue.page(cursor=cursor, **request)
        ids = [item["id"] for item in answer["items"]]
        told += ids
        cursor = answer["next_cursor"]
        if cursor is not None and len(changes) < CHANGES:
            changes.append(change(queue, generator, there, ids))
    if back:  # from there to the beginning what is left comes once more
        again, answer = list(ids), queue.page(cursor=answer["prev_cursor"], **request) if answer["prev_cursor"] else None
        while answer:
            again += [item["id"] for item in answer["items"]]
            if len(changes) < 2 * CHANGES:
                changes.append(change(queue, generator, there, ids))
            answer = queue.page(cursor=answer["prev_cursor"], **request) if answer["prev_cursor"] else None
        assert len(again) == len(set(again)) and there <= set(again), changes
    return told, changes


def change(queue, generator, there, page):
    """New records, and the end of some: of what the cursor stands on, too."""
    made = queue.fill(generator.random.randint(1, 3)) if generator.chance(0.6) else set()
    gone = set()
    if generator.chance(0.3) and page:
        gone |= queue.delete({page[generator.random.choice([0, -1])]} & there)
    if generator.chance(0.4) and there - gone:
        gone |= queue.delete(set(generator.random.sample(sorted(there - gone), 1)))
    there -= gone
    return sorted(made), sorted(gone)
