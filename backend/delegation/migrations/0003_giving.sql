-- Whom a mandate is for is said by a phone number and by what the principal calls them: whether the number is anybody's is told
-- to nobody. It is looked up when the mandate is confirmed; who has the number later inherits nothing.
ALTER TABLE delegation.mandate ADD helper_id uuid;
UPDATE delegation.mandate SET helper_id = delegate_id;
CREATE OR REPLACE VIEW haian.mandate AS
    SELECT principal_id, helper_id AS delegate_id, unnest(scopes) AS scope, greatest(since, confirmed_at) AS since,
           least(until, ended_at) AS until, id
    FROM delegation.mandate WHERE confirmed_at IS NOT NULL;
ALTER TABLE delegation.mandate
    DROP delegate_id,
    ADD CHECK (principal_id <> helper_id),
    ADD delegate_phone text NOT NULL DEFAULT '',
    ADD called text NOT NULL DEFAULT '' CHECK (length(called) <= 20),
    ADD document text CHECK (document IN ('ID_CARD', 'HOUSEHOLD_BOOK', 'OTHER')),
    ADD CHECK ((confirmed_how = 'DESK') = (document IS NOT NULL));
CREATE INDEX mandate_helper ON delegation.mandate (helper_id, principal_id);

-- The code with which a principal confirms: kept as HMAC, for ten minutes and five tries.
CREATE TABLE delegation.code (
    mandate_id  uuid PRIMARY KEY REFERENCES delegation.mandate ON DELETE CASCADE,
    proof       bytea NOT NULL CHECK (length(proof) = 32),
    tries       int NOT NULL DEFAULT 0,
    until       timestamptz NOT NULL
);
REVOKE ALL ON delegation.code FROM haian_read;
