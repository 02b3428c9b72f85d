-- The ledger is sealed in batches, each of which names the hash of the one before (`haian.seals` says how, and verifies).
-- `xid`: the transaction that wrote a line. All transactions before a snapshot's xmin are over, so what they wrote is all there.
ALTER TABLE haian.audit ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX audit_xid ON haian.audit (xid);

-- `leaves`: for each line, in the order of their ids, its id and the SHA-256 of what it says. DROPPED: the month's lines are
-- gone because their time was over.
CREATE TABLE haian.audit_seal (
    number      bigint PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('SEALED', 'DROPPED')),
    month       date NOT NULL,
    lines       int NOT NULL,
    leaves      bytea NOT NULL CHECK (kind = 'DROPPED' OR length(leaves) = 48 * lines),
    at          timestamptz NOT NULL,
    previous    bytea NOT NULL CHECK (length(previous) = 32),
    hash        bytea NOT NULL CHECK (length(hash) = 32)
);
ALTER TABLE haian.audit_seal ALTER leaves SET STORAGE EXTERNAL;
CREATE INDEX audit_seal_month ON haian.audit_seal (month);

-- How far the ledger is sealed, and in which cluster: a ledger that was restored into another has other transactions.
CREATE TABLE haian.audit_sealing (
    single      boolean PRIMARY KEY DEFAULT true CHECK (single),
    cluster     text NOT NULL,
    sealed_to   xid8 NOT NULL
);
INSERT INTO haian.audit_sealing (cluster, sealed_to) SELECT system_identifier::text, '0' FROM pg_control_system();
GRANT SELECT ON haian.audit_seal, haian.audit_sealing TO haian_read;

-- A value with its length before it (https://cr.yp.to/proto/netstrings.txt), so that no two rows have one text.
CREATE FUNCTION haian.netstring(value text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(octet_length($1) || ':' || $1 || ',', '-') $$;
CREATE FUNCTION haian.microseconds(at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT (extract(epoch FROM $1) * 1000000)::bigint::text $$;

CREATE FUNCTION haian.audit_leaf(line haian.audit) RETURNS bytea LANGUAGE sql STABLE SET search_path = haian, pg_temp AS
$$ SELECT uuid_send($1.id) || sha256(convert_to(
       netstring($1.id::text) || netstring(microseconds($1.at)) || netstring($1.actor_id::text) || netstring($1.actor_role)
       || netstring($1.subject_id::text) || netstring($1.action) || netstring($1.object)
       || netstring((SELECT coalesce(string_agg(netstring(f), '' ORDER BY n), '')
                     FROM unnest($1.fields) WITH ORDINALITY AS u(f, n)))
       || netstring($1.reason) || netstring($1.ground) || netstring($1.office::text) || netstring($1.acting), 'UTF8')) $$;

CREATE FUNCTION haian.add_seal(kind text, month date, lines int, leaves bytea, at timestamptz) RETURNS haian.audit_seal
LANGUAGE sql SET search_path = haian, pg_temp AS
$$ INSERT INTO audit_seal (number, kind, month, lines, leaves, at, previous, hash)
   SELECT n.number, $1, $2, $3, $4, $5, n.previous, sha256(convert_to(
       netstring(encode(n.previous, 'hex')) || netstring(n.number::text) || netstring($1) || netstring(to_char($2, 'YYYY-MM'))
       || netstring($3::text) || netstring(encode(sha256($4), 'hex')) || netstring(microseconds($5)), 'UTF8'))
   FROM (SELECT coalesce(max(s.number), 0) + 1 AS number,
                coalesce((SELECT l.hash FROM audit_seal l ORDER BY l.number DESC LIMIT 1), sha256('')) AS previous
         FROM audit_seal s) n
   RETURNING * $$;

-- Seals what transactions that are over have written, at most 10,000 lines of one month in a seal. One caller at a time.
CREATE FUNCTION haian.seal_audit(at timestamptz) RETURNS SETOF haian.audit_seal
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
        FROM (SELECT a.id, audit_leaf(a) AS leaf, date_trunc('month', a.at)::date AS month,
                     (row_number() OVER (PARTITION BY date_trunc('month', a.at) ORDER BY a.id) - 1) / 10000 AS n
              FROM audit a WHERE a.xid >= here.sealed_to AND a.xid < horizon) c GROUP BY c.month, c.n ORDER BY c.month, c.n
    LOOP
        RETURN NEXT add_seal('SEALED', batch.month, batch.lines, batch.leaves, $1);
    END LOOP;
    UPDATE audit_sealing SET sealed_to = horizon;
END $$;

-- Drops a month's lines when 36 months have gone since it ended, and says so in the chain. False: there is no such month.
CREATE FUNCTION haian.drop_audit(month date, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = haian, pg_temp SET timezone = 'UTC' AS $$
DECLARE name text := 'audit_' || to_char($1, 'YYYYMM'); first date := date_trunc('month', $1); gone int; unsealed int;
BEGIN
    IF $2 < first + interval '37 months' THEN RAISE EXCEPTION 'the ledger of % is kept until %', first, first + interval '37 months'; END IF;
    IF to_regclass('haian.' || name) IS NULL THEN RETURN false; END IF;
    PERFORM FROM audit_sealing FOR UPDATE;
    EXECUTE format('LOCK TABLE haian.audit IN SHARE ROW EXCLUSIVE MODE');
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE xid >= (SELECT sealed_to FROM audit_sealing)) FROM haian.%I', name)
        INTO gone, unsealed;
    IF unsealed > 0 THEN RAISE EXCEPTION '% has lines that are not sealed yet', name; END IF;
    PERFORM add_seal('DROPPED', first, gone, '', $2);
    EXECUTE format('ALTER TABLE haian.audit DETACH PARTITION haian.%I', name);
    EXECUTE format('DROP TABLE haian.%I', name);
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION haian.audit_leaf, haian.add_seal, haian.seal_audit, haian.drop_audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.seal_audit TO haian_worker;
GRANT EXECUTE ON FUNCTION haian.drop_audit TO haian_retention;
