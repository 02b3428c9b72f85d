-- What was kept for long enough is found by these.
CREATE INDEX help_old ON factors.help (until);
CREATE INDEX passkey_old ON factors.passkey (ended_at) WHERE ended_at IS NOT NULL;
