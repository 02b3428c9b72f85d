-- What somebody was invited to is found for them, and forgotten with them, without a look at the rest.
CREATE INDEX invitation_citizen ON staff.invitation (citizen_id) WHERE citizen_id IS NOT NULL;
