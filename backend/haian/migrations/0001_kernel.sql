-- The kernel: outbox, audit, idempotency. Mini-apps reach them only through the functions below.
CREATE EXTENSION IF NOT EXISTS btree_gist;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA haian TO PUBLIC;

-- Events that nobody was told of yet: taken by row claim, deleted when told.
CREATE TABLE haian.outbox (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    type        text NOT NULL CHECK (type ~ '^[a-z_]+(\.[a-z_]+)+$'),
    citizen_id  uuid,
    payload     jsonb NOT NULL,
    at          timestamptz NOT NULL,
    attempts    int NOT NULL DEFAULT 0,
    due         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_due ON haian.outbox (due, id);

-- Who, in which role, looked at or changed what of whose, why. Append-only: nobody holds UPDATE or DELETE.
CREATE TABLE haian.audit (
    id          uuid NOT NULL DEFAULT uuidv7(),
    at          timestamptz NOT NULL,
    actor_id    uuid,
    actor_role  text NOT NULL,
    subject_id  uuid,
    action      text NOT NULL CHECK (action ~ '^[A-Z][A-Z_]+$'),
    object      text,
    fields      text[] NOT NULL DEFAULT '{}',
    reason      text NOT NULL DEFAULT '',
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_subject ON haian.audit (subject_id, at DESC, id DESC);
GRANT SELECT ON haian.audit TO haian_read;
CREATE TABLE haian.audit_rest PARTITION OF haian.audit DEFAULT;

-- The first answer to each key, kept with a hash of what was asked.
CREATE TABLE haian.idempotency (
    citizen_id  uuid NOT NULL,
    operation   text NOT NULL,
    key         text NOT NULL CHECK (length(key) BETWEEN 8 AND 64),
    input       bytea NOT NULL,
    answer      jsonb,
    at          timestamptz NOT NULL,
    PRIMARY KEY (citizen_id, operation, key)
);
CREATE INDEX idempotency_at ON haian.idempotency (at);

CREATE FUNCTION haian.emit(type text, citizen uuid, payload jsonb, at timestamptz) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = haian, pg_temp AS
$$ SELECT pg_notify('haian_outbox', '');
   INSERT INTO outbox (type, citizen_id, payload, at) VALUES ($1, $2, $3, $4) RETURNING id $$;

CREATE FUNCTION haian.record(actor uuid, role text, subject uuid, action text, object text, fields text[], reason text,
                             at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = haian, pg_temp AS
$$ INSERT INTO audit (actor_id, actor_role, subject_id, action, object, fields, reason, at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) $$;

-- Claims a key for this transaction. NULL: the key is new. Otherwise the row that holds it; a key that a running
-- transaction holds is waited for, so that two taps at once still have one answer.
CREATE FUNCTION haian.claim_key(citizen uuid, operation text, key text, input bytea, at timestamptz)
RETURNS TABLE (asked bytea, answered jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = haian, pg_temp AS $$
BEGIN
    INSERT INTO idempotency VALUES ($1, $2, $3, $4, NULL, $5) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN QUERY SELECT i.input, i.answer FROM idempotency i
                     WHERE i.citizen_id = $1 AND i.operation = $2 AND i.key = $3;
    END IF;
END $$;

CREATE FUNCTION haian.answer_key(citizen uuid, operation text, key text, answer jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = haian, pg_temp AS
$$ UPDATE idempotency SET answer = $4 WHERE citizen_id = $1 AND operation = $2 AND key = $3 $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA haian FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.emit, haian.record, haian.claim_key, haian.answer_key TO haian_writer;

-- The worker takes events, makes partitions and forgets old keys.
GRANT SELECT, UPDATE, DELETE ON haian.outbox TO haian_worker;
GRANT SELECT, DELETE ON haian.idempotency TO haian_worker;
CREATE FUNCTION haian.prepare_audit(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = haian, pg_temp AS $$
DECLARE name text := 'audit_' || to_char($1, 'YYYYMM');
        first date := date_trunc('month', $1);
BEGIN
    IF to_regclass('haian.' || name) IS NULL THEN
        EXECUTE format('CREATE TABLE haian.%I (LIKE haian.audit INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
        EXECUTE format('WITH moved AS (DELETE FROM haian.audit_rest WHERE at >= %L AND at < %L RETURNING *) '
                       'INSERT INTO haian.%I SELECT * FROM moved', first, first + interval '1 month', name);
        EXECUTE format('ALTER TABLE haian.audit ATTACH PARTITION haian.%I FOR VALUES FROM (%L) TO (%L)',
                       name, first, first + interval '1 month');
    END IF;
END $$;
REVOKE ALL ON FUNCTION haian.prepare_audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.prepare_audit TO haian_worker;
