-- Who lost a phone may also be helped by somebody of the family: a guardian, or who holds a mandate, hears the number and says on
-- their own phone that it is them. That counts a day later, unless a device that is signed in stops it.
ALTER TABLE factors.help
    ADD vouched_by uuid,
    ADD vouched_as text CHECK (vouched_as IN ('guardian', 'delegate')),
    ADD vouched_at timestamptz,
    ADD ready_at timestamptz,
    ADD stopped_at timestamptz,
    ADD CHECK (vouched_by <> citizen_id),
    ADD CHECK ((vouched_at IS NULL) = (ready_at IS NULL) AND (vouched_at IS NULL) = (vouched_as IS NULL) AND vouched_at < ready_at);
CREATE INDEX help_vouched ON factors.help (vouched_by) WHERE vouched_by IS NOT NULL;
