-- The bookings of a citizen that are not over: the home page reads them without going through those of past years.
CREATE INDEX booking_coming ON parking.booking (holder_id, upper(during)) WHERE status = 'BOOKED';
