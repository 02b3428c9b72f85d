-- What waits for a manager is counted whenever they look at their desks.
CREATE INDEX entry_to_review ON onecode.entry (organisation_id, at) WHERE reviewed_at IS NULL;
