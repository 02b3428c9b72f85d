-- The same; who claimed is looked up by their id, never among everybody.
CREATE OR REPLACE FUNCTION haian.child_claimed(digest bytea, name text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM citizen_number n WHERE n.digest = $1 FOR UPDATE;
    RETURN (SELECT d.claimant_id FROM dispute d WHERE d.digest = $1 AND d.claimed_name = $2
            AND (SELECT c.phone IS NULL AND c.level = 'UNVERIFIED' FROM citizen c WHERE c.id = d.claimant_id)
            ORDER BY d.opened_at LIMIT 1);
END $$;
CREATE INDEX dispute_digest ON identity.dispute (digest, opened_at);
