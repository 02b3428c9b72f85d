-- Bookings of one moment, each decided as if it came alone, the first of them first. Slots are locked in the order of their
-- ids and appointments made in the order of their index, so that no two moments wait for each other; each statement looks with
-- a snapshot of its own (VOLATILE), so that it sees what was done while the locks were waited for.
-- `is_mine`: the viewer may book for the patient, who is there. `unverified`: who is not real-named of both, the viewer first.
-- `made`: the appointment, with the lowest free number of its slot. Without it either `standing`, that of the same patient,
-- department and day, stands in the way, or the slot has no seat, or none to give (`open`, `starts_at`; NULL where there is no slot).
-- A slot that has seats but no free number gives none: who asks is looked at again only where the next look can give one.
CREATE FUNCTION healthcare.book(slots uuid[], patients uuid[], viewers uuid[], subjects uuid[], at timestamptz, action text)
RETURNS TABLE (n int, is_mine boolean, unverified uuid, standing uuid, open boolean, starts_at timestamptz,
               made healthcare.appointment)
LANGUAGE plpgsql VOLATILE ROWS 12 AS $$
#variable_conflict use_column
DECLARE mine boolean[]; unnamed uuid[]; wanting int[]; held uuid[]; done int[]; rows healthcare.appointment[];
BEGIN
    SELECT array_agg(w.may ORDER BY w.n), array_agg(w.who ORDER BY w.n), array_agg(w.n ORDER BY w.n) FILTER (WHERE w.may AND w.who IS NULL)
    INTO mine, unnamed, wanting
    FROM (SELECT u.n::int, EXISTS (SELECT FROM haian.citizen c WHERE c.id = u.patient) AND (
                     u.patient = u.subject OR u.patient IN (
                         SELECT p FROM healthcare.patients_of(u.viewer, u.subject, $5, $6) p)) AS may,
                 (SELECT c.id FROM haian.citizen c WHERE c.id IN (u.patient, u.viewer) AND c.level = 'UNVERIFIED'
                  ORDER BY c.id <> u.viewer LIMIT 1) AS who
          FROM unnest($2, $3, $4) WITH ORDINALITY u(patient, viewer, subject, n)) w;
    RETURN QUERY SELECT i, mine[i], unnamed[i], NULL::uuid, NULL::boolean, NULL::timestamptz, NULL::healthcare.appointment
                 FROM generate_subscripts(mine, 1) i WHERE NOT mine[i] OR unnamed[i] IS NOT NULL;
    held := ARRAY(SELECT s.id FROM healthcare.slot s
                  WHERE s.id = ANY(ARRAY(SELECT $1[i] FROM unnest(wanting) i)) AND s.open AND s.remaining > 0 AND s.starts_at > $5
                  ORDER BY s.id FOR NO KEY UPDATE);
    WHILE wanting <> '{}' LOOP
        WITH first AS (
            SELECT DISTINCT ON (w.patient, s.department_id, s.day) w.n, w.patient, w.viewer, s.id, s.department_id, s.day
            FROM unnest($1, $2, $3) WITH ORDINALITY w(slot, patient, viewer, n) JOIN healthcare.slot s ON s.id = w.slot
            WHERE w.n = ANY(wanting) AND w.slot = ANY(held) ORDER BY w.patient, s.department_id, s.day, w.n),
        seat AS MATERIALIZED (
            SELECT f.n, f.patient, f.viewer, uuidv7() AS id, s.id AS slot_id, c.id AS schedule_id, s.doctor_id, s.department_id,
                   c.hospital_id, s.starts_at, s.ends_at, s.fee_cents, s.day, free.number
            FROM (SELECT f.*, row_number() OVER (PARTITION BY f.id ORDER BY f.n) AS turn FROM first f) f
            JOIN healthcare.slot s ON s.id = f.id AND f.turn <= s.remaining
            JOIN healthcare.schedule c ON c.id = s.schedule_id,
            LATERAL (SELECT g AS number FROM generate_series(s.first_number, s.first_number + s.capacity - 1) g
                     WHERE NOT EXISTS (SELECT FROM healthcare.appointment a WHERE a.schedule_id = s.schedule_id
                                       AND a.number = g AND a.status <> 'cancelled')
                     ORDER BY g OFFSET f.turn - 1 LIMIT 1) free),
        booked AS (
            INSERT INTO healthcare.appointment AS a (id, slot_id, schedule_id, doctor_id, department_id, hospital_id, patient_id,
                                                booked_by, starts_at, ends_at, fee_cents, number, booked_at)
            SELECT s.id, s.slot_id, s.schedule_id, s.doctor_id, s.department_id, s.hospital_id, s.patient, s.viewer, s.starts_at,
                   s.ends_at, s.fee_cents, s.number, $5 FROM seat s ORDER BY s.patient, s.department_id, s.day
            ON CONFLICT (patient_id, department_id, day) WHERE status <> 'cancelled' DO NOTHING RETURNING a),
        taken AS (
            UPDATE healthcare.slot s SET remaining = s.remaining - less
            FROM (SELECT (b.a).slot_id, count(*) AS less FROM booked b GROUP BY 1) t WHERE s.id = t.slot_id)
        SELECT array_agg(s.n::int), array_agg(b.a) INTO done, rows FROM booked b JOIN seat s ON s.id = (b.a).id;
        IF done IS NOT NULL THEN
            RETURN QUERY SELECT done[i], true, NULL::uuid, NULL::uuid, true, rows[i].starts_at, rows[i]
                         FROM generate_subscripts(done, 1) i;
            wanting := ARRAY(SELECT i FROM unnest(wanting) i WHERE i <> ALL(done));
        END IF;
        EXIT WHEN wanting = '{}';
        FOR n, standing, open, starts_at IN
            SELECT w.n, a.id, s.open, s.starts_at FROM unnest($1, $2) WITH ORDINALITY w(slot, patient, n)
            LEFT JOIN healthcare.slot s ON s.id = w.slot
            LEFT JOIN healthcare.appointment a ON a.patient_id = w.patient AND a.department_id = s.department_id
                AND a.day = s.day AND a.status <> 'cancelled' AND s.remaining > 0 AND s.id = ANY(held)
            WHERE w.n = ANY(wanting) AND (
                s.id IS NULL OR s.id <> ALL(held) OR s.remaining = 0 OR a.id IS NOT NULL
                OR NOT EXISTS (SELECT FROM generate_series(s.first_number, s.first_number + s.capacity - 1) g
                               WHERE NOT EXISTS (SELECT FROM healthcare.appointment b WHERE b.schedule_id = s.schedule_id
                                                 AND b.number = g AND b.status <> 'cancelled')))
        LOOP
            is_mine := true;
            RETURN NEXT;
            wanting := array_remove(wanting, n);
        END LOOP;
    END LOOP;
END $$;
DROP FUNCTION healthcare.free_number;
