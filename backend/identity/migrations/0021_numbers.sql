-- A citizen ID number is known by an id that tells nothing, and found by its HMAC with each index key that is in use
-- (`number_index`), so that the key can be changed while all runs: whatever keys two processes know, if they share one, of two
-- who claim a number one has it. `key` is the name of the key; NULL what was written before keys had names. An `index` is, of each
-- key, its name (4 bytes) and the HMAC (32), the newest key first. `kept_until`: what a number is kept for without an account.
CREATE TABLE identity.number (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    kept_until  timestamptz
);
CREATE TABLE identity.number_index (
    digest      bytea PRIMARY KEY CHECK (length(digest) = 32),
    key         bytea CHECK (length(key) = 4),
    number_id   uuid NOT NULL
);
INSERT INTO identity.number_index (digest, number_id)
    SELECT digest, uuidv7() FROM (SELECT digest FROM identity.citizen_number UNION SELECT digest FROM identity.dispute) d;
INSERT INTO identity.number (id) SELECT number_id FROM identity.number_index;
ALTER TABLE identity.number_index ADD FOREIGN KEY (number_id) REFERENCES identity.number ON DELETE CASCADE;
CREATE INDEX number_index_number ON identity.number_index (number_id);
CREATE INDEX number_kept ON identity.number (kept_until) WHERE kept_until IS NOT NULL;
REVOKE ALL ON identity.number, identity.number_index FROM haian_read;

ALTER TABLE identity.citizen_number ADD number_id uuid UNIQUE REFERENCES identity.number;
UPDATE identity.citizen_number c SET number_id = i.number_id FROM identity.number_index i WHERE i.digest = c.digest;
ALTER TABLE identity.citizen_number ALTER number_id SET NOT NULL, DROP digest;
ALTER TABLE identity.dispute ADD number_id uuid REFERENCES identity.number;
UPDATE identity.dispute d SET number_id = i.number_id FROM identity.number_index i WHERE i.digest = d.digest;
ALTER TABLE identity.dispute ALTER number_id SET NOT NULL, DROP digest;
CREATE UNIQUE INDEX dispute_open ON identity.dispute (number_id, claimant_id) WHERE settled_at IS NULL;
CREATE INDEX dispute_number ON identity.dispute (number_id, opened_at);

CREATE FUNCTION identity.number_of(index bytea[]) RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT i.number_id FROM identity.number_index i
   WHERE i.digest IN (SELECT substring(e FROM 5) FROM unnest($1) e) LIMIT 1 $$;

-- The number's id, known by all these keys from now on, and held until the transaction ends. Of two at once who make it known the
-- second waits for the first, and is told the same; both go through the keys in one order.
CREATE FUNCTION identity.note_number(index bytea[]) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE known uuid; made boolean;
BEGIN
    LOOP
        SELECT n.id INTO known FROM identity.number n WHERE n.id = identity.number_of($1) FOR KEY SHARE;
        made := known IS NULL;
        IF made THEN
            INSERT INTO identity.number DEFAULT VALUES RETURNING id INTO known;
        END IF;
        INSERT INTO identity.number_index AS i (digest, key, number_id)
            SELECT substring(e FROM 5), substring(e FOR 4), known FROM unnest($1) e ORDER BY 1
            ON CONFLICT (digest) DO UPDATE SET key = excluded.key WHERE i.number_id = excluded.number_id AND i.key IS NULL;
        EXIT WHEN NOT made OR (SELECT count(*) FROM identity.number_index i WHERE i.number_id = known) = cardinality($1);
        DELETE FROM identity.number n WHERE n.id = known;
    END LOOP;
    RETURN known;
END $$;

