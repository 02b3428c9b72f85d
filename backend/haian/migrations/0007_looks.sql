-- Which lines of the ledger are looks: nothing was changed.
CREATE FUNCTION haian.is_look(action text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT $1 ~ '(SEEN|SEEN_FOR|LOOKED_UP)$' $$;

-- The lines that are read as one with this line, itself among them: of a look, the looks of that day (Asia/Shanghai) at the
-- same citizen by the same person, in the same role, for the same office; of what was changed, none other.
CREATE FUNCTION haian.alike(line uuid, at timestamptz) RETURNS SETOF haian.audit LANGUAGE sql STABLE AS
$$ SELECT b.* FROM haian.audit a JOIN haian.audit b ON b.subject_id = a.subject_id
       AND b.at >= date_trunc('day', $2, 'Asia/Shanghai') AND b.at < date_trunc('day', $2, 'Asia/Shanghai') + interval '24 hours'
       AND b.action = a.action AND b.actor_role = a.actor_role AND b.actor_id IS NOT DISTINCT FROM a.actor_id
       AND b.office IS NOT DISTINCT FROM a.office AND (b.id = a.id OR haian.is_look(a.action))
   WHERE a.id = $1 AND a.at = $2 $$;
