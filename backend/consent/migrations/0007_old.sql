-- What was kept for long enough is found by these.
CREATE INDEX question_old ON consent.question (answered_at) WHERE answered_at IS NOT NULL;
CREATE INDEX consent_old ON consent.consent (least(ended_at, until));
