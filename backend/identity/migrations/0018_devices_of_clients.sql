-- Who has let a client in, without a look at the others.
CREATE INDEX device_client ON identity.device (client, citizen_id) WHERE client IS NOT NULL AND ended_at IS NULL;
