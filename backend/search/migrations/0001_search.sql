-- What can be found: public things only, copied from what the mini-apps offer. A row is made anew when its words change.
CREATE TABLE search.entry (
    noun        text NOT NULL,
    kind        text NOT NULL,
    id          text NOT NULL,
    title       text NOT NULL,
    title_en    text,
    detail      text NOT NULL,
    link        text NOT NULL CHECK (link ~ '^/([^/\\]|$)'),
    keywords    text NOT NULL,
    heads       text[] NOT NULL,
    named       text NOT NULL,
    told        text NOT NULL,
    grams       text[] NOT NULL,
    version     int NOT NULL,
    PRIMARY KEY (noun, kind, id)
);
-- Two-character words are found by their grams (lc_ctype=C makes trigrams blind to Chinese). Without a list of what is
-- pending, a search costs the same right after a change.
CREATE INDEX entry_grams ON search.entry USING gin (grams) WITH (fastupdate = off);
