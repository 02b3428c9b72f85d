-- The database roles of the product, made before any migration; each statement may run again.
DO $$ BEGIN
    IF to_regrole('haian_app') IS NULL THEN CREATE ROLE haian_app LOGIN NOSUPERUSER NOINHERIT; END IF;
    IF to_regrole('haian_read') IS NULL THEN CREATE ROLE haian_read NOLOGIN; END IF;
    IF to_regrole('haian_writer') IS NULL THEN CREATE ROLE haian_writer NOLOGIN; END IF;
    IF to_regrole('haian_worker') IS NULL THEN CREATE ROLE haian_worker NOLOGIN; END IF;
    IF to_regrole('haian_retention') IS NULL THEN CREATE ROLE haian_retention NOLOGIN; END IF;
END $$;
GRANT haian_read, haian_worker, haian_writer, haian_retention TO haian_app WITH INHERIT FALSE, SET TRUE;
