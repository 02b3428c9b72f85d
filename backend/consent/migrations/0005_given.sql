-- What a citizen lets somebody know or do: one fact of theirs, or one scope, for one receiver (an organisation, by its id, or a
-- mini-app, by its client's) and one purpose. Who receives it and what for stand here in the words in which it was agreed to.
-- `once`: for one use, and where `about` is set for that alone. `given_by`: for a child under 14, a guardian.
CREATE TABLE consent.consent (
    id            uuid PRIMARY KEY DEFAULT uuidv7(),
    citizen_id    uuid NOT NULL,
    fact          text NOT NULL CHECK (fact ~ '^[a-z_]+(\.[a-z_]+)*$'),
    receiver_kind text NOT NULL CHECK (receiver_kind IN ('ORGANISATION', 'MINI_APP')),
    receiver      text NOT NULL CHECK (length(receiver) BETWEEN 1 AND 100),
    receiver_name text NOT NULL,
    purpose       text NOT NULL,
    purpose_zh    text NOT NULL,
    purpose_en    text NOT NULL,
    once          boolean NOT NULL,
    about         uuid,
    since         timestamptz NOT NULL,
    until         timestamptz NOT NULL,
    ended_at      timestamptz,
    ended_by      uuid,
    given_by      uuid NOT NULL,
    used          int NOT NULL DEFAULT 0,
    used_at       timestamptz,
    CHECK (until > since),
    CHECK (once OR about IS NULL),
    CHECK ((used = 0) = (used_at IS NULL))
);
CREATE UNIQUE INDEX consent_standing ON consent.consent (citizen_id, fact, receiver_kind, receiver, purpose)
    WHERE NOT once AND ended_at IS NULL;
CREATE INDEX consent_mine ON consent.consent (citizen_id, since DESC, id DESC);
CREATE INDEX consent_once ON consent.consent (citizen_id, fact) WHERE once AND ended_at IS NULL;

CREATE VIEW haian.consent AS
    SELECT citizen_id, fact, receiver, since, least(until, ended_at) AS until, receiver_kind, purpose, once, about, given_by, id
    FROM consent.consent;
GRANT SELECT ON haian.consent TO haian_read, haian_writer;

-- Whether something may be known or done now without asking. What a guardian gave ends with the guardianship, and when the child
-- is 14.
CREATE FUNCTION haian.has_consent(citizen uuid, fact text, receiver_kind text, receiver text, purpose text, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = consent, pg_temp AS
$$ SELECT EXISTS (SELECT FROM consent c WHERE c.citizen_id = $1 AND c.fact = $2 AND c.receiver_kind = $3
                  AND c.receiver = $4 AND c.purpose = $5 AND NOT c.once AND c.ended_at IS NULL AND c.since <= $6
                  AND $6 < c.until AND haian.may_consent(c.given_by, $1, $6)) $$;

-- Consent of `citizen`, given by `actor`; NULL where that is not theirs to give. What stands already for the same is given anew:
-- its end is what was said last.
CREATE FUNCTION haian.give_consent(actor uuid, citizen uuid, fact text, receiver_kind text, receiver text, receiver_name text,
    purpose text, purpose_zh text, purpose_en text, once boolean, about uuid, at timestamptz, until timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = consent, pg_temp AS $$
#variable_conflict use_column
DECLARE made uuid;
BEGIN
    IF haian.may_consent(actor, citizen, at) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    UPDATE consent c SET ended_at = c.until WHERE c.citizen_id = $2 AND c.fact = $3 AND c.receiver_kind = $4 AND c.receiver = $5
        AND c.purpose = $7 AND NOT c.once AND c.ended_at IS NULL AND c.until <= $12;
    INSERT INTO consent AS c (citizen_id, fact, receiver_kind, receiver, receiver_name, purpose, purpose_zh, purpose_en, once, about,
                              since, until, given_by)
        VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $1)
        ON CONFLICT (citizen_id, fact, receiver_kind, receiver, purpose) WHERE NOT once AND ended_at IS NULL
        DO UPDATE SET until = excluded.until, given_by = excluded.given_by, receiver_name = excluded.receiver_name,
            purpose_zh = excluded.purpose_zh, purpose_en = excluded.purpose_en
        RETURNING c.id INTO made;
    RETURN made;
END $$;

-- Uses a consent: its id, or NULL where there is none. What stands is counted; what was given once is used up, and of many at once
-- one gets it.
CREATE FUNCTION haian.use_consent(citizen uuid, fact text, receiver_kind text, receiver text, purpose text, about uuid,
    at timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = consent, pg_temp AS $$
#variable_conflict use_column
DECLARE found_ uuid;
BEGIN
    UPDATE consent c SET used = c.used + 1, used_at = $7
        WHERE c.citizen_id = $1 AND c.fact = $2 AND c.receiver_kind = $3 AND c.receiver = $4 AND c.purpose = $5 AND NOT c.once
        AND c.ended_at IS NULL AND c.since <= $7 AND $7 < c.until AND haian.may_consent(c.given_by, $1, $7)
        RETURNING c.id INTO found_;
    IF found_ IS NULL THEN
        UPDATE consent c SET used = 1, used_at = $7, ended_at = $7
            WHERE c.ended_at IS NULL AND c.id = (
                SELECT o.id FROM consent o WHERE o.citizen_id = $1 AND o.fact = $2 AND o.receiver_kind = $3 AND o.receiver = $4
                AND o.purpose = $5 AND o.once AND o.about IS NOT DISTINCT FROM $6 AND o.ended_at IS NULL
                AND o.since <= $7 AND $7 < o.until AND haian.may_consent(o.given_by, $1, $7) LIMIT 1 FOR UPDATE)
            RETURNING c.id INTO found_;
    END IF;
    RETURN found_;
END $$;
REVOKE ALL ON FUNCTION haian.has_consent, haian.give_consent, haian.use_consent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.give_consent, haian.use_consent TO haian_writer;
GRANT EXECUTE ON FUNCTION haian.has_consent TO haian_read, haian_writer;
