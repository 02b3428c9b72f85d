-- Where a post was before: a shift that is handed over 交接班 takes the place with it, and what was read there is settled later.
CREATE TABLE staff.place_before (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    membership_id   uuid NOT NULL REFERENCES staff.membership (id) ON DELETE CASCADE,
    place           text NOT NULL,
    during          tstzrange NOT NULL
);
CREATE INDEX place_before_post ON staff.place_before (membership_id);
CREATE INDEX place_before_old ON staff.place_before (upper(during));

-- Who held which post at which place, and when: as `haian.membership`, which has the place of now.
CREATE VIEW haian.membership_held AS
    SELECT m.citizen_id, m.organisation_id, m.role, b.place, b.during * m.during AS during
    FROM staff.place_before b JOIN staff.membership m ON m.id = b.membership_id
    UNION ALL
    SELECT m.citizen_id, m.organisation_id, m.role, m.place,
           m.during * tstzrange((SELECT max(upper(b.during)) FROM staff.place_before b WHERE b.membership_id = m.id), NULL)
    FROM staff.membership m;
GRANT SELECT ON haian.membership_held TO haian_read, haian_writer;
