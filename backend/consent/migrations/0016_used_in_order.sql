-- As before (0014), but who uses what was given once waits for who uses the same, not for all that the citizen gave: one who held what
-- stands while waiting for that turn could be waited for by whoever had it. Now each thing is held before the next is wanted.
CREATE OR REPLACE FUNCTION haian.use_consent(citizen uuid, fact text, receiver_kind text, receiver text, purpose text, about uuid,
    at timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = consent, pg_temp AS $$
#variable_conflict use_column
DECLARE found_ uuid; once_ uuid;
BEGIN
    UPDATE consent c SET used = c.used + 1, used_at = $7
        WHERE c.citizen_id = $1 AND c.fact = $2 AND c.receiver_kind = $3 AND c.receiver = $4 AND c.purpose = $5 AND NOT c.once
        AND c.ended_at IS NULL AND c.since <= $7 AND $7 < c.until AND haian.may_consent(c.given_by, $1, $7)
        RETURNING c.id INTO found_;
    WHILE found_ IS NULL LOOP
        SELECT o.id INTO once_ FROM consent o WHERE o.citizen_id = $1 AND o.fact = $2 AND o.receiver_kind = $3
            AND o.receiver = $4 AND o.purpose = $5 AND o.once AND o.about IS NOT DISTINCT FROM $6 AND o.ended_at IS NULL
            AND o.since <= $7 AND $7 < o.until AND haian.may_consent(o.given_by, $1, $7) ORDER BY o.until, o.id LIMIT 1;
        EXIT WHEN once_ IS NULL;
        PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'consent.once:', $1, $3, $4, $5, $2), 0));
        UPDATE consent c SET used = 1, used_at = $7, ended_at = $7 WHERE c.id = once_ AND c.ended_at IS NULL
            RETURNING c.id INTO found_;  -- none where it was used or taken back meanwhile
    END LOOP;
    RETURN found_;
END $$;
