-- Without which keys nobody claims a number, since some are found by them alone: whoever was given too few, or a wrong one, is refused
-- rather than let a number be had twice. A key is needed from the first claim that was made with it as the newest, until all
-- numbers are found by the next (`python -m server reseal`).
CREATE TABLE identity.index_key (
    key         bytea PRIMARY KEY CHECK (length(key) = 4),
    needed      boolean NOT NULL DEFAULT true
);
REVOKE ALL ON identity.index_key FROM haian_read;

CREATE FUNCTION identity.check_keys(index bytea[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO identity.index_key (key) SELECT substring($1[1] FOR 4)
        WHERE NOT EXISTS (SELECT FROM identity.index_key k WHERE k.key = substring($1[1] FOR 4)) ON CONFLICT DO NOTHING;
    PERFORM FROM identity.index_key k WHERE k.needed ORDER BY k.key FOR SHARE;
    IF EXISTS (SELECT FROM identity.index_key k WHERE k.needed AND k.key NOT IN (SELECT substring(e FOR 4) FROM unnest($1) e)) THEN
        RAISE EXCEPTION 'HAIAN_INDEX_KEYS_OLD lacks a key by which citizen ID numbers are found';
    END IF;
END $$;

-- The same as before (0021), by who knows enough keys.
CREATE OR REPLACE FUNCTION identity.note_number(index bytea[]) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE known uuid; made boolean;
BEGIN
    PERFORM identity.check_keys($1);
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
