-- Claims a key for this transaction. One that is not new is an error, so that no statement that was sent behind it runs; one
-- that a running transaction holds is waited for.
CREATE FUNCTION haian.claim_new(citizen uuid, operation text, key text, input bytea, at timestamptz) RETURNS SETOF void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = haian, pg_temp AS $$
BEGIN
    INSERT INTO idempotency VALUES ($1, $2, $3, $4, NULL, $5);
END $$;
REVOKE ALL ON FUNCTION haian.claim_new FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.claim_new TO haian_writer;
