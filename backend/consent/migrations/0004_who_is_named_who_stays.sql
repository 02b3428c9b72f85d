-- Whether a citizen reads the whole name of who did something in this role: who decides for an authority, who teaches their
-- child, who acts for them. Of all others it is masked.
CREATE FUNCTION consent.is_named(role text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT $1 IN ('desk_officer', 'identity_officer', 'manager', 'teacher', 'guardian', 'delegate') $$;

-- Whether an organisation would be left with no manager but such as are closing their accounts, were this citizen gone.
CREATE FUNCTION consent.is_last_manager(citizen uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (
       SELECT FROM haian.membership m WHERE m.citizen_id = $1 AND m.role = 'manager' AND m.during @> $2 AND NOT EXISTS (
           SELECT FROM haian.membership o WHERE o.organisation_id = m.organisation_id AND o.role = 'manager' AND o.during @> $2
               AND o.citizen_id <> $1 AND NOT EXISTS (SELECT FROM consent.closing c WHERE c.citizen_id = o.citizen_id))) $$;
