-- The spaces of a community: a desk's bookings are found by them, and communities are counted without reading the spaces.
CREATE INDEX space_community ON parking.space (community);
CREATE INDEX space_approved ON parking.space (community) WHERE status = 'APPROVED';
