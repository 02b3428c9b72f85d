-- Mandates that ended long enough ago are found by this.
CREATE INDEX mandate_old ON delegation.mandate (least(ended_at, until));
