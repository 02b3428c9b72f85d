-- A client that is refused or ended has the reason with it.
ALTER TABLE oauth.client
    ADD COLUMN reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 200),
    ADD CONSTRAINT client_ended_by CHECK (ended_by IS NULL OR ended_at IS NOT NULL),
    ADD CONSTRAINT client_approved_by CHECK (approved_by IS NULL OR approved_at IS NOT NULL);
CREATE INDEX client_waiting ON oauth.client (registered_at, id) WHERE approved_at IS NULL AND ended_at IS NULL;
CREATE INDEX client_newest ON oauth.client (registered_at DESC, id DESC);
CREATE INDEX client_of ON oauth.client (organisation_id, registered_at DESC, id DESC);
DROP INDEX oauth.client_organisation;
