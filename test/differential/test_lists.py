"""Thousands of random lists over random records, in pages and by cursors, for callers who see different records:
what they bring is what a model of them in memory has. Environment: see conftest.py."""

import json
from decimal import Decimal

import pytest

from lists import ListGenerator, Model, as_shown
from session import Refused, literal

COUNT = 400  # for each caller
ENTITIES = ("purchase", "purchase", "line", "customer")
TOO_FAR = "must take at most 32 steps"


class Asked:
    """A request, made in one of the two ways there are."""

    def __init__(self, session, entity, sent, document):
        self.session, self.entity, self.sent = session, entity, sent
        self.document = document or isinstance(sent.get("sort"), list)

    def __call__(self, **more):
        request = self.sent | more
        if self.document:
            call = f"query_records('{self.entity}', {literal(request)})"
        else:
            named = {name: ",".join(value) if name == "fields" and isinstance(value, list) else value for name, value in request.items()}
            named = {name: json.dumps(value) if name == "expand" and isinstance(value, dict) else value for name, value in named.items()}
            call = f"list_records('{self.entity}', {', '.join(f'{quoted(name)} => {literal(value)}' for name, value in named.items())})"
        answer = json.loads(self.session.run(f"SELECT pgwright.{call}")[0], parse_float=Decimal)
        answer["items"] = [as_shown(self.entity, item) for item in answer["items"]]
        return answer


def quoted(name):
    return f'"{name}"' if name == "distinct" else name


@pytest.fixture(params=["owner", "ruled", "author"])
def caller(world, request):
    """The one who asks, and the model of what he sees."""
    world.become(request.param)
    yield request.param, Model(world.view(request.param), world.today)
    world.become("owner")


def test_lists_bring_what_the_model_has(world, cases, caller):
    who, model = caller
    sizes = []
    for case, generator in cases(COUNT, ListGenerator):
        entity = generator.random.choice(ENTITIES)
        sent, means = generator.request(entity)
        if who == "owner" and entity != "line" and not means["distinct"] and generator.chance(0.15):
            means["deleted"] = sent["include_deleted"] = True
        expected = model.rows(entity, means)
        asked = Asked(world.session, entity, sent, generator.chance(0.5))
        where = f"{case}, {who}: {entity} {json.dumps(sent)}"
        try:
            if generator.chance(0.5) or not means["by_cursor"]:
                check_page(asked, generator, expected, where)
            else:
                walk(asked, generator, expected, where)
        except Refused as refused:
            assert TOO_FAR in str(refused), f"{where}\n{refused}"
        sizes.append(len(expected))
    assert len(sizes) < 100 or sum(size > 3 for size in sizes) > len(sizes) / 3, "most lists are too short to tell anything"


def check_page(asked, generator, expected, where):
    size = generator.random.choice([1, 2, 3, 7, 25, 100])
    page = generator.random.randint(1, len(expected) // size + 2)
    count = generator.random.choice([{}, {"count": "exact"}, {"count": "planned"}, {"count": "none"}])
    answer = asked(page=page, page_size=size, **count)
    assert answer["items"] == expected[(page - 1) * size : page * size], f"{where}, page {page} of {size}"
    more = page * size < len(expected)
    assert answer.get("has_more", more) == more, where
    total = answer.get("total")
    if count.get("count", "exact") == "exact":
        assert (total, answer["pages"]) == (len(expected), -(-len(expected) // size)), where
    elif count["count"] == "none":
        assert total is None, where
    else:
        assert total >= len(answer["items"]) + more, where
        if not more and answer["items"]:
            assert total == len(expected), where


def walk(asked, generator, expected, where):
    """To the end by cursors, and from there back to the beginning."""
    size = generator.random.choice([1, 2, 5, 20, 100])
    if len(expected) / size > 12:
        size = len(expected) // 6
    cursor, found, last = "", [], None
    while cursor is not None:
        last = asked(cursor=cursor, page_size=size, **({"count": "exact"} if generator.chance(0.2) else {}))
        assert (last["prev_cursor"] is None) == (not found), where
        assert last.get("total", len(expected)) == len(expected), where
        found += last["items"]
        cursor = last["next_cursor"]
        assert len(found) <= len(expected), f"{where}, by cursor, pages of {size}: the list does not end"
    assert found == expected, f"{where}, by cursor, pages of {size}"
    found = last["items"]
    while (cursor := last["prev_cursor"]) is not None:
        last = asked(cursor=cursor, page_size=size)
        assert last["next_cursor"] is not None, where
        found = last["items"] + found
        assert len(found) <= len(expected), f"{where}, backward, pages of {size}: the list does not end"
    assert found == expected, f"{where}, backward, pages of {size}"
