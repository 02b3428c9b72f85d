-- Whether the ledger knows, since then, that this actor did this to this subject.
CREATE FUNCTION haian.acted(actor uuid, subject uuid, action text, since timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = haian, pg_temp AS
$$ SELECT EXISTS (SELECT FROM audit a WHERE a.subject_id = $2 AND a.actor_id = $1 AND a.action = $3 AND a.at >= $4) $$;
REVOKE ALL ON FUNCTION haian.acted FROM PUBLIC;
