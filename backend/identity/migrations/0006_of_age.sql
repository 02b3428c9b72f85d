-- When a citizen comes of age: the beginning of the 18th birthday in Shanghai; that of a 29 February is 1 March. Worked out
-- when the birthday is written, since guardianships ask for it at nearly each request; a generated column cannot drift.
ALTER TABLE identity.citizen ADD COLUMN of_age_at timestamptz GENERATED ALWAYS AS (
    ((born + interval '18 years')::date + (extract(month FROM born) = 2 AND extract(day FROM born) = 29)::int)::timestamp
    AT TIME ZONE 'Asia/Shanghai') STORED;
CREATE OR REPLACE VIEW haian.citizen AS
    SELECT id, name, CASE WHEN length(name) > 2 THEN left(name, 1) || repeat('*', length(name) - 2) || right(name, 1)
                          ELSE left(name, 1) || '*' END AS masked_name,
           left(phone, 3) || '****' || right(phone, 4) AS masked_phone, phone, born, community AS community_code, level, demo,
           of_age_at
    FROM identity.citizen;
