"""The server is killed, and not asked to stop, in the middle of sets of records and of imports: after it has
recovered nothing half done is there, and an import goes on where it was.

Environment: PGWRIGHT_CRASH_CLUSTER, the folder of a cluster of this test's own that runs (test/cluster.sh);
its database crash has the extension.
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import time

import pytest

CLUSTER = os.environ.get("PGWRIGHT_CRASH_CLUSTER")
SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "cluster.sh"
EMAIL = "owner@crash.example"
ROWS = 40000

pytestmark = pytest.mark.skipif(not CLUSTER, reason="PGWRIGHT_CRASH_CLUSTER is not set")


def cluster(*arguments):
    return subprocess.run([SCRIPT, *arguments], stdout=subprocess.PIPE, check=True, text=True, timeout=120).stdout.strip()


def psql(**options):
    return subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", cluster("dsn", CLUSTER, "crash")],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def sql(statement, signed_in=True):
    """The last line of what the statement prints; waits for a server that recovers."""
    begin = f"SELECT pgwright.act_as('{EMAIL}') \\g /dev/null\n" if signed_in else ""
    for _ in range(300):
        session = psql()
        told, complaint = session.communicate(begin + statement)
        if session.returncode == 0:
            return told.splitlines()[-1] if told else ""
        if "connection to server on socket" not in complaint:  # it was executed
            raise AssertionError(complaint)
        time.sleep(0.1)
    raise AssertionError("the server does not recover")


def function(name, *arguments):
    text = ", ".join("'" + (each if isinstance(each, str) else json.dumps(each)).replace("'", "''") + "'" for each in arguments)
    told = sql(f"SELECT pgwright.{name}({text});")
    return json.loads(told) if told else None


@pytest.fixture(scope="module")
def table():
    """An entity each of whose records takes its time to be written, so that there is a middle."""
    sql(f"SELECT pgwright.create_tenant('crash', 'Crash'); SELECT pgwright.create_user('{EMAIL}', 'a long password', 'crash', 'owner');", False)
    function("create_entity", {"name": "row", "supports_soft_delete": False, "fields": [
        {"name": "n", "field_type": "integer", "is_unique": True}, {"name": "state", "field_type": "string"}]})
    function("publish_entity", "row")
    sql("CREATE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.03); RETURN coalesce(NEW, OLD); END $$;"
        "CREATE TRIGGER dawdle BEFORE INSERT OR UPDATE ON t_crash.row FOR EACH ROW WHEN (NEW.n % 10 = 0 AND NEW.n < 1000 OR NEW.n % 250 = 0)"
        " EXECUTE FUNCTION public.dawdle();"
        "CREATE TRIGGER dawdle_too BEFORE DELETE ON t_crash.row FOR EACH ROW WHEN (OLD.n % 10 = 0) EXECUTE FUNCTION public.dawdle();", False)
    return "t_crash.row"


def kill_server():
    """Every process of it at once."""
    postmaster = int(sql("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1);", False))
    children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for pid in (postmaster, *map(int, children)):
        os.kill(pid, signal.SIGKILL)


def kill_backend(what):
    """The one that runs such a statement; upon which the server throws everybody out and recovers."""
    found = sql(f"SELECT pid FROM pg_stat_activity WHERE query LIKE '%{what}%' AND state = 'active' AND pid <> pg_backend_pid();", False)
    if found:
        os.kill(int(found), signal.SIGKILL)
    return bool(found)


def run_and_kill(statement, what, whole, after):
    """Whether the statement was killed, and had not ended before."""
    session = psql()
    session.stdin.write(f"SELECT pgwright.act_as('{EMAIL}') \\g /dev/null\n{statement};\n")
    session.stdin.flush()
    time.sleep(after)
    if whole:
        kill_server()
        session.communicate()
        cluster("start", CLUSTER)
        return session.returncode != 0
    killed = kill_backend(what)
    session.communicate()
    return killed and session.returncode != 0


@pytest.mark.parametrize("whole", [True, False], ids=["the server", "one process"])
def test_sets_of_records_are_written_whole_or_not_at_all(table, whole):
    records = json.dumps([{"n": n, "state": "new"} for n in range(1000)])
    assert run_and_kill(f"SELECT pgwright.bulk_create_records('row', '{records}')", "bulk_create_records", whole, 0.5)
    assert sql(f"SELECT count(*) FROM {table};", False) == "0"
    function("bulk_create_records", "row", json.loads(records))

    assert run_and_kill("SELECT pgwright.update_records_where('row', '{\"n\": {\"gte\": 0}}', '{\"state\": \"changed\"}')", "update_records_where", whole, 0.5)
    assert sql(f"SELECT count(*), count(*) FILTER (WHERE state = 'new') FROM {table};", False) == "1000|1000"

    assert run_and_kill("SELECT pgwright.delete_records_where('row', '{\"n\": {\"gte\": 0}}')", "delete_records_where", whole, 0.5)
    assert sql(f"SELECT count(*) FROM {table};", False) == "1000"
    function("delete_records_where", "row", {"n": {"gte": 0}})


@pytest.mark.parametrize("whole", [True, False], ids=["the server", "one process"])
@pytest.mark.parametrize("mode", ["partial", "all"])
def test_an_import_goes_on_where_it_was(table, whole, mode):
    sql(f"TRUNCATE {table};", False)
    content = "n,state\n" + "".join(f"{n},imported\n" for n in range(1000, 1000 + ROWS))
    job = function("create_import_job", "row", "rows.csv", "csv", mode)["id"]
    sql(f"SELECT pgwright.add_import_data('{job}', convert_to('{content}', 'UTF8'), 0);")
    chance, killed = random.Random(mode), 0
    for attempt in range(60):
        state = json.loads(sql(f"SELECT pgwright.get_import_job('{job}');"))
        # What the job says is in is in, and nothing else.
        assert sql(f"SELECT count(*) FROM {table};", False) == str(state["successful_rows"] or 0), state
        if state["status"] not in ("pending", "processing"):
            break
        step = f"SELECT pgwright.run_import_job('{job}', 5000)"
        if killed < 2:
            killed += run_and_kill(step, "run_import_job", whole, chance.uniform(0.1, 0.4))
        else:
            sql(step + ";")
    assert killed == 2, "no batch was interrupted: the test shows nothing"
    assert (state["status"], state["successful_rows"], state["failed_rows"]) == ("completed", ROWS, 0), state
    assert sql(f"SELECT count(*), count(DISTINCT n), min(n), max(n) FROM {table};", False) == f"{ROWS}|{ROWS}|1000|{999 + ROWS}"
