"""What the arguments of functions and routes are in calls that work, for test_injection_everywhere.py."""

import json

from test_transfer import upload

# Not called: what raises what it is told to, operators behind functions that take no text, and a loop that commits.
SKIPPED = {"face_error", "face_fail", "is_list", "array_contains", "array_overlaps", "numeric_eq", "numeric_ge", "numeric_gt", "numeric_le", "numeric_lt",
           "numeric_among"}
# Passwords are hashed, which takes its time on purpose.
SLOW = {"login", "try_login", "http_login", "create_user", "accept_invitation", "try_change_password", "http_change_password"}
# Functions that refuse also what is right, and with what.
REFUSED = {
    # The platform's, not a tenant's.
    "create_project": "PW403", "create_tenant": "PW403", "create_user": "PW403", "list_signing_keys": "PW403", "retire_signing_key": "PW403",
    "revoke_outside_tokens": "PW403", "rotate_signing_key": "PW403", "set_user_status": "PW403",
    "route_table": "42501", "run_due_job": "42501", "run_due_jobs": "42501",  # the HTTP server's alone
    "sign_in_with_token": "PW401",  # of which there are tests enough
}

RECORD = {"text": "a text", "extra": {"a": [1, "x"]}, "number": 1.5, "day": "2026-02-28", "state": "open", "labels": ["a", "b"]}
FIELD = {"name": "added", "field_type": "string", "label": "Added", "description": "d", "max_length": 50, "default_value": "x", "allowed_values": ["x", "y"],
         "pattern": "[a-z]*", "metadata": {"a": "b"}}
INDEX = {"name": "made", "field_names": [{"field": "text", "order": "desc", "nulls": "last"}],
         "condition": {"field": "state", "operator": "eq", "value": "open"}}
CONDITION = {"operator": "AND", "conditions": [{"field": "text", "operator": "contains", "value": "x"}, {"day": {"gte": "2026-01-01"}},
                                               {"field": "extra", "path": ["a"], "operator": "eq", "value": "b"}]}
AGGREGATE = {"group_by": ["state", {"field": "day", "bucket": "month", "as": "month"}],
             "aggregates": [{"function": "count"}, {"function": "sum", "field": "number", "as": "total", "filters": {"state": "open"}}],
             "filters": {"text": {"contains": "x"}}, "having": {"field": "total", "operator": "gt", "value": 0}, "sort": "-total"}
QUERY = {"fields": "text,part.name", "sort": [{"field": "text", "direction": "desc", "nulls": "first"}], "filters": CONDITION,
         "expand": {"part": {"fields": ["name"], "filters": {"name": "x"}}}, "count": "exact"}
