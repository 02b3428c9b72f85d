-- A device may be a client outside the browser (haian.client): its session is a family of refresh tokens.
ALTER TABLE identity.device ADD COLUMN client uuid;
GRANT SELECT (client) ON identity.device TO haian_read;
