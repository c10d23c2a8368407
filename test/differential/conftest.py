"""The session of the life cycle tests is used here too. Environment:

PGWRIGHT_TEST_DSN           a superuser's connection string to a database with the extension
PGWRIGHT_DIFFERENTIAL_SEED  what the records and the cases are made from (default 1)
PGWRIGHT_DIFFERENTIAL_RUNS  how many times as many cases as usual (default 1)
PGWRIGHT_DIFFERENTIAL_CASE  this one alone

A failure names seed and case; with these two variables the same case comes again, alone.
"""

import os
import pathlib
import random
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lifecycle"))

from generator import Generator  # noqa: E402
from session import Session  # noqa: E402
from world import World  # noqa: E402

SEED = int(os.environ.get("PGWRIGHT_DIFFERENTIAL_SEED", "1"))
RUNS = int(os.environ.get("PGWRIGHT_DIFFERENTIAL_RUNS", "1"))
ONLY = os.environ.get("PGWRIGHT_DIFFERENTIAL_CASE")


@pytest.fixture(scope="session")
def world():
    dsn = os.environ.get("PGWRIGHT_TEST_DSN")
    if not dsn:
        pytest.skip("PGWRIGHT_TEST_DSN is not set")
    session = Session(dsn)
    yield World(session, SEED)
    session.close()


@pytest.fixture
def cases(world):
    """cases(count): names of cases, each with a generator of its own."""

    def all_of(count, kind=Generator):
        for number in [int(ONLY)] if ONLY else range(count * RUNS):
            yield f"case {number} of seed {SEED}", kind(random.Random(f"{SEED}/{number}"), world.today)

    return all_of