-- What nobody has, claims or keeps is forgotten.
CREATE FUNCTION identity.drop_number(number uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM identity.number n WHERE n.id = $1 AND n.kept_until IS NULL
        AND NOT EXISTS (SELECT FROM identity.citizen_number c WHERE c.number_id = n.id)
        AND NOT EXISTS (SELECT FROM identity.dispute d WHERE d.number_id = n.id) FOR UPDATE;
    IF FOUND THEN
        DELETE FROM identity.number n WHERE n.id = $1 AND n.kept_until IS NULL
            AND NOT EXISTS (SELECT FROM identity.citizen_number c WHERE c.number_id = n.id)
            AND NOT EXISTS (SELECT FROM identity.dispute d WHERE d.number_id = n.id);
    END IF;
END $$;
CREATE FUNCTION identity.number_left() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM identity.drop_number(OLD.number_id); RETURN NULL; END $$;
CREATE TRIGGER number_left AFTER DELETE ON identity.citizen_number FOR EACH ROW EXECUTE FUNCTION identity.number_left();
CREATE TRIGGER number_left AFTER DELETE ON identity.dispute FOR EACH ROW EXECUTE FUNCTION identity.number_left();

-- A citizen has this number from now on; false where somebody has it, or they have one.
CREATE FUNCTION identity.add_number(citizen uuid, sealed bytea, index bytea[], shown text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE its uuid := identity.note_number($3); added boolean;
BEGIN
    INSERT INTO identity.citizen_number (citizen_id, sealed, shown, number_id) VALUES ($1, $2, $4, its) ON CONFLICT DO NOTHING;
    added := FOUND;
    IF NOT added THEN
        PERFORM identity.drop_number(its);
    END IF;
    RETURN added;
END $$;

-- What a desk and a guardian do (0011, 0012, 0017, 0019), with the index of a number.
DROP FUNCTION haian.enrol_child, haian.child_claimed, haian.claim_for_child, haian.enrol_own_child, haian.claim_for_own_child;
CREATE FUNCTION haian.enrol_child(officer uuid, child uuid, name text, born date, sealed bytea, index bytea[], shown text,
    at timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
DECLARE made boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM haian.membership m WHERE m.citizen_id = $1 AND m.role = 'desk_officer' AND m.during @> $8) THEN
        RETURN NULL;
    END IF;
    INSERT INTO citizen (id, name, created_at) VALUES ($2, $3, $8) ON CONFLICT DO NOTHING;
    made := FOUND;
    PERFORM FROM citizen c WHERE c.id = $2 AND c.level = 'UNVERIFIED' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF add_number($2, $5, $6, $7) THEN
        UPDATE citizen c SET level = 'VERIFIED', name = $3, born = $4 WHERE c.id = $2;
        UPDATE verification v SET answer = 'LAPSED', answered_at = $8, sealed = NULL
            WHERE v.citizen_id = $2 AND v.answer = 'WAITING';
    ELSIF made THEN
        DELETE FROM citizen c WHERE c.id = $2;
    END IF;
    RETURN (SELECT n.citizen_id FROM citizen_number n WHERE n.number_id = number_of($6));
END $$;

CREATE FUNCTION haian.enrol_own_child(guardian uuid, child uuid, name text, born date, sealed bytea, index bytea[], shown text,
    at timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT is_grown($1, $8) THEN
        RETURN NULL;
    END IF;
    INSERT INTO citizen (id, name, created_at) VALUES ($2, $3, $8);
    IF add_number($2, $5, $6, $7) THEN
        UPDATE citizen c SET level = 'VERIFIED', name = $3, born = $4 WHERE c.id = $2;
    ELSE
        DELETE FROM citizen c WHERE c.id = $2;
    END IF;
    RETURN (SELECT n.citizen_id FROM citizen_number n WHERE n.number_id = number_of($6));
END $$;

CREATE FUNCTION haian.child_claimed(index bytea[], name text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM citizen_number n WHERE n.number_id = number_of($1) FOR UPDATE;
    RETURN (SELECT d.claimant_id FROM dispute d WHERE d.number_id = number_of($1) AND d.claimed_name = $2
            AND (SELECT c.phone IS NULL AND c.level = 'UNVERIFIED' FROM citizen c WHERE c.id = d.claimant_id)
            ORDER BY d.opened_at LIMIT 1);
END $$;

CREATE FUNCTION identity.claim_number(claimant uuid, name text, sealed bytea, index bytea[], shown text, at timestamptz, by uuid)
RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO identity.dispute (number_id, shown, holder_id, claimant_id, claimed_name, sealed, opened_at, claimed_by)
        SELECT n.number_id, $5, n.citizen_id, $1, $2, $3, $6, $7 FROM identity.citizen_number n
        WHERE n.number_id = identity.number_of($4)
        ON CONFLICT (number_id, claimant_id) WHERE settled_at IS NULL DO NOTHING RETURNING holder_id $$;

CREATE FUNCTION haian.claim_for_child(officer uuid, child uuid, name text, sealed bytea, index bytea[], shown text,
    at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM haian.membership m WHERE m.citizen_id = $1 AND m.role = 'desk_officer' AND m.during @> $7) THEN
        RETURN NULL;
    END IF;
    INSERT INTO citizen (id, name, created_at) VALUES ($2, $3, $7) ON CONFLICT DO NOTHING;
    RETURN claim_number($2, $3, $4, $5, $6, $7, $1);
END $$;

CREATE FUNCTION haian.claim_for_own_child(guardian uuid, child uuid, name text, sealed bytea, index bytea[], shown text,
    at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
BEGIN
    IF NOT is_grown($1, $7) THEN
        RETURN NULL;
    END IF;
    INSERT INTO citizen (id, name, created_at) VALUES ($2, $3, $7) ON CONFLICT DO NOTHING;
    RETURN claim_number($2, $3, $4, $5, $6, $7, $1);
END $$;

-- By what somebody is known again who comes back with another account: NULL where they have no number. Until when a number is to be
-- known without an account says who asks. To whom these are lent is granted there.
CREATE FUNCTION haian.number_of_citizen(citizen uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS
$$ SELECT n.number_id FROM citizen_number n WHERE n.citizen_id = $1 $$;
CREATE FUNCTION haian.number_known(index bytea[]) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$ SELECT number_of($1) $$;
CREATE FUNCTION haian.keep_number(number uuid, until timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS
$$ UPDATE number n SET kept_until = greatest(n.kept_until, $2) WHERE n.id = $1 $$;

REVOKE ALL ON FUNCTION haian.enrol_child, haian.child_claimed, haian.claim_for_child, haian.enrol_own_child,
    haian.claim_for_own_child, haian.number_of_citizen, haian.number_known, haian.keep_number FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.enrol_child, haian.child_claimed, haian.claim_for_child, haian.enrol_own_child,
    haian.claim_for_own_child TO haian_writer;
