-- A seat less changes no index while seats are left: only the last one, taken or given back, changes `free`, and each new
-- version of the row fits beside the old one on its page.
ALTER TABLE healthcare.slot SET (fillfactor = 80);
ALTER TABLE healthcare.slot ADD COLUMN free boolean NOT NULL GENERATED ALWAYS AS (remaining > 0) STORED;
DROP INDEX healthcare.slot_free;
CREATE INDEX slot_free ON healthcare.slot (department_id, starts_at, id) WHERE open AND free;

-- The lowest free number of a slot whose lock is held. VOLATILE: it looks with a snapshot of its own, so that it sees the
-- numbers that were given while the statement that asks waited for the slot.
CREATE FUNCTION healthcare.free_number(schedule uuid, first int, last int) RETURNS int LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN (SELECT min(n) FROM generate_series(first, last) n
            WHERE NOT EXISTS (SELECT FROM healthcare.appointment a
                              WHERE a.schedule_id = schedule AND a.number = n AND a.status <> 'cancelled'));
END $$;
