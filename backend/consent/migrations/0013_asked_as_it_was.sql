-- As before, but what waits for a guardian's word stays as it was asked: no other term slips in between what they read and what
-- they agree to. What has lapsed is asked anew, in the words of now.
CREATE OR REPLACE FUNCTION haian.ask_consent(child uuid, fact text, receiver_kind text, receiver text, receiver_name text,
    purpose text, purpose_zh text, purpose_en text, term text, at timestamptz, until timestamptz, OUT id uuid, OUT told uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = consent, pg_temp AS $$
#variable_conflict use_column
DECLARE guardians uuid[];
BEGIN
    SELECT array_agg(g.guardian_id ORDER BY g.since, g.guardian_id) INTO guardians FROM haian.guardianship g
        WHERE g.child_id = $1 AND haian.may_consent(g.guardian_id, $1, $10);
    IF guardians IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO request AS r (child_id, fact, receiver_kind, receiver, receiver_name, purpose, purpose_zh, purpose_en, term,
                              asked_at, until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (child_id, fact, receiver_kind, receiver, purpose) WHERE answered_at IS NULL DO UPDATE
        SET asked_at = excluded.asked_at, until = excluded.until, term = excluded.term, receiver_name = excluded.receiver_name,
            purpose_zh = excluded.purpose_zh, purpose_en = excluded.purpose_en
        WHERE r.until <= $10
        RETURNING r.id, guardians INTO ask_consent.id, ask_consent.told;
    IF ask_consent.id IS NULL THEN
        SELECT r.id, '{}'::uuid[] INTO ask_consent.id, ask_consent.told FROM request r
            WHERE r.child_id = $1 AND r.fact = $2 AND r.receiver_kind = $3 AND r.receiver = $4 AND r.purpose = $6
              AND r.answered_at IS NULL;
    END IF;
END $$;
