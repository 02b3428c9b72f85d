-- What one official of the district proposes, and another decides (four eyes): a scene begins, or ends. `scene`: it as a whole.
CREATE TABLE onecode.motion (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    kind        text NOT NULL CHECK (kind IN ('BEGIN', 'END')),
    scene_id    text NOT NULL,
    scene       jsonb NOT NULL,
    reason      text NOT NULL CHECK (length(reason) BETWEEN 2 AND 200),
    asked_by    uuid,
    asked_at    timestamptz NOT NULL,
    decided_by  uuid,
    decided_at  timestamptz,
    agreed      boolean,
    CHECK (decided_by <> asked_by),
    CHECK ((decided_at IS NULL) = (agreed IS NULL))
);
CREATE UNIQUE INDEX motion_open ON onecode.motion (scene_id) WHERE decided_at IS NULL;
CREATE INDEX motion_newest ON onecode.motion (asked_at DESC);
CREATE INDEX motion_asker ON onecode.motion (asked_by);
CREATE INDEX motion_decider ON onecode.motion (decided_by);

-- Whether somebody decides about scenes: a manager or identity officer of the district.
CREATE FUNCTION onecode.is_official(citizen uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id AND o.kind = 'district'
                  WHERE m.citizen_id = $1 AND m.role IN ('manager', 'identity_officer') AND m.during @> $2) $$;
GRANT EXECUTE ON FUNCTION onecode.is_official TO haian_read, app_onecode;
