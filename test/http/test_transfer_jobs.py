"""Imports over HTTP that change records, name lookups by other fields, go on by themselves, and end."""

import threading

import pytest

from shim_process import wait_until

CSV = {"Content-Type": "text/csv"}


@pytest.fixture(scope="module")
def stock(make_tenant):
    tenant = make_tenant("stock")
    tenant.owner.publish("maker", {"name": "title", "field_type": "string", "is_unique": True})
    tenant.owner.publish(
        "ware",
        {"name": "sku", "field_type": "string", "is_unique": True},
        {"name": "title", "field_type": "string"},
        {"name": "amount", "field_type": "integer"},
        {"name": "maker", "field_type": "lookup", "reference_entity": "maker"},
    )
    tenant.oak = tenant.owner.create("maker", title="Oak")
    return tenant


@pytest.fixture
def empty(database, stock):
    database.sql("TRUNCATE t_stock.ware")


def upload(client, path, content, **query):
    return client.request("POST", path, content, query, CSV)


def begin(client, content, **terms):
    job = client.post("/dynamic-data/ware/import-jobs", {"format": "csv", "mode": "partial"} | terms).must_be(201).json["id"]
    upload(client, f"/import-jobs/{job}/data", content).must_be(200)
    return f"/import-jobs/{job}"


def numbers(job):
    return [job["status"]] + [job[name + "_rows"] for name in ("processed", "inserted", "updated", "failed")]


def wares(client):
    return {record["sku"]: (record["title"], record["amount"], record["maker"]) for record in client.records("ware")}


def test_a_file_is_loaded_again(stock, empty):
    path = "/dynamic-data/ware/import"
    assert numbers(upload(stock.owner, path, b"sku,title,amount\na,A,1\nb,B,2\n", format="csv").must_be(200).json) == ["completed", 2, 2, 0, 0]
    job = upload(stock.owner, path, b"sku,title,maker.title\nb,Bee,Oak\nc,C,\n", format="csv", action="upsert", key="sku").must_be(200).json
    assert numbers(job) == ["completed", 2, 1, 1, 0] and (job["action"], job["key"]) == ("upsert", "sku")
    job = upload(stock.owner, path, b"sku,amount\na,9\nx,9\na,8\n", format="csv", action="update", mode="partial").must_be(200).json
    assert numbers(job) == ["completed", 3, 0, 1, 2]
    assert [(error["line"], error["message"]) for error in job["error_details"]] == [(3, "no record has this key"), (4, "repeats the key of line 2")]
    assert wares(stock.owner) == {"a": ("A", 9, None), "b": ("Bee", 2, stock.oak), "c": ("C", None, None)}


def test_what_was_exported_is_corrected_and_taken_back(stock, empty):
    for name in ("a", "b"):
        stock.owner.create("ware", sku=name, title=name, amount=1)
    file = stock.owner.get("/dynamic-data/ware/export", columns="id,sku,amount").must_be(200).body
    job = upload(stock.owner, "/dynamic-data/ware/import", file.replace(b",1\r\n", b",5\r\n").replace(b'"a"', b'"z"').replace(b",a,", b",z,"), format="csv", action="update").must_be(200).json
    assert numbers(job) == ["completed", 2, 0, 2, 0]
    assert wares(stock.owner) == {"z": ("a", 5, None), "b": ("b", 5, None)}


def test_wrong_terms_are_told(stock, empty):
    path = "/dynamic-data/ware/import"
    upload(stock.owner, path, b"sku\na\n", format="csv", action="merge").must_be(400, "VALIDATION_ERROR", ["action"])
    upload(stock.owner, path, b"sku\na\n", format="csv", action="upsert", key="title").must_be(400, "VALIDATION_ERROR", ["key"])
    upload(stock.owner, path, b"title\na\n", format="csv", action="upsert").must_be(400, "VALIDATION_ERROR", ["key"])
    upload(stock.owner, path, b"sku,m\na,b\n", format="csv", mapping='{"sku":"sku","m":"maker.nope"}').must_be(400, "VALIDATION_ERROR", ["mapping.m"])
    stock.viewer.request("POST", path, b"sku,title\na,b\n", {"format": "csv", "action": "update"}, CSV).must_be(403, "PERMISSION_DENIED")
    stock.owner.get("/import-jobs", status="done").must_be(400, "VALIDATION_ERROR", ["status"])


def test_a_queued_job_goes_on_by_itself(stock, empty, database):
    job = begin(stock.owner, b"sku,amount\n" + b"".join(b"q%d,1\n" % n for n in range(50)))
    assert stock.owner.post(job + "/queue").must_be(200).json["queued_at"]
    stock.member.post(job + "/queue").must_be(404)
    assert database.value("SELECT pgwright.run_due_job(30)") == "t"
    assert numbers(stock.owner.get(job).json) == ["processing", 30, 30, 0, 0]
    database.sql("CALL pgwright.run_due_jobs(30)")
    assert numbers(stock.owner.get(job).json) == ["completed", 50, 50, 0, 0]
    owner = stock.owner.get("/auth/me").json
    assert database.value("SELECT count(DISTINCT created_by) || ' ' || min(created_by::text) FROM t_stock.ware") == "1 " + (owner.get("user") or owner)["id"]
    stock.owner.delete(job).must_be(204)
    stock.owner.get(job).must_be(404)


