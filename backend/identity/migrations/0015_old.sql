-- What was kept for long enough is found by these.
CREATE INDEX device_old ON identity.device (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX verification_old ON identity.verification (answered_at) WHERE answer <> 'AGREED';
CREATE INDEX dispute_old ON identity.dispute (settled_at) WHERE settled_at IS NOT NULL;