# By the argument's name, and where functions differ by "function.argument".
VALUES = {
    "entity": "target", "collection": "target", "entity_type": "target", "code": "target", "project": "sweep", "tenant": "sweep", "relationship": "part",
    "data": RECORD, "record": RECORD, "records": [RECORD, {"text": "second"}], "attributes": RECORD, "entities": [RECORD, {"text": "second"}],
    "filters": CONDITION, "filter": {"text": {"contains": "x"}}, "sort": "text:desc:nulls_first,-day", "fields": "text,part.name", "expand": "part", "cursor": "",
    "count": "exact", "name": "thing", "label": "Thing", "operation": "create", "field": "text", "index": "by_text", "if_match": "*", "prefer": "return=minimal",
    "if_none_match": '"0000000000000000"', "columns": "text,day", "format": "csv", "mode": "partial", "mapping": {"text": "text"},
    "options": {"delimiter": ";", "null_text": "-"}, "file_name": "a.csv", "direction": "to_database", "permission": "target:read:tenant", "resource": "target",
    "action": "read", "status": "active", "search": "x", "display_name": "Somebody", "commit_message": "why", "description": "what", "scope": "tenant",
    "email": "somebody@sweep.example", "password": "a long password", "value": "x", "needle": "x", "message": "m", "state": "open", "detail": "[]",
    "names": {"title": "text"}, "items": ["x"], "pattern": "[a-z]*", "fill": "x", "member": "flag", "body": {"name": "x", "type": "string"},
    "meta": {"a": 1}, "pagination": {"page": 1, "limit": 5}, "include": "text", "include_attributes": ["text"], "unit": "day", "subject": "subject",
    "department": "north", "roles": ["viewer"], "template": "private", "schema": "t_sweep", "relation": "t_sweep.legacy", "table": "legacy",
    "backfill": {"text": "x"}, "rule": {"rule": "min", "value": 1}, "known": {"name": "x"}, "given": {"name": "x"}, "document": {"a": 1},
    "key_id": "2026-1", "page": "1", "page_size": "5", "page_limit": "5", "limit": "5", "width": "5", "lowest": "0", "highest": "5", "places": "2", "rows": "2", "serve": "true",
    "html": "<p>some words</p>", "language": "english", "max_rows": "10", "batch_rows": "10",
    "base": "2", "exponent": "2", "earlier": "2026-01-01", "later": "2026-02-01", "any_before": "true", "any_after": "true", "success": "200",
    "fallback": "true", "allow_destructive": "false", "offset": "0", "slug": "made", "query": QUERY, "part": "text", "content": "text;day\nx;2026-01-01\n",
    "entity_code": "target", "field_type": "text", "payload": {"a": "b"}, "error": "e", "resource_type": "target", "status_code": "200",
    "to": "2026-01-01", "from": "2026-01-01", "policies": {"password_min_length": 9}, "category": "c", "version": "1", "faults": [{"field": "x", "message": "y"}],
}
PUBLISHED = {"label": "Label", "description": "d", "icon": "i", "category": "c", "primary_field": "text", "default_sort_field": "text"}
COLLECTION = {"name": "made", "display_name": "Made", "description": "d"}
ATTRIBUTE = {"attribute_code": "added", "backend_type": "varchar", "label": "Added", "options": [{"value": "x", "label": "X"}],
             "validation_rules": [{"rule": "max_length", "value": 50, "message": "m"}]}
RELATIONSHIP = {"name": "made", "relationship_type": "one-to-many", "source_entity": "part", "target_entity": "target", "label": "l", "description": "d",
                "source_field_name": "mades", "target_field_name": "made_of", "on_delete": "SET NULL"}
METADATA = {"display_name": "Target", "description": "d", "icon": "i", "table_config": {"columns": [{"name": "text", "label": "T"}]},
            "form_config": {"fields": [{"name": "text", "placeholder": "p"}]}}
POLICIES = {"password_policy": {"min_length": 9}}
PROVIDER = {"name": "corp", "issuer": "https://idp.example", "audience": "a", "algorithms": ["RS256"], "claim_mapping": {"roles": "groups"},
            "role_mapping": {"Staff": "member"}, "jwks": {"keys": []}}