def test_a_key_with_fewer_rights_does_not_queue(stock, empty):
    scopes = [f"ware:{action}:tenant" for action in ("create", "read", "bulk")]
    key = stock.owner.post("/auth/api-keys", {"name": "loader", "scopes": scopes}).must_be(201).json["key"]
    client = stock.owner.as_user(key)
    job = begin(client, b"sku\nk\n")
    client.post(job + "/queue").must_be(403, "PERMISSION_DENIED")
    assert numbers(client.post(job + "/run").must_be(200).json)[0] == "completed"


def test_a_running_job_is_cancelled(stock, empty, database, running):
    """Of one that is all or nothing nothing stays, and nobody waits for its end."""
    job = begin(stock.owner, b"sku,amount\n" + b"".join(b"c%d,1\n" % n for n in range(200_000)), mode="all")
    answers = []
    runner = threading.Thread(target=lambda: answers.append(stock.owner.post(job + "/run")))
    runner.start()
    wait_until(lambda: running("run_import_job"), "the job runs")
    asked = stock.owner.post(job + "/cancel").must_be(200).json
    runner.join()
    ended = answers[0].must_be(200).json
    assert asked["status"] == "pending" and asked["cancel_requested"] is True
    assert numbers(ended)[0] == "cancelled" and ended["cancel_requested"] is False
    assert database.value("SELECT count(*) FROM t_stock.ware") == "0"
    assert database.value("SELECT count(*) FROM pgwright.import_data WHERE job_id = :'job'", job=job.rsplit("/", 1)[1]) == "0"
    stock.owner.post(job + "/run").must_be(409, "CONFLICT")


# The admin face ---------------------------------------------------------------------------------------


def data_of(answer, status=200):
    body = answer.must_be(status).json
    assert set(body) == {"success", "data", "meta", "message"} and body["success"] is True and body["message"]
    return body["data"]


def test_the_admin_face_imports_from_upload_to_report(stock, empty):
    job = data_of(stock.owner.post("/eav/import-jobs", {"entity_type": "ware", "file_name": "w.csv", "mode": "partial", "action": "upsert", "key": "sku"}), 201)
    assert (job["entity_type"], job["status"], job["format"]) == ("ware", "pending", "csv")
    path = f"/eav/import-jobs/{job['job_id']}"
    assert data_of(upload(stock.owner, path + "/data", b"sku,Titel,amount\na,A,1\nb,B,x\n", offset=0))["total_bytes"] == 29
    assert [problem["field"] for problem in data_of(stock.owner.get(path + "/preview"))["problems"]] == ["mapping.Titel"]
    data_of(stock.owner.request("PATCH", path, {"mapping": {"sku": "sku", "Titel": "title", "amount": "amount"}}))
    preview = data_of(stock.owner.get(path + "/preview", rows=1))
    assert preview["problems"] == [] and preview["rows"][0]["action"] == "insert"
    assert data_of(stock.owner.post(path + "/validate"))["validation"] == {"total_rows": 2, "valid_rows": 1, "invalid_rows": 1, "new_rows": 1, "changed_rows": 0}
    assert numbers(data_of(stock.owner.post(path + "/run"))) == ["completed", 2, 1, 0, 1]
    answer = stock.owner.get(path + "/errors", limit=10).must_be(200).json
    assert answer["data"] == [{"line": 3, "row_number": 2, "field": "amount", "message": "must be an integer"}]
    assert answer["meta"] == {"total": 1, "page": 1, "limit": 10, "total_pages": 1}
    listed = stock.owner.get("/eav/import-jobs", entity_type="ware", status="completed", limit=1).must_be(200).json
    assert listed["data"][0]["job_id"] == job["job_id"] and listed["meta"]["limit"] == 1
    assert data_of(stock.owner.get(path))["inserted_rows"] == 1
    stock.owner.get("/eav/import-jobs", limit=101).must_be(400, "VALIDATION_ERROR", ["limit"])
    assert data_of(stock.owner.delete(path)) is None
    stock.owner.get(path).must_be(404, "RESOURCE_NOT_FOUND")


def test_the_admin_face_imports_at_once_queues_and_cancels(stock, empty, database):
    job = data_of(upload(stock.owner, "/eav/import", b'[{"sku":"a","title":"A"}]', entity_type="ware", format="json"))
    assert numbers(job) == ["completed", 1, 1, 0, 0]
    made = data_of(stock.owner.post("/eav/import-jobs", {"entity_type": "ware", "format": "csv"}), 201)
    path = f"/eav/import-jobs/{made['job_id']}"
    data_of(upload(stock.owner, path + "/data", b"sku\nq\n"))
    assert data_of(stock.owner.post(path + "/queue"))["queued_at"]
    database.sql("CALL pgwright.run_due_jobs()")
    assert data_of(stock.owner.get(path))["status"] == "completed"
    made = data_of(stock.owner.post("/eav/import-jobs", {"entity_type": "ware", "format": "csv"}), 201)
    assert data_of(stock.owner.post(f"/eav/import-jobs/{made['job_id']}/cancel"))["status"] == "cancelled"
    stock.owner.post("/eav/import-jobs", {"entity_type": "nothing", "format": "csv"}).must_be(404, "RESOURCE_NOT_FOUND")
    stock.viewer.post("/eav/import-jobs", {"entity_type": "ware", "format": "csv"}).must_be(403, "PERMISSION_DENIED")
