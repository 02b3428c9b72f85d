-- What people call a community is worked out when it is written, not at each read; a generated column cannot drift.
ALTER TABLE identity.division ADD COLUMN spoken text NOT NULL GENERATED ALWAYS AS (
    regexp_replace(regexp_replace(name, '居民委员会$', ''), '村民委员会$', '村')) STORED;
CREATE OR REPLACE VIEW haian.division AS SELECT code, spoken AS name, level, kind, parent, pinyin FROM identity.division;

-- The posts of a citizen, in the order in which they are shown, without a look at the table. The index of the exclusion
-- constraint finds them too, by GiST, which costs several times as much.
CREATE INDEX membership_holder ON identity.membership (citizen_id, role, organisation_id) INCLUDE (place, during);
