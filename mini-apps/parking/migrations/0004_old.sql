-- Bookings that were kept for long enough are found by this.
CREATE INDEX booking_old ON parking.booking (upper(during));
