-- 登记儿童: a desk that has a child's papers before it makes the child known, inside its own transaction. Returns who has the number
-- from then on; NULL where `officer` is at no desk, or `child`, the account of the child's own phone, is real-named under another.
-- `child` is made where there is none. Of two desks at once one makes the child, and both are told the same one.
CREATE FUNCTION haian.enrol_child(officer uuid, child uuid, name text, born date, sealed bytea, digest bytea, shown text,
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
    INSERT INTO citizen_number VALUES ($2, $5, $6, $7) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        UPDATE citizen c SET level = 'VERIFIED', name = $3, born = $4 WHERE c.id = $2;
        UPDATE verification v SET answer = 'LAPSED', answered_at = $8, sealed = NULL
            WHERE v.citizen_id = $2 AND v.answer = 'WAITING';
    ELSIF made THEN
        DELETE FROM citizen c WHERE c.id = $2;
    END IF;
    RETURN (SELECT n.citizen_id FROM citizen_number n WHERE n.digest = $6);
END $$;

-- Whoever was claimed before to have this number under this name and has no phone: a child that a desk could not enrol. The number's
-- row is held, so that two desks at once open one dispute.
CREATE FUNCTION haian.child_claimed(digest bytea, name text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM citizen_number n WHERE n.digest = $1 FOR UPDATE;
    RETURN (SELECT d.claimant_id FROM dispute d JOIN citizen c ON c.id = d.claimant_id
            WHERE d.digest = $1 AND d.claimed_name = $2 AND c.phone IS NULL AND c.level = 'UNVERIFIED'
            ORDER BY d.opened_at LIMIT 1);
END $$;

-- The number is somebody's of another name: staff settle whose it is. Returns who has it; NULL where `officer` is at no desk, or the
-- same claim is open.
CREATE FUNCTION haian.claim_for_child(officer uuid, child uuid, name text, sealed bytea, digest bytea, shown text, at timestamptz)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
DECLARE holder uuid;
BEGIN
    IF EXISTS (SELECT FROM haian.membership m WHERE m.citizen_id = $1 AND m.role = 'desk_officer' AND m.during @> $7) THEN
        INSERT INTO citizen (id, name, created_at) VALUES ($2, $3, $7) ON CONFLICT DO NOTHING;
        INSERT INTO dispute (digest, shown, holder_id, claimant_id, claimed_name, sealed, opened_at)
            SELECT $5, $6, n.citizen_id, $2, $3, $4, $7 FROM citizen_number n WHERE n.digest = $5
            ON CONFLICT (digest, claimant_id) WHERE settled_at IS NULL DO NOTHING RETURNING holder_id INTO holder;
    END IF;
    RETURN holder;
END $$;
REVOKE ALL ON FUNCTION haian.enrol_child, haian.child_claimed, haian.claim_for_child FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.enrol_child, haian.child_claimed, haian.claim_for_child TO haian_writer;
