-- A parking space of a community. A property clerk has checked that it is the owner's before it can be offered.
CREATE TABLE parking.space (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    owner_id    uuid NOT NULL,
    community   text NOT NULL,
    lot         text NOT NULL CHECK (length(lot) BETWEEN 1 AND 40),
    label       text NOT NULL CHECK (length(label) BETWEEN 1 AND 20),
    price_cents int NOT NULL CHECK (price_cents BETWEEN 0 AND 10000),
    status      text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED')),
    reason      text NOT NULL DEFAULT '',
    registered_at timestamptz NOT NULL,
    demo        boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX space_place ON parking.space (community, lot, label) WHERE status <> 'REJECTED';
CREATE INDEX space_owner ON parking.space (owner_id, registered_at DESC);
CREATE INDEX space_pending ON parking.space (community, registered_at) WHERE status = 'PENDING';

-- A window in which a space is lent. Windows of one space do not overlap.
CREATE TABLE parking.offer (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    space_id    uuid NOT NULL REFERENCES parking.space,
    community   text NOT NULL,
    during      tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)),
    withdrawn_at timestamptz,
    EXCLUDE USING gist (space_id WITH =, during WITH &&) WHERE (withdrawn_at IS NULL)
);
CREATE INDEX offer_find ON parking.offer USING gist (community, during) WHERE withdrawn_at IS NULL;

-- A booking. Two of one space never overlap, and a plate is in one place at a time: PostgreSQL decides.
CREATE TABLE parking.booking (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    offer_id    uuid NOT NULL REFERENCES parking.offer,
    space_id    uuid NOT NULL REFERENCES parking.space,
    holder_id   uuid NOT NULL,
    plate       text NOT NULL,
    during      tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)),
    price_cents int NOT NULL CHECK (price_cents >= 0),
    status      text NOT NULL DEFAULT 'BOOKED' CHECK (status IN ('BOOKED', 'CANCELLED')),
    booked_at   timestamptz NOT NULL,
    cancelled_at timestamptz,
    reminded_at timestamptz,
    CONSTRAINT booking_space EXCLUDE USING gist (space_id WITH =, during WITH &&) WHERE (status = 'BOOKED'),
    CONSTRAINT booking_plate EXCLUDE USING gist (plate WITH =, during WITH &&) WHERE (status = 'BOOKED')
);
CREATE INDEX booking_holder ON parking.booking (holder_id, lower(during) DESC, id DESC);
CREATE INDEX booking_offer ON parking.booking (offer_id) WHERE status = 'BOOKED';
CREATE INDEX booking_soon ON parking.booking (lower(during)) WHERE status = 'BOOKED' AND reminded_at IS NULL;
