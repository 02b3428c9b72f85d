-- A message is an event that concerns a citizen; its words come from the message type when it is read.
CREATE TABLE messages.message (
    id          uuid PRIMARY KEY,
    citizen_id  uuid NOT NULL,
    type        text NOT NULL,
    payload     jsonb NOT NULL,
    at          timestamptz NOT NULL,
    read_at     timestamptz
);
CREATE INDEX message_inbox ON messages.message (citizen_id, at DESC, id DESC);
CREATE INDEX message_unread ON messages.message (citizen_id) WHERE read_at IS NULL;

-- 公告: written by the district's staff, for one street or for all (street IS NULL).
CREATE TABLE messages.news (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    organisation_id uuid NOT NULL,
    author_id   uuid NOT NULL,
    street      text,
    topic       text NOT NULL CHECK (topic IN ('NOTICE', 'TRAFFIC', 'HEALTH', 'EDUCATION', 'WEATHER')),
    title       text NOT NULL CHECK (length(title) BETWEEN 2 AND 80),
    body        text NOT NULL CHECK (length(body) BETWEEN 2 AND 5000),
    published_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    demo        boolean NOT NULL DEFAULT false
);
CREATE INDEX news_latest ON messages.news (published_at DESC, id DESC) WHERE withdrawn_at IS NULL;
CREATE INDEX news_street ON messages.news (street, published_at DESC, id DESC) WHERE withdrawn_at IS NULL;
