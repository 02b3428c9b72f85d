-- What a child asked long ago is found by this.
CREATE INDEX request_old ON consent.request (coalesce(answered_at, until));
