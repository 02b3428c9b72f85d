-- 登记儿童 by a guardian: whom a register of certificates calls a guardian makes the child known, as a desk does. Who asks is
-- real-named and 18. What is done is the same; who may is asked before.
CREATE FUNCTION identity.is_grown(citizen uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM identity.citizen c WHERE c.id = $1 AND c.level <> 'UNVERIFIED' AND c.of_age_at <= $2) $$;

CREATE FUNCTION haian.enrol_own_child(guardian uuid, child uuid, name text, born date, sealed bytea, digest bytea, shown text,
    at timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT is_grown($1, $8) THEN
        RETURN NULL;
    END IF;
    INSERT INTO citizen (id, name, created_at) VALUES ($2, $3, $8);
    INSERT INTO citizen_number VALUES ($2, $5, $6, $7) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        UPDATE citizen c SET level = 'VERIFIED', name = $3, born = $4 WHERE c.id = $2;
    ELSE
        DELETE FROM citizen c WHERE c.id = $2;
    END IF;
    RETURN (SELECT n.citizen_id FROM citizen_number n WHERE n.digest = $6);
END $$;

CREATE FUNCTION haian.claim_for_own_child(guardian uuid, child uuid, name text, sealed bytea, digest bytea, shown text,
    at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
DECLARE holder uuid;
BEGIN
    IF is_grown($1, $7) THEN
        INSERT INTO citizen (id, name, created_at) VALUES ($2, $3, $7) ON CONFLICT DO NOTHING;
        INSERT INTO dispute (digest, shown, holder_id, claimant_id, claimed_name, sealed, opened_at, claimed_by)
            SELECT $5, $6, n.citizen_id, $2, $3, $4, $7, $1 FROM citizen_number n WHERE n.digest = $5
            ON CONFLICT (digest, claimant_id) WHERE settled_at IS NULL DO NOTHING RETURNING holder_id INTO holder;
    END IF;
    RETURN holder;
END $$;
REVOKE ALL ON FUNCTION identity.is_grown, haian.enrol_own_child, haian.claim_for_own_child FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.enrol_own_child, haian.claim_for_own_child TO haian_writer;

-- Who came of age lately is found without a look at everybody.
CREATE INDEX citizen_of_age ON identity.citizen (of_age_at);