# None: what the argument's own default is.
BY_FUNCTION = {
    "aggregate_records.query": AGGREGATE,
    "bulk_delete.filters": None, "bulk_update.filters": None, "bulk_update.data": None, "delete_records_where.ids": None, "write_records.ids": None,
    "change_and_publish.operation": "update_field", "change_and_publish.definition": {"label": "L"}, "change_and_publish.backfill": None,
    "face_edit.operation": "update_field", "face_edit.entity": "drafted", "face_edit.definition": {"label": "L"}, "face_publish.entity": "drafted",
    "face_publish.definition": {"name": "n"}, "face_publish.backfill": None, "face_update_entity.definition": PUBLISHED,
    "change_collection_field.operation": "create_field", "change_collection_field.field": None, "change_collection_field.status": "201",
    "change_collection_field.definition": {"name": "added", "type": "string", "values": None, "default_value": "x"},
    "create_collection.definition": COLLECTION, "create_collection_field.definition": {"name": "added", "type": "string", "display_name": "A"},
    "create_collection_index.definition": {"name": "made", "fields": ["day"]}, "update_collection.definition": {"display_name": "D", "description": "d"},
    "update_collection_field.definition": {"display_name": "D"}, "delete_collection.allow_destructive": "true",
    "delete_collection_field.field": "number", "delete_collection_field.allow_destructive": "true", "delete_collection_index.index": "by_text",
    "create_entity.definition": PUBLISHED | {"name": "made", "fields": [FIELD | {"name": "text"}], "indexes": [], "metadata": {"a": "b"}},
    "create_entity_metadata.metadata": METADATA | {"entity_name": "part"}, "update_entity_metadata.metadata": METADATA, "metadata_changes.body": METADATA,
    "create_field.entity": "drafted", "create_field.definition": FIELD, "update_field.entity": "drafted",
    "update_field.definition": {name: FIELD[name] for name in ("label", "description", "default_value", "metadata")},
    "create_index.entity": "drafted", "create_index.definition": INDEX, "update_index.entity": "drafted", "update_index.definition": INDEX,
    "delete_index.entity": "drafted", "delete_field.entity": "drafted", "get_index.version": None,
    "create_relationship.definition": RELATIONSHIP, "update_relationship.definition": {"label": "l", "description": "d"},
    "update_entity.definition": PUBLISHED, "delete_entity.entity": "fresh", "discard_draft.entity": "drafted", "unarchive_entity.entity": "shelved",
    "face_delete_entity.allow_destructive": "true", "eav_delete_entity_type.allow_destructive": "true",
    "publish_entity.entity": "drafted", "http_publish_entity.entity": "drafted", "publish_entity.backfill": None, "http_publish_entity.backfill": None,
    "publish_entities.entities": ["drafted"], "http_publish_entities.entities": ["drafted"], "publish_entities.backfill": None,
    "http_publish_entities.backfill": None, "create_file.definition": {"name": "b.txt", "content_type": "text/plain", "size_bytes": 1, "metadata": {"a": "b"}},
    "publish_entity.fingerprint": None, "update_file.definition": {"name": "b.txt", "metadata": {"a": "b"}},
    "create_identity_provider.definition": PROVIDER, "update_identity_provider.definition": {"audience": "b", "role_mapping": {"S": "member"}},
    "create_api_key.definition": {"name": "another", "scopes": ["target:read:tenant"]}, "update_api_key.definition": {"name": "renamed"},
    "update_user.definition": {"display_name": "D", "department": "d"},
    "eav_answer.status": "200", "eav_change_attribute.status": "200", "eav_change_attribute.operation": "update_field", "eav_change_attribute.given": {"label": "L"},
    "eav_attribute_definition.body": ATTRIBUTE, "eav_attribute_definition.known": None, "eav_entity_definition.body": {"code": "made", "label": "Made"},
    "eav_create_attribute.definition": ATTRIBUTE | {"entity_type": "target"}, "eav_update_attribute.definition": {"label": "L"},
    "eav_create_entity_type.definition": {"code": "made", "label": "Made", "description": "d"}, "eav_update_entity_type.definition": {"label": "L"},
    "eav_sync_schema.direction": "database", "sync_schema.direction": "database", "eav_delete_attribute.allow_destructive": "true",
    "eav_search_entities.filters": [{"attribute": "text", "operator": "contains", "value": "x"}],
    "eav_search_entities.sort": [{"attribute": "text", "direction": "desc"}], "eav_search_entities.include_attributes": ["text"],
    "eav_records.query": {"sort": "text"}, "eav_generate_migration.entity_type": "drafted", "eav_generate_migration.backfill": None,
    "preview_migration.entity": "drafted", "preview_migration.backfill": None, "explain_access.user_name": "viewer@sweep.example",
    "expression_count.value": "2", "expression_date_text.value": "2026-01-01", "expression_datetime_text.value": "2026-01-01T00:00:00Z",
    "expression_sqrt.value": "2", "expression_number.value": "2", "items_have_scale.items": "{1.5}", "items_have_length.items": ["x"], "items_match.items": ["x"],
    "eav_page.items": [RECORD], "list_entity_metadata.entity_type": "custom", "list_entities.entity_type": "custom",
    "list_records.page": None, "list_related_records.page": None, "list_public_records.page": None, "list_related_records.entity": "part",
    "list_related_records.relationship": "target", "link_related_records.entity": "part", "link_related_records.relationship": "target",
    "unlink_related_records.entity": "part", "unlink_related_records.relationship": "target", "create_related_record.entity": "part",
    "create_related_record.relationship": "target", "create_related_record.data": {"text": "x"},
    "write_through.entity": "part", "write_through.relationship": "target", "write_through.record": [{"text": "x"}],
    "list_public_records.entity": "part", "list_public_records.fields": "name", "list_public_records.sort": "-name", "list_public_records.expand": None,
    "list_public_records.filters": {"name": {"contains": "x"}}, "list_public_records.filter": None, "get_public_record.entity": "part",
    "get_public_record.fields": "name", "get_public_record.expand": None,
    "matches_json_schema.schema": {"type": "object", "properties": {"a": {"type": "integer", "enum": [1]}}, "required": ["a"]},
    "preview_access.changes": [], "update_security_policies.policies": POLICIES, "unimport_entity.entity": "old",
    "create_project.slug": "made", "has_rule.permission": "viewer:target:read:tenant", "eav_export.sort": "text", "eav_get_entity.include": "text",
    "list_project_records.filters": {"text": {"contains": "x"}}, "eav_list_entity_types.status": "active", "list_import_jobs.status": "pending",
    "list_entities.status": "published", "list_all_fields.version": None, "project_json.tenant": {"id": "x", "slug": "x"}, "eav_list_entities.page": "1",
    "collection_json.entity": {"id": "x", "name": "n"}, "eav_entity_type_json.entity": {"id": "x", "name": "n"}, "face_set_service.entity": {"id": "x"},
    "collection_field_json.field": {"name": "n", "field_type": "text"}, "eav_attribute_json.field": {"name": "n", "field_type": "text"},
    "eav_rules_of.field": {"min_value": 1, "pattern": "x"}, "collection_index_json.index": {"name": "n"}, "login.email": "nobody@sweep.example",
    "get_entity.version": None, "list_fields.version": None, "get_field.version": None, "list_indexes.version": None,
    "log_failed_operation.operation": "update_field", "list_schema_ops.actor": None, "list_permissions.resource": "target",
    "stored_metadata.entity": {"id": "x"}, "introspect.schema": "t_sweep", "list_schema_ops.collection": "target",
    "search_query.query": "some words", "search_matches.query": "words", "search_matches_markup.query": "words", "search_rank.query": "words",
    "search_rank.texts": ["some words"], "search_query.language": "english", "eav_list_imports.status": "pending", "bulk_upsert_records.key": None,
    "http_bulk_upsert_records.key": None, "bulk_upsert_records.entity": "drafted", "http_bulk_upsert_records.entity": "drafted",
    "bulk_upsert_records.records": [{"text": "x", "number": 1}], "http_bulk_upsert_records.records": [{"text": "x", "number": 1}], "write_records.key": None,
    "eav_import_page.page": {"total": 1, "page": 1, "page_size": 1, "pages": 1}, "eav_import_page.items": [], "eav_import_json.job": {"id": "x"},
    **{f"{function}.{name}": None for name in ("action", "key")
       for function in ("create_import_job", "update_import_job", "import_records", "eav_import", "eav_create_import", "eav_update_import")},
    "http_create_record.if_none_match": None, "http_update_record.if_none_match": None, "create_record_as.id": "01a1ffff-0000-7000-8000-000000000000",
    "eav_fields.attributes": ["text"], "eav_strategy_note.body": {"storage_strategy": "eav"}, "face_flag.body": {"flag": True},
    "face_definition.body": {"title": "x"}, "import_schema.allow_destructive": "true",
    "delete_field.field": "day", "revoke_permission.permission": "part:read:tenant", "unlink_identity.subject": "linked", "upsert_record.key": None,
    "http_upsert_record.key": None,
}


