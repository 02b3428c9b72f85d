-- What a transaction leaves behind, in one call with its commit: lines of the ledger, events, the answer to its key.
-- No NOTIFY here: its lock, on the whole database, would let one transaction after the other reach the disk. The process
-- that committed tells the worker afterwards (haian.bell); one that died before is found by the worker's own look.
CREATE FUNCTION haian.leave(left_behind jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = haian, pg_temp AS $$
DECLARE at timestamptz := $1 ->> 'at';
BEGIN
    IF $1 ? 'lines' THEN
        INSERT INTO audit (actor_id, actor_role, subject_id, action, object, fields, reason, at)
        SELECT l.actor, l.role, l.subject, l.action, l.object, l.fields, l.reason, at
        FROM jsonb_to_recordset($1 -> 'lines')
             AS l (actor uuid, role text, subject uuid, action text, object text, fields text[], reason text);
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
REVOKE ALL ON FUNCTION haian.leave FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.leave TO haian_writer;
