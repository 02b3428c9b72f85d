-- Posts that read codes 核验方, each at its kind of organisation; every one of those has a manager.
UPDATE staff.role SET rank = 90, kinds = kinds || '{hall,library,transit,attraction}' WHERE role = 'manager';
INSERT INTO staff.role VALUES
    ('school_guard', 10, '{school}'), ('window_clerk', 11, '{hall}'), ('librarian', 12, '{library}'),
    ('conductor', 13, '{transit}'), ('ticket_inspector', 14, '{attraction}'), ('canteen_clerk', 15, '{community}');
