-- Database roles: few, fixed and without login; application roles are rows. Roles belong to the
-- cluster, so they outlive the extension and may exist already.

DO $$
DECLARE
    role_name text;
BEGIN
    -- JSON is UTF-8, and the engine counts and cuts characters.
    IF pg_catalog.current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'pgwright needs a database with encoding UTF8'
            USING ERRCODE = 'feature_not_supported', HINT = 'CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0';
    END IF;
    FOREACH role_name IN ARRAY ARRAY['pgwright_owner', 'pgwright_runtime', 'pgwright_user', 'pgwright_shim', 'pgwright_admin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN NOINHERIT NOBYPASSRLS', role_name);
        END IF;
    END LOOP;
END
$$;

COMMENT ON ROLE pgwright_owner IS 'pgwright: owns the schemas, tables and policies made for tenants';
COMMENT ON ROLE pgwright_runtime IS 'pgwright: the engine runs generated statements as this role, so row security always applies';
COMMENT ON ROLE pgwright_user IS 'pgwright: group for people''s direct SQL connections';
COMMENT ON ROLE pgwright_shim IS 'pgwright: group for the HTTP shim''s login; may call the API functions';
COMMENT ON ROLE pgwright_admin IS 'pgwright: group for administrators: act_as, tenants and users';

CREATE SCHEMA pgwright_shared AUTHORIZATION pgwright_owner;
COMMENT ON SCHEMA pgwright_shared IS 'Tables of platform entities, shared by all tenants';

CREATE SCHEMA pgwright_retired AUTHORIZATION pgwright_owner;
COMMENT ON SCHEMA pgwright_retired IS 'Tables taken out of service with their rows, until purge_retired()';

REVOKE ALL ON SCHEMA pgwright, pgwright_shared, pgwright_retired FROM PUBLIC;
GRANT USAGE ON SCHEMA pgwright TO pgwright_owner, pgwright_runtime, pgwright_user, pgwright_shim, pgwright_admin;
GRANT USAGE ON SCHEMA pgwright_shared TO pgwright_runtime, pgwright_user;

-- What a route's function returns when it decides status and headers itself.
CREATE TYPE pgwright.response AS (status integer, headers json, body json);
COMMENT ON TYPE pgwright.response IS 'Result of a route that decides its HTTP status and headers itself';
