-- What everybody may ask is kept as it happens. `uses`: how often somebody presented in a scene.
ALTER TABLE certificates.scene ADD COLUMN uses int NOT NULL DEFAULT 0;
UPDATE certificates.scene s SET uses = u.uses
    FROM (SELECT scene_id, count(*) AS uses FROM certificates.use WHERE what = 'PRESENTED' GROUP BY scene_id) u
    WHERE u.scene_id = s.id;
DROP INDEX certificates.use_scene;

-- Moves with each change of what status lists say: a finished list is true while this is what it was when it was made. It is held
-- before any certificate is, so that nobody waits for another who waits for them.
CREATE TABLE certificates.status_version (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    version     bigint NOT NULL
);
INSERT INTO certificates.status_version (version) VALUES (1);
CREATE FUNCTION certificates.move_status_version() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE certificates.status_version SET version = version + 1; RETURN NULL; END $$;
CREATE TRIGGER certificate_status BEFORE UPDATE OF state, version OR DELETE ON certificates.certificate
    FOR EACH STATEMENT EXECUTE FUNCTION certificates.move_status_version();

-- One for a presentation of ours is over when the presentation is: it has no place any more.
DELETE FROM certificates.credential WHERE wallet = 'HERE';

-- What was revoked is not corrected: nobody need answer that.
UPDATE certificates.correction x SET outcome = 'REFUSED', answer = c.reason, answered_at = coalesce(c.changed_at, x.asked_at)
    FROM certificates.certificate c WHERE c.id = x.certificate_id AND c.state = 'REVOKED' AND x.outcome IS NULL;