class Values:
    """Of one tenant."""

    def __init__(self, tenant, database, jwks):
        self.tenant, self.database, self.jwks = tenant, database, jwks
        self.token = tenant.owner.token
        self.known = VALUES | {name: tenant.slug for name in ("project", "tenant")} | {"schema": f"t_{tenant.slug}", "relation": f"t_{tenant.slug}.legacy"}
        self.by_function = dict(BY_FUNCTION)
        self.make()

    def of(self, function, name, kind):
        """A text, or None where the argument is better left out."""
        value = self.by_function.get(f"{function}.{name}", self.known.get(name))
        if kind == "bytea" and value is not None:
            return "\\x" + value.encode().hex()
        if kind == "text[]" and value is not None:
            return "{" + ",".join(value) + "}"
        if kind in ("json", "jsonb") and value is not None:
            return json.dumps(value)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def make(self):
        owner, slug, known = self.tenant.owner, self.tenant.slug, self.known
        owner.publish("part", {"name": "name", "field_type": "text"})
        owner.publish("target", {"name": "text", "field_type": "string", "max_length": 600}, {"name": "extra", "field_type": "json"},
                      {"name": "number", "field_type": "decimal"}, {"name": "day", "field_type": "date"},
                      {"name": "state", "field_type": "enum", "allowed_values": ["open", "paid"]},
                      {"name": "labels", "field_type": "array", "item_type": "string"},
                      {"name": "part_id", "field_type": "lookup", "reference_entity": "part"})
        owner.post("/data-model/entities/target/indexes", {"name": "by_text", "field_names": ["text"]}).must_be(201)
        migration = owner.post("/data-model/entities/target/publish").must_be(200).json
        part = owner.create("part", name="a part")
        known["id"] = owner.create("target", text="first", part_id=part)
        known["ids"] = [known["id"]]
        known["migration"] = migration["id"]
        known["file"] = owner.post("/files", {"name": "a.txt", "content_type": "text/plain", "size_bytes": 1}).must_be(201).json["id"]
        known["backup"] = owner.post("/data-model/schema/backups", {"name": "b"}).must_be(201).json["id"]
        bundle = owner.get("/data-model/schema/export").must_be(200).json
        known["bundle"] = bundle | {"entities": [each for each in bundle["entities"] if each["entity"]["name"] == "part"], "relationships": []}
        job = owner.post("/dynamic-data/target/import-jobs", {"format": "csv"}).must_be(201).json["id"]
        upload(owner, f"/import-jobs/{job}/data", b"text,day\nx,2026-01-01\n").must_be(200)
        known["job"] = job
        known["user"] = [each["id"] for each in owner.get("/users").must_be(200).json["items"] if each["email"] == self.tenant.email("viewer")][0]
        known["session"] = owner.get("/auth/sessions").must_be(200).json[0]["id"]
        known["role"] = owner.post("/rbac/roles", {"name": "made", "label": "Made"}).must_be(201).json["id"]
        known["key"] = owner.post("/auth/api-keys", {"name": "k", "scopes": ["target:read:tenant"]}).must_be(201).json["id"]
        invited = owner.post("/users/invitations", {"email": f"new@{slug}.example", "roles": ["viewer"]}).must_be(201).json
        known["invitation"] = invited["id"]
        self.by_function["accept_invitation.token"] = invited["token"]
        owner.post(f"/rbac/roles/{known['role']}/permissions", {"permission": "part:read:tenant"}).must_be(201)
        known["provider"] = "known"
        known["definition"] = {"label": "x"}
        provider = PROVIDER | {"jwks": self.jwks}
        self.by_function["create_identity_provider.definition"] = provider
        owner.post("/admin/security/identity-providers", provider | {"name": "known", "issuer": f"https://{slug}.example"}).must_be(201)
        owner.post("/admin/security/identity-providers/known/identities", {"subject": "linked", "email": self.tenant.email("viewer")}).must_be(204)
        self.states(part)
        known["token"] = known["refresh_token"] = "x.y.z"
        self.database.sql(f"CREATE TABLE t_{slug}.old (id int PRIMARY KEY, text text); ALTER TABLE t_{slug}.old OWNER TO pgwright_owner")
        owner.post("/data-model/import", {"relation": f"t_{slug}.old"}).must_be(201)
        self.database.sql(f"CREATE TABLE t_{slug}.legacy (id int PRIMARY KEY, text text); ALTER TABLE t_{slug}.legacy OWNER TO pgwright_owner")

    def states(self, part):
        """Entities and records in the states that some functions want."""
        owner, own = self.tenant.owner, self.by_function
        text = {"name": "text", "field_type": "string", "is_unique": True}
        owner.publish("drafted", text, {"name": "number", "field_type": "decimal"}, {"name": "day", "field_type": "date"},
                      {"name": "state", "field_type": "enum", "allowed_values": ["open", "paid"]})
        owner.post("/data-model/entities/drafted/indexes", {"name": "by_text", "field_names": ["number"]}).must_be(201)
        owner.post("/data-model/entities", {"name": "fresh", "fields": [text]}).must_be(201)
        owner.publish("shelved", text)
        owner.post("/data-model/entities/shelved/archive").must_be(200)
        owner.post("/data-model/relationships", {"name": "kept", "relationship_type": "one-to-many", "source_entity": "part", "target_entity": "drafted"}).must_be(201)
        owner.post("/rbac/entities/part/template", {"template": "public_read"}).must_be(200)
        owner.post("/metadata/entities", METADATA | {"entity_name": "target"}).must_be(201)
        fields = {each["name"]: each["id"] for each in owner.get("/data-model/entities/target/fields").must_be(200).json}
        for function in ("eav_get_attribute", "eav_attribute", "eav_update_attribute", "eav_delete_attribute"):
            own[f"{function}.id"] = fields["number"]
        own["eav_add_option.id"] = fields["state"]
        own["entity_grants.entity"] = owner.get("/data-model/entities/target").json["id"]
        gone = owner.create("target", text="gone")
        owner.delete(f"/dynamic-data/target/records/{gone}").must_be(204)
        for function in ("restore_record", "purge_record", "http_restore_record", "http_purge_record"):
            own[f"{function}.id"] = gone
        for function in ("get_public_record", "list_related_records", "create_related_record", "link_related_records", "unlink_related_records", "write_through"):
            own[f"{function}.id"] = part
        own["explain_access.record"] = self.known["id"]
        own["stored_metadata.entity"] = {"id": own["entity_grants.entity"]}
        own["link_identity.email"] = self.tenant.email("member")
        own["preview_access.changes"] = [{"operation": "create", "entity": "row_rules", "data": {
            "role_id": self.known["role"], "entity_id": own["entity_grants.entity"], "action": "read", "condition": CONDITION}}]
        own["eav_import_data.job"] = own["add_import_data.job"] = owner.post("/dynamic-data/target/import-jobs", {"format": "csv"}).must_be(201).json["id"]
        for function in ("login", "try_login", "http_login"):
            own[f"{function}.email"] = self.tenant.email("owner")
            own[f"{function}.password"] = self.tenant.passwords[self.tenant.email("owner")]
        for function in ("try_change_password", "http_change_password"):
            own[f"{function}.old_password"] = self.tenant.passwords[self.tenant.email("owner")]
            own[f"{function}.new_password"] = "another long password"
        for function in ("bulk_update_records", "bulk_update"):
            own[f"{function}.records"] = [RECORD | {"id": self.known["id"]}]
        own["eav_update_entities.entities"] = [RECORD | {"id": self.known["id"]}]
        for function in ("get_relationship", "update_relationship", "delete_relationship"):
            own[f"{function}.relationship"] = "kept"
        for function in ("upsert_record", "http_upsert_record"):
            own[f"{function}.entity"], own[f"{function}.data"] = "drafted", {"text": "x", "number": 1}
