"""Random searches over random texts, by an index and without, against words that are compared one by one in memory.
Environment: see conftest.py."""

import functools
import json
import os
import random
import re
import unicodedata

import pytest

from session import literal

COUNT = 1500
RECORDS = 100  # no more than a page holds
FIELDS = ("title", "body", "note")
# Near each other, so that a misspelling of one is often another or nearly so.
STEMS = ["smith", "smyth", "smithson", "müller", "mueller", "miller", "straße", "strasse", "møbel", "mobel", "running", "runing", "ruining",
         "microsoft", "microfilm", "macrosoft", "inv1001", "inv1002", "a1", "ab", "abc", "abcd", "abdc", "bcd", "café", "o'brien", "x"]
LETTERS = "abceilmnorstuø1"


class Writer:
    """Texts and queries."""

    def __init__(self, source):
        self.random = source

    def word(self):
        word = self.random.choice(STEMS)
        if self.random.random() < 0.25:
            word = self.spoil(word)
        return word.upper() if self.random.random() < 0.1 else word

    def spoil(self, word):
        at = self.random.randrange(len(word))
        letter = self.random.choice(LETTERS)
        return self.random.choice([word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :],
                                   word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]]) or "x"  # fmt: skip

    def text(self):
        if self.random.random() < 0.2:
            return None
        return "".join(self.word() + self.random.choice([" ", ", ", " – ", "."]) for _ in range(self.random.randint(1, 5)))

    def term(self):
        """(what is written, its words, whether it is exact)"""
        words = [self.word() for _ in range(self.random.choice([1, 1, 1, 1, 2, 3]))]
        if self.random.random() < 0.25:
            return '"' + " ".join(words) + '"', words, True
        if len(words) == 1 and self.random.random() < 0.3:
            words = [words[0][: self.random.randint(1, len(words[0]))]]
        return "-".join(words), words, False

    def query(self):
        """(the text, groups as (terms, whether they are to be left out))"""
        texts, groups = [], []
        for n in range(self.random.choice([1, 1, 2, 2, 3])):
            if n > 0 and self.random.random() < 0.25:
                text, words, _ = self.term()
                texts.append("-" + text)
                groups.append(([(words, True)], True))
                continue
            terms = [self.term() for _ in range(self.random.choice([1, 1, 1, 2]))]
            texts.append(self.random.choice([" OR ", " | "]).join(text for text, _, _ in terms))
            groups.append(([(words, exact) for _, words, exact in terms], False))
        return " ".join(texts), groups


# What is found -----------------------------------------------------------------------------------


def folded(text):
    text = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("'", ""))
    return "".join(letter for letter in text if unicodedata.category(letter) != "Mn")


@functools.lru_cache(maxsize=None)
def words_of(text):
    return re.findall("[a-z0-9]+", folded(text or ""))


def is_near(one, other):
    """One letter wrong, missing or too many, or two neighbours changed over: what is left without the beginning and the
    end that they share."""
    start = len(os.path.commonprefix([one, other]))
    one, other = one[start:], other[start:]
    end = len(os.path.commonprefix([one[::-1], other[::-1]]))
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


@functools.lru_cache(maxsize=None)
def is_like(asked, word):
    if word.startswith(asked):
        return True
    if len(asked) < 4 or re.search(r"\d", asked + word):
        return False
    ends = [len(word)] + (list(range(len(asked) - 1, len(asked) + 2)) if len(asked) >= 7 else [])
    return any(abs(end - len(asked)) <= 1 and is_near(asked, word[:end]) for end in ends)


def holds(words, term):
    asked, exact = term
    asked = [word for written in asked for word in words_of(written)]
    if not exact and len(asked) == 1:
        return any(is_like(asked[0], word) for word in words)
    last = (lambda wanted, word: word == wanted) if exact else (lambda wanted, word: word.startswith(wanted))
    return any(words[at : at + len(asked) - 1] == asked[:-1] and last(asked[-1], words[at + len(asked) - 1]) for at in range(len(words) - len(asked) + 1))


def is_found(record, groups):
    texts = [words_of(record[field]) for field in FIELDS]
    return all(any(holds(words, term) for words in texts for term in terms) != excluded for terms, excluded in groups)


# The test -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def leaflets(world):
    fields = [{"name": "number", "field_type": "integer"}, {"name": "title", "field_type": "string"}, {"name": "body", "field_type": "rich_text"},
              {"name": "note", "field_type": "text"}]  # fmt: skip
    index = [{"name": "words", "index_type": "search", "field_names": list(FIELDS)}]
    writer = Writer(random.Random("leaflets"))
    records = [{"number": number} | {field: writer.text() for field in FIELDS} for number in range(RECORDS)]
    world.become("owner")
    for entity, indexes in (("leaflet", index), ("flyer", [])):
        definition = {"name": entity, "default_sort_field": "number", "default_sort_order": "ASC", "fields": fields, "indexes": indexes}
        world.session.call("create_entity", definition)
        world.session.call("publish_entity", entity, "first")
        sent = [record | {"body": record["body"] and f"<p>{record['body']}</p>"} for record in records]
        world.session.call("bulk_create_records", entity, sent)
    # The tables are small; and what is dear, as a scan is then, the server would compile.
    world.session.run("SET enable_seqscan = off; SET jit = off")
    yield records
    world.session.run("RESET enable_seqscan; RESET jit")


def numbers(session, entity, query):
    call = f"SELECT pgwright.list_records('{entity}', search => {literal(query)}, fields => 'number', page_size => {RECORDS}, count => 'none')"
    return [item["number"] for item in json.loads(session.run(call)[0])["items"]]


def test_searches_find_what_words_say(world, cases, leaflets):
    sizes = []
    for case, generator in cases(COUNT):
        query, groups = Writer(generator.random).query()
        found = numbers(world.session, "leaflet", query)
        assert found == numbers(world.session, "flyer", query), f"{case}: {query!r}: the index finds others, or in another order"
        expected = [record["number"] for record in leaflets if is_found(record, groups)]
        assert sorted(found) == expected, f"{case}: {query!r}"
        sizes.append(len(found))
    assert len(sizes) < 100 or sum(size > 0 for size in sizes) > len(sizes) / 3, "most searches find nothing"
