"""What exports and imports of very many records take of memory: no more than those of a tenth of them.

Of each process the private memory is looked at (RssAnon and RssFile of /proc, many times a second): pages of the
server's shared buffers are counted to whoever touches them, and a large table has more of them.
"""

import re
import socket
import subprocess
import tempfile
import threading
import zipfile

import pytest

from client import Client, message
from http_conftest import LOGIN

FEW, MANY = 100_000, 1_000_000
MEGABYTE = 1 << 20
SLACK = 16 * MEGABYTE  # what may come on top of half as much again: allocators, caches, moments between two looks


class Watch:
    """The most private memory that a process has while the block runs."""

    def __init__(self, process):
        self.process, self.peak = process, 0
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def look(self):
        try:
            status = open(f"/proc/{self.process}/status", encoding="ascii").read()
        except (FileNotFoundError, ProcessLookupError):
            return
        private = sum(int(kb) * 1024 for kb in re.findall(r"Rss(?:Anon|File):\s+(\d+) kB", status))
        self.peak = max(self.peak, private)

    def run(self):
        while not self.end.wait(0.01):
            self.look()

    def __enter__(self):
        self.look()
        assert self.peak > 0
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
        self.look()


class Counter:
    """Counts the records of a file whose bytes come in parts, and keeps none but a workbook's, in a file."""

    # No value in the records has it; psql adds line breaks of its own.
    ENDS = {"csv": b"\r\n", "jsonl": b"}\n", "xlsx": b"\0"}

    def __init__(self, form):
        self.form, self.ends, self.last = form, 0, b""
        self.file = tempfile.TemporaryFile() if form == "xlsx" else None

    def take(self, part):
        self.ends += (self.last + part).count(self.ENDS[self.form])
        self.last = part[-1:] or self.last
        if self.file:
            self.file.write(part)

    def records(self):
        if self.form != "xlsx":
            return self.ends - (self.form == "csv")
        rows, rest = 0, b""
        with zipfile.ZipFile(self.file).open("xl/worksheets/sheet1.xml") as sheet:
            while part := sheet.read(1 << 20):
                rows += (rest + part).count(b"<row ")
                rest = part[-4:]
        return rows - 1


@pytest.fixture(scope="module")
def tenant(make_tenant, database):
    tenant = make_tenant("heavy")
    fields = (
        {"name": "title", "field_type": "string"},
        {"name": "stock", "field_type": "integer"},
        {"name": "price", "field_type": "currency"},
        {"name": "born", "field_type": "date"},
    )
    for name, count in (("few", FEW), ("many", MANY)):
        tenant.owner.publish(name, *fields)
        database.sql(
            f"INSERT INTO t_heavy.{name} (title, stock, price, born) SELECT 'Title of record ' || i, i % 100, i % 1000 / 100.0, date '2000-01-01' + i % 9000"
            f" FROM generate_series(1, {count}) i; ANALYZE t_heavy.{name}"
        )
    return tenant


def path_of(entity, form):
    return f"/api/v1/dynamic-data/{entity}/export?format={form}"


def body_of(wire):
    """The data of an answer in chunks, as they come; fails when it is cut."""
    stream = wire.makefile("rb")
    assert stream.readline().startswith(b"HTTP/1.1 200")
    while stream.readline() not in (b"\r\n", b""):
        pass
    while size := int(stream.readline() or b"x", 16):
        yield stream.read(size)
        stream.read(2)


def backends(database):
    """Those that serve shims' requests, and do not only listen to what happens to routes."""
    return {row[0] for row in database.sql("SELECT pid FROM pg_stat_activity WHERE usename = :'user' AND query NOT LIKE '%LISTEN%' AND query NOT LIKE '%route_table%'", user=LOGIN)}


def export_through_shim(start_shim, tenant, database, entity, form):
    """The records that came, and the peaks of the shim and of its one backend."""
    before = backends(database)
    shim = start_shim(threads=1, pool_size=1, statement_timeout=600_000)  # a workbook comes after its last record
    Client(shim.url, tenant.owner.token).get("/auth/me").must_be(200)
    [backend] = backends(database) - before
    counter = Counter(form)
    with Watch(shim.process.pid) as ours, Watch(backend) as theirs:
        with socket.create_connection(("127.0.0.1", shim.port)) as wire:
            wire.sendall(message("GET", path_of(entity, form), authorization=f"Bearer {tenant.owner.token}"))
            for part in body_of(wire):
                counter.take(part)
    used = database.value("SELECT count(*) FROM pg_stat_activity WHERE pid = :'pid' AND query LIKE '%http_export%'", pid=backend)
    assert used == "1", "the export has run in another backend"
    shim.stop()
    return counter.records(), ours.peak, theirs.peak


