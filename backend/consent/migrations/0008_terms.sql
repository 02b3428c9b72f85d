-- A version of the terms is told to everybody at least 7 days before it binds. `changes`: what is new in it, in plain words.
-- `told_to`: how far it was told, in the order of who agreed to an earlier one; `told_at`: to all of them.
ALTER TABLE consent.terms
    ADD published_at timestamptz,
    ADD changes_zh   text NOT NULL DEFAULT '',
    ADD changes_en   text NOT NULL DEFAULT '',
    ADD told_to      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    ADD told_at      timestamptz;
UPDATE consent.terms SET published_at = since, told_at = since;
ALTER TABLE consent.terms ALTER published_at SET NOT NULL,
    ADD CHECK (version = 1 OR since >= published_at + interval '7 days');
CREATE INDEX terms_to_tell ON consent.terms (version) WHERE told_at IS NULL;
CREATE INDEX acceptance_giver ON consent.acceptance (given_by, citizen_id);

-- What an official of the district proposes, and another publishes (four eyes). One at a time.
CREATE TABLE consent.terms_proposal (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    zh          text NOT NULL CHECK (length(zh) BETWEEN 20 AND 20000),
    en          text NOT NULL CHECK (length(en) BETWEEN 20 AND 20000),
    changes_zh  text NOT NULL CHECK (length(changes_zh) BETWEEN 2 AND 1000),
    changes_en  text NOT NULL CHECK (length(changes_en) BETWEEN 2 AND 1000),
    since       timestamptz NOT NULL,
    proposed_by uuid,
    proposed_at timestamptz NOT NULL,
    outcome     text CHECK (outcome IN ('PUBLISHED', 'DECLINED', 'WITHDRAWN')),
    decided_by  uuid,
    decided_at  timestamptz,
    version     int REFERENCES consent.terms,
    CHECK ((outcome IS NULL) = (decided_at IS NULL)),
    CHECK (coalesce(outcome = 'PUBLISHED', false) = (version IS NOT NULL)),
    CHECK (coalesce(outcome <> 'PUBLISHED' OR decided_by <> proposed_by, true))
);
CREATE UNIQUE INDEX terms_proposal_open ON consent.terms_proposal ((true)) WHERE outcome IS NULL;

-- To what a citizen has agreed: the newest version, by themself or, under 14, by a guardian whose word still counts.
CREATE FUNCTION consent.agreed_version(citizen uuid, at timestamptz) RETURNS int LANGUAGE sql STABLE AS
$$ SELECT coalesce(max(a.version), 0) FROM consent.acceptance a
   WHERE a.citizen_id = $1 AND haian.may_consent(a.given_by, $1, $2) $$;

-- From when terms bind to which a citizen has not agreed; NULL where they have agreed to all that were published.
CREATE FUNCTION haian.terms_bind(citizen uuid, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = consent, pg_temp AS
$$ SELECT min(t.since) FROM terms t WHERE t.version > consent.agreed_version($1, $2) $$;
REVOKE ALL ON FUNCTION haian.terms_bind FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.terms_bind TO haian_read, haian_writer;
GRANT EXECUTE ON FUNCTION consent.agreed_version TO haian_read, app_consent;
