"""Hostile and odd strings, and a fingerprint of the database that none of them may change."""

CORPUS = [
    "'", "''", '"', '""', "\\", "\\'", "'\\''", "`", ";", "--", "/*", "*/", "$$", "$1", "%s", "%", "_", "{}", "{0}", ":x", ":'x'",
    "' OR '1'='1", "' OR 1=1 --", '" OR ""="', "'; DROP TABLE pgwright.users; --", '"; DROP SCHEMA t_target CASCADE; --',
    "x'); DELETE FROM pgwright.users; --", "1; SELECT pg_sleep(3000)", "' UNION SELECT password_hash FROM pgwright.users --",
    "$$; DROP TABLE pgwright.users; $$", "$tag$ x $tag$", "'||pg_sleep(3000)||'", "(SELECT version())", "E'\\x27'", "U&'\\0027'",
    "\u2019 OR \u20191\u2019=\u20191", "\u02bc; DROP TABLE x", "\uff07", "pg_catalog.pg_authid", "pgwright.users", "t_other.secret",
    "../../etc/passwd", "%27%20OR%201=1", "%00", "\r\nSET ROLE postgres", "null", "NULL", "NaN", "true", "-1", "1e999", "[]", '{"a":1}',
    "CASE WHEN true THEN 1 END", "asc; DROP TABLE x", "\u202e'gnirts", "\ufffd", "\U0001f4a3", "x" * 5000, "'" * 1000,
]  # fmt: skip


def fingerprint(database, but=""):
    """Tables, columns, policies, grants and functions outside that schema, roles, and all accounts."""
    return database.sql(
        """
        WITH relations AS (SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                            WHERE n.nspname NOT IN (:'but', 'pg_toast'))
        SELECT (SELECT count(*) FROM relations),
               (SELECT string_agg(relacl::text, ',' ORDER BY oid) FROM relations),
               (SELECT count(*) FROM pg_attribute JOIN relations r ON r.oid = attrelid WHERE NOT attisdropped),
               (SELECT count(*) FROM pg_policy JOIN relations r ON r.oid = polrelid),
               (SELECT count(*) FROM pg_constraint JOIN relations r ON r.oid = conrelid),
               (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_namespace), (SELECT count(*) FROM pg_authid),
               (SELECT md5(string_agg(u::text, ',' ORDER BY id)) FROM pgwright.users u),
               (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM pgwright.tenants t),
               (SELECT md5(string_agg(m::text, ',' ORDER BY id)) FROM pgwright.user_roles m),
               (SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM pgwright.role_permissions p
                 WHERE p.tenant_id IS DISTINCT FROM (SELECT id FROM pgwright.tenants WHERE schema_name = :'but')),
               (SELECT md5(string_agg(r::text, ',' ORDER BY id)) FROM pgwright.routes r)
        """,
        but=but,
    )
