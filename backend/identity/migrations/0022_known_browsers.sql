-- A browser is known as long as a sign-in there is kept: half a year after it was signed out (`retains`).
CREATE FUNCTION identity.browser_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM identity.browser b WHERE b.citizen_id = OLD.citizen_id AND b.hash = OLD.browser
        AND NOT EXISTS (SELECT FROM identity.device d WHERE d.browser = OLD.browser AND d.citizen_id = OLD.citizen_id);
    RETURN NULL;
END $$;
CREATE TRIGGER browser_left AFTER DELETE ON identity.device FOR EACH ROW WHEN (OLD.browser IS NOT NULL)
    EXECUTE FUNCTION identity.browser_left();
DELETE FROM identity.browser b
    WHERE NOT EXISTS (SELECT FROM identity.device d WHERE d.browser = b.hash AND d.citizen_id = b.citizen_id);
