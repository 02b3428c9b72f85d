-- The same (0021), but whose number it is is held before their number is, as by whoever takes it from them or forgets them: the claim that
-- follows names them.
CREATE OR REPLACE FUNCTION haian.child_claimed(index bytea[], name text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM citizen c WHERE c.id = (SELECT n.citizen_id FROM citizen_number n WHERE n.number_id = number_of($1)) FOR KEY SHARE;
    PERFORM FROM citizen_number n WHERE n.number_id = number_of($1) FOR UPDATE;
    RETURN (SELECT d.claimant_id FROM dispute d WHERE d.number_id = number_of($1) AND d.claimed_name = $2
            AND (SELECT c.phone IS NULL AND c.level = 'UNVERIFIED' FROM citizen c WHERE c.id = d.claimant_id)
            ORDER BY d.opened_at LIMIT 1);
END $$;
