-- What was given to a mini-app, without a look at the rest.
CREATE INDEX consent_mini_app ON consent.consent (receiver) WHERE receiver_kind = 'MINI_APP' AND ended_at IS NULL;
