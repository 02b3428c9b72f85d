-- Appointments that were kept for long enough are found by this.
CREATE INDEX appointment_old ON healthcare.appointment (ends_at);
