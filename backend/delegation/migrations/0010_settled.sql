-- What a desk settled of a guardian and a child stands until the child is 18, whatever becomes of their accounts: who comes back
-- is known by the number, of which identity keeps the HMACs alone. A row is an ended or a limited guardianship; one that the desk
-- took up again whole has none.
CREATE TABLE delegation.settled (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    guardian    uuid NOT NULL,
    child       uuid NOT NULL,
    limits      text[] NOT NULL,
    ended       boolean NOT NULL,
    until       timestamptz NOT NULL,
    UNIQUE (guardian, child),
    CHECK (ended OR limits <> '{}')
);
CREATE INDEX settled_old ON delegation.settled (until);
REVOKE ALL ON delegation.settled FROM haian_read;
GRANT EXECUTE ON FUNCTION haian.number_of_citizen, haian.number_known, haian.keep_number TO app_delegation;
CREATE FUNCTION delegation.settle(guardian uuid, child uuid) RETURNS void LANGUAGE sql AS $$
    DELETE FROM delegation.settled s
        WHERE s.guardian = haian.number_of_citizen($1) AND s.child = haian.number_of_citizen($2);
    INSERT INTO delegation.settled (guardian, child, limits, ended, until)
        SELECT a, b, g.limits, g.ended_at IS NOT NULL, g.until
        FROM delegation.guardianship g, haian.number_of_citizen($1) a, haian.number_of_citizen($2) b
        WHERE g.guardian_id = $1 AND g.child_id = $2 AND (g.ended_at IS NOT NULL OR g.limits <> '{}')
          AND a IS NOT NULL AND b IS NOT NULL;
    SELECT haian.keep_number(n, s.until) FROM delegation.settled s, unnest(ARRAY[s.guardian, s.child]) n
        WHERE s.guardian = haian.number_of_citizen($1) AND s.child = haian.number_of_citizen($2) $$;
SELECT delegation.settle(guardian_id, child_id) FROM delegation.guardianship WHERE ended_at IS NOT NULL OR limits <> '{}';

-- Guardianships that ended long enough ago, by a desk or by the 18th birthday, are found by this.
ALTER TABLE delegation.guardianship ADD id uuid NOT NULL DEFAULT uuidv7() UNIQUE;
CREATE INDEX guardianship_old ON delegation.guardianship (least(ended_at, until));

-- By certificates a child has one mother and one father, whether a desk or a register knew the first. Desk and register take turns
-- at a child, so that neither overlooks the other; what contradicts is not inserted.
DROP INDEX delegation.guardianship_certified;
CREATE FUNCTION delegation.one_parent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('delegation.guardianship:' || NEW.child_id, 0));
    IF NEW.how = 'CERTIFICATE' AND EXISTS (
        SELECT FROM delegation.guardianship g WHERE g.child_id = NEW.child_id AND g.relation = NEW.relation
        AND g.guardian_id <> NEW.guardian_id AND g.ended_at IS NULL AND g.until > NEW.since) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER one_parent BEFORE INSERT ON delegation.guardianship FOR EACH ROW
    WHEN (NEW.relation IN ('MOTHER', 'FATHER')) EXECUTE FUNCTION delegation.one_parent();
