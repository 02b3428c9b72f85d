-- As before, but of several that were given once for the same, who asks at the same moment gets another one; who finds all of them
-- taken waits for one that may be given back, and looks again.
CREATE OR REPLACE FUNCTION haian.use_consent(citizen uuid, fact text, receiver_kind text, receiver text, purpose text, about uuid,
    at timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = consent, pg_temp AS $$
#variable_conflict use_column
DECLARE found_ uuid;
BEGIN
    UPDATE consent c SET used = c.used + 1, used_at = $7
        WHERE c.citizen_id = $1 AND c.fact = $2 AND c.receiver_kind = $3 AND c.receiver = $4 AND c.purpose = $5 AND NOT c.once
        AND c.ended_at IS NULL AND c.since <= $7 AND $7 < c.until AND haian.may_consent(c.given_by, $1, $7)
        RETURNING c.id INTO found_;
    WHILE found_ IS NULL LOOP
        UPDATE consent c SET used = 1, used_at = $7, ended_at = $7
            WHERE c.id = (
                SELECT o.id FROM consent o WHERE o.citizen_id = $1 AND o.fact = $2 AND o.receiver_kind = $3 AND o.receiver = $4
                AND o.purpose = $5 AND o.once AND o.about IS NOT DISTINCT FROM $6 AND o.ended_at IS NULL
                AND o.since <= $7 AND $7 < o.until AND haian.may_consent(o.given_by, $1, $7)
                ORDER BY o.until, o.id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING c.id INTO found_;
        IF found_ IS NULL THEN
            EXIT WHEN NOT EXISTS (
                SELECT FROM consent o WHERE o.citizen_id = $1 AND o.fact = $2 AND o.receiver_kind = $3 AND o.receiver = $4
                AND o.purpose = $5 AND o.once AND o.about IS NOT DISTINCT FROM $6 AND o.ended_at IS NULL
                AND o.since <= $7 AND $7 < o.until AND haian.may_consent(o.given_by, $1, $7));
            PERFORM FROM consent o WHERE o.citizen_id = $1 AND o.fact = $2 AND o.receiver_kind = $3 AND o.receiver = $4
                AND o.purpose = $5 AND o.once AND o.about IS NOT DISTINCT FROM $6 AND o.ended_at IS NULL
                AND o.since <= $7 AND $7 < o.until AND haian.may_consent(o.given_by, $1, $7)
                ORDER BY o.until, o.id LIMIT 1 FOR UPDATE;
        END IF;
    END LOOP;
    RETURN found_;
END $$;
