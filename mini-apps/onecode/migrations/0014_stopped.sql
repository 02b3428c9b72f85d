-- Each verifier fetches each minute what was stopped and would still be good: of all that is carried, few.
CREATE INDEX offline_batch_stopped ON onecode.offline_batch (until) WHERE revoked_at IS NOT NULL;
-- What was asked of a citizen goes with them.
CREATE INDEX ask_holder ON onecode.ask (holder_id);
