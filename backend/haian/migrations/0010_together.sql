-- Claims keys of one operation for this transaction, as claim_key does: a row for each that is not new, with what was asked and
-- answered (NULL where it was forgotten meanwhile). All claim in one order, so that no two transactions wait for each other.
CREATE FUNCTION haian.claim_keys(operation text, citizens uuid[], keys text[], inputs bytea[], at timestamptz)
RETURNS TABLE (n int, asked bytea, answered jsonb)
LANGUAGE plpgsql SECURITY DEFINER ROWS 12 SET search_path = haian, pg_temp AS $$
#variable_conflict use_column
DECLARE fresh text[];
BEGIN
    WITH claimed AS (
        INSERT INTO idempotency AS i (citizen_id, operation, key, input, at)
        SELECT k.citizen, $1, k.key, k.input, $5 FROM unnest($2, $3, $4) AS k (citizen, key, input)
        ORDER BY k.citizen, k.key ON CONFLICT DO NOTHING RETURNING i.citizen_id, i.key)
    SELECT coalesce(array_agg(c.citizen_id || ' ' || c.key), '{}') INTO fresh FROM claimed c;
    IF cardinality(fresh) < cardinality($3) THEN
        RETURN QUERY SELECT k.n::int, i.input, i.answer
                     FROM unnest($2, $3) WITH ORDINALITY AS k (citizen, key, n)
                     LEFT JOIN idempotency i ON i.citizen_id = k.citizen AND i.operation = $1 AND i.key = k.key
                     WHERE k.citizen || ' ' || k.key <> ALL(fresh);
    END IF;
END $$;

-- As before; `answers` are those to the keys of many.
CREATE OR REPLACE FUNCTION haian.leave(left_behind jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = haian, pg_temp AS $$
DECLARE at timestamptz := $1 ->> 'at'; found record;
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
    IF $1 ? 'answers' THEN
        FOR found IN SELECT * FROM jsonb_to_recordset($1 -> 'answers')
                                   AS a (citizen uuid, operation text, key text, answer jsonb) LOOP
            UPDATE idempotency SET answer = found.answer
            WHERE citizen_id = found.citizen AND operation = found.operation AND key = found.key;
        END LOOP;
    END IF;
END $$;
REVOKE ALL ON FUNCTION haian.claim_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.claim_keys TO haian_writer;
DROP FUNCTION haian.claim_new;
