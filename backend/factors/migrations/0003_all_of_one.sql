-- All passkeys of a citizen, ended ones too, are found for an export, and go with the citizen, without a look at the others'.
CREATE INDEX passkey_all ON factors.passkey (citizen_id, made_at);
