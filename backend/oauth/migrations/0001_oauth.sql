-- A client: a mini-app, or a program of an organisation, that may ask citizens for tokens. `redirects`: where a citizen is sent back to,
-- word for word; `scopes`: the most that it may ask for.
CREATE TABLE oauth.client (
    id            uuid PRIMARY KEY DEFAULT uuidv7(),
    name_zh       text NOT NULL CHECK (length(name_zh) BETWEEN 2 AND 20),
    name_en       text NOT NULL CHECK (length(name_en) BETWEEN 2 AND 40),
    organisation_id uuid NOT NULL,
    redirects     text[] NOT NULL CHECK (cardinality(redirects) BETWEEN 1 AND 5),
    scopes        text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 50),
    demo          boolean NOT NULL DEFAULT false,
    registered_at timestamptz NOT NULL,
    registered_by uuid,
    approved_at   timestamptz,
    approved_by   uuid,
    ended_at      timestamptz,
    ended_by      uuid,
    CHECK (approved_by IS NULL OR approved_by IS DISTINCT FROM registered_by)
);
CREATE INDEX client_organisation ON oauth.client (organisation_id);
CREATE INDEX client_registered_by ON oauth.client (registered_by);

-- Which client it is, for what rests on a consent: the ledger, my devices. `live`: it may act now.
CREATE VIEW haian.client AS
    SELECT id, name_zh, name_en, organisation_id, scopes, demo, approved_at IS NOT NULL AND ended_at IS NULL AS live
    FROM oauth.client;
GRANT SELECT ON haian.client TO haian_read, haian_writer;
