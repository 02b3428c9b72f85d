-- Posts move here from identity, with their rows, indexes and view.
ALTER TABLE identity.membership SET SCHEMA staff;
REVOKE ALL ON staff.membership FROM app_identity;
GRANT SELECT, INSERT, UPDATE, DELETE ON staff.membership TO app_staff;
