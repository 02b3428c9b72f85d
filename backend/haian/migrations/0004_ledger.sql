-- What a line of the ledger says beside who, what and whose: on which legal ground (a key of the client's texts), for which
-- office, and by which scope somebody acted for another.
ALTER TABLE haian.audit
    ADD COLUMN ground text NOT NULL DEFAULT '',
    ADD COLUMN office uuid,
    ADD COLUMN acting text NOT NULL DEFAULT '';
CREATE INDEX audit_actor ON haian.audit (actor_id, at);
CREATE INDEX audit_at ON haian.audit (at);

CREATE FUNCTION haian.record(actor uuid, role text, subject uuid, action text, object text, fields text[], reason text,
                             at timestamptz, ground text, office uuid, acting text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = haian, pg_temp AS
$$ INSERT INTO audit (actor_id, actor_role, subject_id, action, object, fields, reason, at, ground, office, acting)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) $$;
REVOKE ALL ON FUNCTION haian.record(uuid, text, uuid, text, text, text[], text, timestamptz, text, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.record(uuid, text, uuid, text, text, text[], text, timestamptz, text, uuid, text)
    TO haian_writer;

-- Lines that leave with a commit say the same. The office of staff, where it is not said, is that in which they hold the role
-- by which they came; what one does for oneself or for another citizen is for no office.
CREATE OR REPLACE FUNCTION haian.leave(left_behind jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = haian, pg_temp AS $$
DECLARE at timestamptz := $1 ->> 'at';
BEGIN
    IF $1 ? 'lines' THEN
        INSERT INTO audit (actor_id, actor_role, subject_id, action, object, fields, reason, at, ground, office, acting)
        SELECT l.actor, l.role, l.subject, l.action, l.object, l.fields, l.reason, at, l.ground,
               CASE WHEN l.role IN ('citizen', 'guardian', 'delegate') THEN l.office
                    ELSE coalesce(l.office, (SELECT m.organisation_id FROM membership m
                                             WHERE m.citizen_id = l.actor AND m.role = l.role AND m.during @> at
                                             ORDER BY m.organisation_id LIMIT 1)) END, l.acting
        FROM jsonb_to_recordset($1 -> 'lines')
             AS l (actor uuid, role text, subject uuid, action text, object text, fields text[], reason text, ground text,
                   office uuid, acting text);
    END IF;
    IF $1 ? 'events' THEN
        INSERT INTO outbox (type, citizen_id, payload, at)
        SELECT e.type, e.citizen, e.payload, at
        FROM jsonb_to_recordset($1 -> 'events') AS e (type text, citizen uuid, payload jsonb);
    END IF;
    IF $1 ? 'key' THEN
        UPDATE idempotency SET answer = $1 -> 'answer'
        WHERE citizen_id = ($1 ->> 'citizen')::uuid AND operation = $1 ->> 'operation' AND key = $1 ->> 'key';
    END IF;
END $$;
