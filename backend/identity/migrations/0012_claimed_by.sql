-- Who claims a number for a child at a desk does not settle it too: `claimed_by`. No verifier has agreed with them.
ALTER TABLE identity.dispute ADD claimed_by uuid;
GRANT SELECT (claimed_by) ON identity.dispute TO haian_read;
CREATE OR REPLACE FUNCTION haian.claim_for_child(officer uuid, child uuid, name text, sealed bytea, digest bytea, shown text,
    at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
DECLARE holder uuid;
BEGIN
    IF EXISTS (SELECT FROM haian.membership m WHERE m.citizen_id = $1 AND m.role = 'desk_officer' AND m.during @> $7) THEN
        INSERT INTO citizen (id, name, created_at) VALUES ($2, $3, $7) ON CONFLICT DO NOTHING;
        INSERT INTO dispute (digest, shown, holder_id, claimant_id, claimed_name, sealed, opened_at, claimed_by)
            SELECT $5, $6, n.citizen_id, $2, $3, $4, $7, $1 FROM citizen_number n WHERE n.digest = $5
            ON CONFLICT (digest, claimant_id) WHERE settled_at IS NULL DO NOTHING RETURNING holder_id INTO holder;
    END IF;
    RETURN holder;
END $$;
