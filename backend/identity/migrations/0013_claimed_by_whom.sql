-- Who claimed it goes with their account, as who settled it does.
ALTER TABLE identity.dispute ADD FOREIGN KEY (claimed_by) REFERENCES identity.citizen ON DELETE SET NULL;
