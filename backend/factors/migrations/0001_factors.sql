-- A passkey (WebAuthn): the public key that a device holds the other half of. `sign_count` only grows: a clone is suspended.
CREATE TABLE factors.passkey (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    citizen_id  uuid NOT NULL,
    credential_id bytea NOT NULL UNIQUE,
    public_key  bytea NOT NULL,
    sign_count  bigint NOT NULL DEFAULT 0 CHECK (sign_count >= 0),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    transports  text[] NOT NULL DEFAULT '{}',
    backed_up   boolean NOT NULL DEFAULT false,
    made_at     timestamptz NOT NULL,
    used_at     timestamptz,
    suspended_at timestamptz,
    ended_at    timestamptz
);
CREATE INDEX passkey_citizen ON factors.passkey (citizen_id, made_at) WHERE ended_at IS NULL;

-- Recovery codes are kept as HMAC; each is good once.
CREATE TABLE factors.recovery_code (
    citizen_id  uuid NOT NULL,
    hash        bytea NOT NULL CHECK (length(hash) = 32),
    made_at     timestamptz NOT NULL,
    used_at     timestamptz,
    PRIMARY KEY (citizen_id, hash)
);
REVOKE ALL ON factors.passkey, factors.recovery_code FROM haian_read;
GRANT SELECT (id, citizen_id, name, made_at, used_at, suspended_at, ended_at) ON factors.passkey TO haian_read;
GRANT SELECT (citizen_id, made_at, used_at) ON factors.recovery_code TO haian_read;

-- What a citizen may show as a second factor, since when.
CREATE VIEW haian.factor AS
    SELECT citizen_id, 'PASSKEY' AS kind, min(made_at) AS since FROM factors.passkey
    WHERE ended_at IS NULL AND suspended_at IS NULL GROUP BY citizen_id
    UNION ALL
    SELECT citizen_id, 'RECOVERY_CODE', min(made_at) FROM factors.recovery_code WHERE used_at IS NULL GROUP BY citizen_id;
GRANT SELECT ON haian.factor TO haian_read, haian_writer;
