-- Messages that were kept for long enough are found by this.
CREATE INDEX message_old ON messages.message (at);
