-- For whom I act: guardians 监护人 and mandates 亲友代办 move here from identity, with their rows, indexes and views.
ALTER TABLE identity.guardianship SET SCHEMA delegation;
ALTER TABLE identity.mandate SET SCHEMA delegation;
REVOKE ALL ON delegation.guardianship, delegation.mandate FROM app_identity;
GRANT SELECT, INSERT, UPDATE, DELETE ON delegation.guardianship, delegation.mandate TO app_delegation;

-- `limits`: what a guardian may not do (custody): a noun, or one of its actions. `attested_by`: the desk officer.
ALTER TABLE delegation.guardianship
    ADD limits text[] NOT NULL DEFAULT '{}',
    ADD attested_by uuid,
    ADD evidence text NOT NULL DEFAULT '',
    ADD ended_at timestamptz,
    ADD ended_by uuid;

-- A mandate is one gift of several scopes. It covers nothing before the principal confirmed it: on their own phone, by a code
-- that they are called with, or at a desk, where an officer saw their document. Either of the two ends it at once.
ALTER TABLE delegation.mandate
    ADD scopes text[],
    ADD asked_at timestamptz,
    ADD confirmed_at timestamptz,
    ADD confirmed_how text CHECK (confirmed_how IN ('PHONE', 'CALL_BACK', 'DESK')),
    ADD confirmed_by uuid,
    ADD ended_by uuid;
UPDATE delegation.mandate SET scopes = ARRAY[scope], asked_at = since, confirmed_at = since, confirmed_how = 'PHONE',
    confirmed_by = principal_id;
CREATE OR REPLACE VIEW haian.mandate AS
    SELECT principal_id, delegate_id, unnest(scopes) AS scope, greatest(since, confirmed_at) AS since,
           least(until, ended_at) AS until, id
    FROM delegation.mandate WHERE confirmed_at IS NOT NULL;
ALTER TABLE delegation.mandate
    DROP scope,
    ALTER scopes SET NOT NULL,
    ALTER asked_at SET NOT NULL,
    ADD CHECK (cardinality(scopes) BETWEEN 1 AND 40),
    ADD CHECK (' ' || array_to_string(scopes, ' ') || ' ' ~ '^( [a-z]+(\.[a-z_]+)+)+ $'),
    ADD CHECK (' ' || array_to_string(scopes, ' ') !~ ' (identity|factors|consent|delegation|staff)\.'),
    ADD CHECK ((confirmed_at IS NULL) = (confirmed_how IS NULL) AND (confirmed_at IS NULL) = (confirmed_by IS NULL));
CREATE INDEX mandate_delegate ON delegation.mandate (delegate_id, principal_id);
CREATE INDEX mandate_principal ON delegation.mandate (principal_id, asked_at DESC);

-- A guardianship ends by itself on the child's 18th birthday, in Shanghai; that of a 29 February is 1 March.
CREATE OR REPLACE VIEW haian.guardianship AS
    SELECT g.guardian_id, g.child_id, g.relation, g.since,
           least(g.until, g.ended_at, ((c.born + interval '18 years')::date
                 + (to_char(c.born, 'MMDD') = '0229')::int)::timestamp AT TIME ZONE 'Asia/Shanghai') AS until,
           g.limits
    FROM delegation.guardianship g JOIN haian.citizen c ON c.id = g.child_id;

-- May `actor` do `action` for `subject`: as themself, as a guardian whom custody does not limit in it, or by a mandate. Who may
-- change something may see it. Who one is, one's factors, consents, mandates and posts are nobody else's. NULL is denied.
CREATE FUNCTION haian.may(actor uuid, action text, subject uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT $1 = $3 OR ($2 !~ '^(identity|factors|consent|delegation|staff)\.' AND (
       EXISTS (SELECT FROM haian.guardianship g WHERE g.guardian_id = $1 AND g.child_id = $3 AND g.since <= $4 AND $4 < g.until
               AND NOT EXISTS (SELECT FROM unnest(g.limits) l WHERE $2 = l OR starts_with($2, l || '.')))
       OR EXISTS (SELECT FROM haian.mandate m WHERE m.delegate_id = $1 AND m.principal_id = $3
                  AND m.scope IN ($2, regexp_replace($2, '\.read$', '.write')) AND m.since <= $4 AND $4 < m.until))) $$;

-- Who gives consent for `subject`: themself from 14 on; for a child under 14 a guardian alone (PIPL art. 31).
CREATE FUNCTION haian.may_consent(actor uuid, subject uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN coalesce(c.born <= ($3 AT TIME ZONE 'Asia/Shanghai')::date - interval '14 years', true) THEN $1 = $2
               ELSE EXISTS (SELECT FROM haian.guardianship g WHERE g.guardian_id = $1 AND g.child_id = $2
                            AND g.since <= $3 AND $3 < g.until) END
   FROM haian.citizen c WHERE c.id = $2 $$;
GRANT EXECUTE ON FUNCTION haian.may, haian.may_consent TO haian_read, haian_writer;
