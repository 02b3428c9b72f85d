-- 监护人同意: what a child under 14 asks its guardians to consent to (PIPL art. 31), in the words in which it would be agreed to.
-- It waits for a week; the first guardian who may consent decides. `term`: how long the consent would stand.
CREATE TABLE consent.request (
    id            uuid PRIMARY KEY DEFAULT uuidv7(),
    child_id      uuid NOT NULL,
    fact          text NOT NULL CHECK (fact ~ '^[a-z_]+(\.[a-z_]+)*$'),
    receiver_kind text NOT NULL CHECK (receiver_kind IN ('ORGANISATION', 'MINI_APP')),
    receiver      text NOT NULL CHECK (length(receiver) BETWEEN 1 AND 100),
    receiver_name text NOT NULL,
    purpose       text NOT NULL,
    purpose_zh    text NOT NULL,
    purpose_en    text NOT NULL,
    term          text NOT NULL CHECK (term IN ('MONTH', 'YEAR')),
    asked_at      timestamptz NOT NULL,
    until         timestamptz NOT NULL CHECK (until > asked_at),
    answered_at   timestamptz,
    answered_by   uuid,
    agreed        boolean,
    CHECK ((answered_at IS NULL) = (agreed IS NULL))
);
CREATE UNIQUE INDEX request_open ON consent.request (child_id, fact, receiver_kind, receiver, purpose)
    WHERE answered_at IS NULL;
CREATE INDEX request_child ON consent.request (child_id, asked_at DESC, id DESC);

-- Asks the guardians of `child` who may consent for it; asked again for the same, it waits as before. NULL where nobody has to
-- be asked, or nobody is there. `told`: whom to tell, nobody where they know already.
CREATE FUNCTION haian.ask_consent(child uuid, fact text, receiver_kind text, receiver text, receiver_name text, purpose text,
    purpose_zh text, purpose_en text, term text, at timestamptz, until timestamptz, OUT id uuid, OUT told uuid[])
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
        SET asked_at = CASE WHEN r.until <= $10 THEN $10 ELSE r.asked_at END,
            until = CASE WHEN r.until <= $10 THEN $11 ELSE r.until END, term = excluded.term
        RETURNING r.id, CASE WHEN r.asked_at = $10 THEN guardians ELSE '{}' END INTO ask_consent.id, ask_consent.told;
END $$;

-- Whether a citizen waits for a guardian's word on this.
CREATE FUNCTION haian.asks_consent(citizen uuid, fact text, receiver_kind text, receiver text, purpose text, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = consent, pg_temp AS
$$ SELECT EXISTS (SELECT FROM request r WHERE r.child_id = $1 AND r.fact = $2 AND r.receiver_kind = $3 AND r.receiver = $4
                  AND r.purpose = $5 AND r.answered_at IS NULL AND $6 < r.until) $$;
REVOKE ALL ON FUNCTION haian.ask_consent, haian.asks_consent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.ask_consent TO haian_writer;
GRANT EXECUTE ON FUNCTION haian.asks_consent TO haian_read, haian_writer;

-- What a citizen asked, and what the children asked for whom they may consent now, or answered themselves.
CREATE FUNCTION consent.requests_of(citizen uuid, at timestamptz)
RETURNS TABLE (id uuid, child_id uuid, is_mine boolean, child text, fact text, receiver_kind text, receiver_name text,
               purpose_zh text, purpose_en text, term text, asked_at timestamptz, until timestamptz, state text,
               answered_by uuid, guardian text, answered_at timestamptz) LANGUAGE sql STABLE AS
$$ SELECT r.id, r.child_id, r.child_id = $1, c.name, r.fact, r.receiver_kind, r.receiver_name, r.purpose_zh, r.purpose_en,
          r.term, r.asked_at, r.until,
          CASE WHEN r.agreed THEN 'AGREED' WHEN NOT r.agreed THEN 'DECLINED' WHEN r.until <= $2 THEN 'LAPSED' ELSE 'ASKED' END,
          r.answered_by, p.name, r.answered_at
   FROM consent.request r JOIN haian.citizen c ON c.id = r.child_id LEFT JOIN haian.citizen p ON p.id = r.answered_by
   WHERE r.child_id IN (SELECT $1 UNION ALL SELECT g.child_id FROM haian.guardianship g
                        WHERE g.guardian_id = $1 AND haian.may_consent($1, g.child_id, $2)) $$;
GRANT EXECUTE ON FUNCTION consent.requests_of TO haian_read, app_consent;