def export_through_sql(tenant, database, entity, form):
    """The same through psql, which fetches a few parts at a time."""
    function = "export_file" if form == "xlsx" else "export_records"
    psql = subprocess.Popen(
        ["psql", "-X", "-q", "-A", "-t", "-R", "", "-v", "ON_ERROR_STOP=1", "-v", "FETCH_COUNT=4", "-d", database.dsn],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    psql.stdin.write(b"SELECT pg_backend_pid() || E'\\n';\n")
    psql.stdin.write(f"SELECT set_config('pgwright.token', '{tenant.owner.token}', false) IS NULL \\g /dev/null\n".encode())
    psql.stdin.flush()
    backend = int(psql.stdout.readline())
    counter = Counter(form)
    with Watch(backend) as theirs:
        psql.stdin.write(f"SELECT pgwright.{function}('{entity}', '{form}');\n\\echo\n\\echo the end\n".encode())
        psql.stdin.close()
        parts = hex_parts(psql.stdout) if form == "xlsx" else text_parts(psql.stdout)
        for part in parts:
            counter.take(part)
        # The backend ends with psql: what it had is looked at while it works.
    assert psql.wait(60) == 0
    return counter.records(), theirs.peak


END = b"\nthe end\n"


def text_parts(stream):
    rest = b""
    while part := stream.read1(1 << 20):
        rest += part
        yield rest[: -len(END)]
        rest = rest[-len(END) :]
    assert rest == END, rest


def hex_parts(stream):
    """psql writes \\x before each value, and line breaks between some."""
    digits = b""
    for part in text_parts(stream):
        digits += part.translate(None, b"\\x\n")
        even = len(digits) & ~1
        yield bytes.fromhex(digits[:even].decode())
        digits = digits[even:]
    assert not digits


def must_be_flat(what, few, many):
    print(f"{what}: {few / MEGABYTE:.1f} MB for {FEW} records, {many / MEGABYTE:.1f} MB for {MANY}")
    assert many < 1.5 * few + SLACK, f"{what} grows: {few} bytes for {FEW} records, {many} for {MANY}"


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_an_export_through_http_is_flat(tenant, start_shim, database, form):
    peaks = []
    for entity, count in (("few", FEW), ("many", MANY)):
        records, *both = export_through_shim(start_shim, tenant, database, entity, form)
        assert records == count
        peaks.append(both)
    must_be_flat(f"{form}, the shim", peaks[0][0], peaks[1][0])
    must_be_flat(f"{form}, its backend", peaks[0][1], peaks[1][1])


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_an_export_through_sql_is_flat(tenant, database, form):
    peaks = []
    for entity, count in (("few", FEW), ("many", MANY)):
        records, peak = export_through_sql(tenant, database, entity, form)
        assert records == count
        peaks.append(peak)
    must_be_flat(f"{form} through SQL, the backend", *peaks)


@pytest.mark.parametrize("mode, action", [("all", "insert"), ("partial", "insert"), ("partial", "upsert")])
def test_an_import_is_flat(tenant, database, mode, action):
    """In one call each, so that nothing is given back in between."""
    peaks = []
    tenant.owner.publish(f"taken_{mode}_{action}", {"name": "title", "field_type": "string", "is_unique": True}, {"name": "stock", "field_type": "integer"})
    for count in (FEW, MANY):
        database.sql(f"TRUNCATE t_heavy.taken_{mode}_{action}")
        job = tenant.owner.post(f"/dynamic-data/taken_{mode}_{action}/import-jobs", {"format": "csv", "mode": mode, "action": action}).must_be(201).json["id"]
        for start in range(0, count, 100_000):
            rows = "".join(f"Title {n},{n % 100}\n" for n in range(start, start + 100_000))
            path = f"/api/v1/import-jobs/{job}/data"
            tenant.owner.request("POST", path, ("title,stock\n" * (start == 0) + rows).encode(), headers={"Content-Type": "text/csv"}).must_be(200)
        peaks.append(run_import(tenant, database, job))
        outcome = tenant.owner.get(f"/import-jobs/{job}").must_be(200).json
        assert (outcome["status"], outcome["inserted_rows"]) == ("completed", count), outcome
    must_be_flat(f"import, {mode}, {action}", *peaks)


def run_import(tenant, database, job):
    psql = subprocess.Popen(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database.dsn], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    psql.stdin.write(b"SELECT pg_backend_pid();\n")
    psql.stdin.write(f"SELECT set_config('pgwright.token', '{tenant.owner.token}', false) IS NULL \\g /dev/null\n".encode())
    psql.stdin.flush()
    backend = int(psql.stdout.readline())
    with Watch(backend) as theirs:
        psql.stdin.write(f"SELECT pgwright.run_import_job('{job}', 1000000) ->> 'status';\n".encode())
        psql.stdin.flush()
        assert psql.stdout.readline() in (b"completed\n", b"processing\n")
        psql.stdin.write(f"SELECT CASE WHEN pgwright.get_import_job('{job}') ->> 'status' = 'processing' THEN pgwright.run_import_job('{job}') END;\n".encode())
    psql.stdin.close()
    assert psql.wait(120) == 0
    return theirs.peak
