-- Facts beyond what showing a code gives: a post sees them only where consent of the holder 授权 to this organisation and for this
-- scene stands.
ALTER TABLE onecode.scene ADD beyond text[] NOT NULL DEFAULT '{}', ADD CHECK (NOT facts && beyond);
UPDATE onecode.scene SET beyond = '{phone}' WHERE id = 'hospital_check_in';
CREATE OR REPLACE VIEW onecode.post AS
    SELECT m.citizen_id, m.during, m.organisation_id, m.place, m.role, o.name AS organisation,
           trim(o.name || ' ' || m.place) AS whole_place, s.id AS scene_id, s.facts, s.demands, s.code_seconds,
           s.beyond, s.name_zh, s.name_en
    FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
    JOIN onecode.scene s ON s.role = m.role AND s.organisation_kind = o.kind;

-- What of a scene was not given in a scan that passed.
CREATE FUNCTION onecode.withheld(scene text, verdict text, facts jsonb) RETURNS text[] LANGUAGE sql STABLE AS
$$ SELECT coalesce(array_agg(b ORDER BY b), '{}') FROM onecode.scene s, unnest(s.beyond) b
   WHERE s.id = $1 AND $2 = 'ACCEPTED' AND NOT $3 @> jsonb_build_array(jsonb_build_object('name', b)) $$;
GRANT EXECUTE ON FUNCTION onecode.withheld TO haian_read, app_onecode;
