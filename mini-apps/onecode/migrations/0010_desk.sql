-- A day of an organisation, at all its gates.
CREATE INDEX scan_office ON onecode.scan (organisation_id, at);
CREATE INDEX entry_old ON onecode.entry (at);
CREATE INDEX entry_reviewer ON onecode.entry (reviewed_by) WHERE reviewed_by IS NOT NULL;

-- Whether somebody is a manager of an organisation.
CREATE FUNCTION onecode.manages(citizen uuid, organisation uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM haian.membership WHERE citizen_id = $1 AND organisation_id = $2 AND role = 'manager' AND during @> $3) $$;
GRANT EXECUTE ON FUNCTION onecode.manages TO haian_read, app_onecode;
