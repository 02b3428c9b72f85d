-- Custody may forbid a guardian to consent (`consent` among the limits): the others do then. Who was told of the 18th birthday.
CREATE OR REPLACE FUNCTION haian.may_consent(actor uuid, subject uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN coalesce(c.born <= ($3 AT TIME ZONE 'Asia/Shanghai')::date - interval '14 years', true) THEN $1 = $2
               ELSE EXISTS (SELECT FROM haian.guardianship g WHERE g.guardian_id = $1 AND g.child_id = $2
                            AND g.since <= $3 AND $3 < g.until AND 'consent' <> ALL (g.limits)) END
   FROM haian.citizen c WHERE c.id = $2 $$;
