-- By which keys there are recovery codes is looked up at each start.
CREATE INDEX recovery_code_key ON factors.recovery_code (key) WHERE used_at IS NULL;
