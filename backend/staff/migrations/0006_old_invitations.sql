-- Invitations that were kept for long enough are found by this.
CREATE INDEX invitation_old ON staff.invitation (closed_at) WHERE closed_at IS NOT NULL;
