-- All devices of a citizen, ended ones too, are found for an export, and go with the citizen, without a look at the others'.
CREATE INDEX device_all ON identity.device (citizen_id, signed_in_at);
