-- What CREATE EXTENSION brings, and that DROP EXTENSION takes it all back.
\getenv source PG_ABS_SRCDIR
\set helpers :source '/include/helpers.psql'
\i :helpers

-- A database of its own: the other files' tenants would be in the way.
\set home :DBNAME
DROP DATABASE IF EXISTS pgwright_regress_install WITH (FORCE);
CREATE DATABASE pgwright_regress_install TEMPLATE template0;
\c pgwright_regress_install
\i :helpers
CREATE EXTENSION pgwright;

-- The database roles: nobody signs in as one of them, none is above row security.
SELECT rolname AS role, rolcanlogin AS login, rolsuper AS super, rolbypassrls AS bypassrls, rolinherit AS inherit,
       rolcreaterole AS createrole, rolcreatedb AS createdb
  FROM pg_roles WHERE rolname LIKE 'pgwright\_%' ORDER BY rolname;

-- They hold nothing beyond their own grants.
SELECT m.rolname AS member, g.rolname AS "of"
  FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
 WHERE m.rolname LIKE 'pgwright\_%';

-- The functions. executors: who may call one beside its owner; - is PUBLIC.
SELECT format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS function,
       pg_get_function_result(p.oid) AS result,
       CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
       CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
       p.proisstrict AS strict, p.prosecdef AS definer,
       (SELECT string_agg(CASE WHEN acl.grantee = 0 THEN '-' ELSE acl.grantee::regrole::text END, ' ' ORDER BY acl.grantee::regrole::text COLLATE "C")
          FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl WHERE acl.grantee <> p.proowner) AS executors
  FROM pg_proc p
 WHERE p.pronamespace = 'pgwright'::regnamespace
 ORDER BY p.proname COLLATE "C";

-- The tables: row security on and forced, but for the two empty ones that carry invalidations.
SELECT c.relname AS "table", c.relrowsecurity AS row_security, c.relforcerowsecurity AS forced,
       (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS policies,
       (SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal) AS triggers
  FROM pg_class c WHERE c.relnamespace = 'pgwright'::regnamespace AND c.relkind = 'r' ORDER BY c.relname COLLATE "C";

-- Who may do what to whole tables. Reading is granted by column, so that hidden ones stay hidden.
SELECT c.relname AS "table", acl.grantee::regrole AS grantee, string_agg(acl.privilege_type, ' ' ORDER BY acl.privilege_type) AS privileges
  FROM pg_class c, aclexplode(c.relacl) acl
 WHERE c.relnamespace = 'pgwright'::regnamespace AND c.relkind = 'r' AND acl.grantee <> c.relowner
 GROUP BY 1, 2 ORDER BY c.relname COLLATE "C";

-- The columns that the engine's role may not read, of tables whose others it may.
SELECT format('%s.%s', c.relname, a.attname) AS hidden
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = 'pgwright'::regnamespace AND c.relkind = 'r'
   AND NOT has_column_privilege('pgwright_runtime', c.oid, a.attnum, 'SELECT')
 ORDER BY 1;

-- The catalog describes itself: each configuration table is an entity.
SELECT e.name AS entity, e.entity_type, e.status, e.metadata ->> 'resource' AS resource, count(f.id) AS fields
  FROM pgwright.entity_definitions e JOIN pgwright.field_definitions f ON f.entity_id = e.id
 GROUP BY e.id ORDER BY e.name COLLATE "C";

-- Roles of applications, and what they hold.
SELECT r.name AS role, string_agg(format('%s:%s:%s', p.resource, p.action, p.scope), ' ' ORDER BY p.resource COLLATE "C", p.action) AS permissions
  FROM pgwright.roles r LEFT JOIN pgwright.role_permissions p ON p.role_id = r.id GROUP BY r.id ORDER BY r.name COLLATE "C";

-- The routes, as the shim reads them.
SELECT method, path, function_name, success_status AS status, returns,
       (SELECT string_agg(a ->> 'name' || CASE WHEN (a ->> 'required')::boolean THEN '' ELSE '?' END, ', ') FROM jsonb_array_elements(arguments) a) AS arguments
  FROM pgwright.route_table();

-- Nothing that users made is lost by accident: while a tenant has a table, the extension stays.
SELECT pg_temp.new_tenant('install');
SELECT pg_temp.publish('{"name":"note","fields":[{"name":"title","field_type":"string"}]}');
\set VERBOSITY sqlstate
DROP EXTENSION pgwright;
\set VERBOSITY default

-- Without one it goes, but for its empty schema, which PostgreSQL lets stay; and comes back in the
-- same session, whose caches and kept plans knew the old one.
DROP SCHEMA t_install CASCADE;
DROP EXTENSION pgwright;
SELECT nspname, (SELECT count(*) FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass AND refobjid = n.oid) AS objects
  FROM pg_namespace n WHERE nspname LIKE 'pgwright%' OR nspname LIKE 't\_%';
SELECT pg_get_function_identity_arguments(oid) FROM pg_proc WHERE probin LIKE '%pgwright%';
CREATE EXTENSION pgwright;
SELECT pg_temp.new_tenant('again');
SELECT pg_temp.publish('{"name":"note","fields":[{"name":"title","field_type":"string"}]}');
SELECT pg_temp.try($$SELECT pgwright.create_record('note', '{"title":"hello"}') -> 'data' ->> 'title'$$);

\c :home
DROP DATABASE pgwright_regress_install WITH (FORCE);
