#!/usr/bin/env python3
"""Loads the demo application: describes its entities, publishes them and fills them.

A client of the HTTP API and of nothing else. It reads PGWRIGHT_URL, PGWRIGHT_EMAIL and
PGWRIGHT_PASSWORD, and creates only what is missing, so that it can be run again after it was
interrupted. Countries and their subdivisions come from Debian's iso-codes (ISO 3166); companies,
contacts and deals from crm.py.
"""

import json
import os
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

import crm

ISO_CODES = pathlib.Path("/usr/share/iso-codes/json")
ENTITIES = pathlib.Path(__file__).with_name("entities.json")
BATCH = 1000  # the most that one bulk request may carry
PAGE = 100  # the most that one page of a list may carry
TIMEOUT = 120  # seconds, for one request


class ApiError(Exception):
    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path}: {status} {body}")
        self.status = status


class Api:
    """The API's JSON over HTTP, with the token of whoever has signed in."""

    def __init__(self, base):
        self.base = base.rstrip("/") + "/api/v1"
        self.token = None

    def sign_in(self, email, password):
        answer = self.post("/auth/login", {"email": email, "password": password})
        self.token = answer["access_token"]

    def get(self, path, **query):
        return self.call("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, body):
        return self.call("POST", path, body)

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method)
        request.add_header("Accept", "application/json")
        if self.token:
            request.add_header("Authorization", "Bearer " + self.token)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise ApiError(method, path, error.code, error.read().decode(errors="replace")) from None
        return json.loads(text) if text else None


def publish_missing_entities(api, definitions):
    """In the order of the file: a lookup's entity comes before the lookup."""
    status = {entity["name"]: entity["status"] for entity in api.get("/data-model/entities")}
    for definition in definitions:
        name = definition["name"]
        if name not in status:
            api.post("/data-model/entities", definition)
        if status.get(name) != "published":
            message = {"commit_message": "Demo application"}
            api.post(f"/data-model/entities/{name}/publish", message)
            print(f"published {name}")


class Table:
    """An entity's records by their natural key: which are there, and under which id."""

    def __init__(self, api, entity, key):
        self.api = api
        self.path = f"/dynamic-data/{entity}/records"
        self.entity = entity
        self.key = key
        self.ids = {}
        self.total = api.get(self.path, page_size=1)["total"]

    def read_ids(self):
        for page in range(1, -(-self.total // PAGE) + 1):
            answer = self.api.get(self.path, page=page, page_size=PAGE, sort=self.key)
            self.ids.update({item[self.key]: item["id"] for item in answer["items"]})

    def add(self, records):
        missing = [record for record in records if record[self.key] not in self.ids]
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            answer = self.api.post(self.path + "/bulk", {"records": batch})
            if answer["failed"]:
                raise SystemExit(f"{self.entity}: {json.dumps(answer['errors'][:5])}")
            self.ids.update(zip((record[self.key] for record in batch), answer["ids"]))
        if missing:
            print(f"{self.entity}: loaded {len(missing)} records")


def iso_3166(part):
    with open(ISO_CODES / f"iso_3166-{part}.json", encoding="utf-8") as file:
        return json.load(file)[f"3166-{part}"]


def countries():
    wanted = ("name", "official_name", "common_name", "alpha_2", "alpha_3", "flag")
    for country in iso_3166(1):
        record = {name: country[name] for name in wanted if name in country}
        yield record | {"numeric_code": country["numeric"]}


class Subdivisions:
    """The entries of ISO 3166-2, in generations: the parents of one are all in those before it."""

    def __init__(self):
        self.by_code = {entry["code"]: entry for entry in iso_3166(2)}

    def parent_of(self, entry):
        """A parent is named by its code, or by its code without the country's prefix."""
        name = entry.get("parent")
        if name is None or name in self.by_code:
            return name
        return entry["code"].split("-")[0] + "-" + name

    def generations(self):
        left = list(self.by_code.values())
        placed = set()
        while left:
            ready = [e for e in left if self.parent_of(e) is None or self.parent_of(e) in placed]
            if not ready:
                raise SystemExit(f"ISO 3166-2: no parent for {left[0]}")
            yield ready
            placed.update(entry["code"] for entry in ready)
            left = [entry for entry in left if entry["code"] not in placed]

    def record(self, entry, country_ids, subdivision_ids):
        record = {
            "code": entry["code"],
            "name": entry["name"],
            "kind": entry["type"],
            "country": country_ids[entry["code"].split("-")[0]],
        }
        parent = self.parent_of(entry)
        return record if parent is None else record | {"parent": subdivision_ids[parent]}


def load_reference(api):
    """Returns the countries' ids by alpha-2 code."""
    country = Table(api, "country", "alpha_2")
    country.read_ids()
    country.add(list(countries()))

    subdivisions = Subdivisions()
    subdivision = Table(api, "subdivision", "code")
    if subdivision.total < len(subdivisions.by_code):
        subdivision.read_ids()
        for generation in subdivisions.generations():
            subdivision.add(
                [subdivisions.record(entry, country.ids, subdivision.ids) for entry in generation]
            )
    return country.ids


def load_crm(api, country_ids):
    """The CRM is there to be played with: what was renamed since is neither restored nor an error."""
    company, contact, deal = tables = [
        Table(api, "company", "name"),
        Table(api, "contact", "email"),
        Table(api, "deal", "reference"),
    ]
    if all(table.total >= n for table, n in zip(tables, (crm.COMPANIES, crm.CONTACTS, crm.DEALS))):
        return
    for table in tables:
        table.read_ids()
    try:
        company.add(crm.companies(country_ids))
        contact.add(crm.contacts(company.ids))
        deal.add(crm.deals(company.ids, contact.ids))
    except (KeyError, ApiError) as error:
        if isinstance(error, ApiError) and error.status != 409:
            raise
        print("the CRM's records were changed; they stay as they are")


def setting(name):
    return os.environ.get(name) or sys.exit(f"load.py: {name} is not set")


def main():
    api = Api(setting("PGWRIGHT_URL"))
    api.sign_in(setting("PGWRIGHT_EMAIL"), setting("PGWRIGHT_PASSWORD"))
    publish_missing_entities(api, json.loads(ENTITIES.read_text(encoding="utf-8")))
    load_crm(api, load_reference(api))


if __name__ == "__main__":
    try:
        main()
    except (ApiError, urllib.error.URLError) as error:
        sys.exit(f"load.py: {error}")
