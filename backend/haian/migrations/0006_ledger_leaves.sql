-- As before, with the leaf written out: a function for each line cost more than all else.
-- Seals what transactions that are over have written, at most 10,000 lines of one month in a seal. One caller at a time.
CREATE OR REPLACE FUNCTION haian.seal_audit(at timestamptz) RETURNS SETOF haian.audit_seal
LANGUAGE plpgsql SECURITY DEFINER SET search_path = haian, pg_temp SET timezone = 'UTC' AS $$
DECLARE here audit_sealing; horizon xid8; known text := (SELECT system_identifier::text FROM pg_control_system()); batch record;
BEGIN
    SELECT * INTO here FROM audit_sealing FOR UPDATE;
    horizon := pg_snapshot_xmin(pg_current_snapshot());
    IF here.cluster <> known THEN
        UPDATE audit SET xid = CASE WHEN id IN (
            SELECT encode(substr(s.leaves, 48 * i + 1, 16), 'hex')::uuid FROM audit_seal s, generate_series(0, s.lines - 1) i
            WHERE s.kind = 'SEALED') THEN '0' ELSE pg_current_xact_id() END;
        UPDATE audit_sealing SET cluster = known, sealed_to = horizon;
        RETURN;
    END IF;
    FOR batch IN
        SELECT c.month, c.n, count(*)::int AS lines, string_agg(c.leaf, ''::bytea ORDER BY c.id) AS leaves
        FROM (SELECT a.id, uuid_send(a.id) || sha256(convert_to(
                         netstring(a.id::text) || netstring(microseconds(a.at)) || netstring(a.actor_id::text)
                         || netstring(a.actor_role) || netstring(a.subject_id::text) || netstring(a.action)
                         || netstring(a.object) || netstring(CASE WHEN a.fields = '{}' THEN '' ELSE (
                             SELECT string_agg(netstring(f), '' ORDER BY n) FROM unnest(a.fields) WITH ORDINALITY AS u(f, n)) END)
                         || netstring(a.reason) || netstring(a.ground) || netstring(a.office::text) || netstring(a.acting),
                         'UTF8')) AS leaf, date_trunc('month', a.at)::date AS month,
                     (row_number() OVER (PARTITION BY date_trunc('month', a.at) ORDER BY a.id) - 1) / 10000 AS n
              FROM audit a WHERE a.xid >= here.sealed_to AND a.xid < horizon) c GROUP BY c.month, c.n ORDER BY c.month, c.n
    LOOP
        RETURN NEXT add_seal('SEALED', batch.month, batch.lines, batch.leaves, $1);
    END LOOP;
    UPDATE audit_sealing SET sealed_to = horizon;
END $$;
DROP FUNCTION haian.audit_leaf;
