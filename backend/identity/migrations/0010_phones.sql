-- A citizen signs in with another number from now on; false where somebody has it. Of two who ask at once the index lets one
-- pass. Whoever is called by the end of their number is called by that of the new one.
CREATE FUNCTION identity.take_phone(who uuid, wanted text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE identity.citizen SET phone = wanted,
        name = CASE WHEN level = 'UNVERIFIED' AND name = '市民' || right(phone, 4) THEN '市民' || right(wanted, 4) ELSE name END
    WHERE id = who AND NOT EXISTS (SELECT FROM identity.citizen WHERE phone = wanted);
    RETURN FOUND;
EXCEPTION WHEN unique_violation THEN
    RETURN false;
END $$;
