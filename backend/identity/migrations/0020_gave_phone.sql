-- Whether this officer gave this account a number since then: who gives one does not let its owner in too. The account is held, so that
-- of both at once the second knows of the first.
CREATE FUNCTION haian.gave_phone(officer uuid, citizen uuid, since timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
BEGIN
    PERFORM FROM citizen c WHERE c.id = $2 FOR SHARE;
    RETURN haian.acted($1, $2, 'PHONE_GIVEN', $3);
END $$;
REVOKE ALL ON FUNCTION haian.gave_phone FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.gave_phone TO haian_writer;
