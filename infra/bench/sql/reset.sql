-- Undo the bookings since the data was seeded, so that each round begins from the same tables.
WITH gone AS (DELETE FROM healthcare.appointment a USING bench.began WHERE a.booked_at > began.at RETURNING slot_id),
     free AS (SELECT slot_id, count(*) AS n FROM gone GROUP BY slot_id)
UPDATE healthcare.slot s SET remaining = remaining + n FROM free WHERE s.id = slot_id;
DELETE FROM haian.audit USING bench.began WHERE audit.at > began.at;
TRUNCATE haian.outbox, haian.idempotency;
VACUUM ANALYZE healthcare.appointment;
VACUUM healthcare.slot;
VACUUM haian.audit;
