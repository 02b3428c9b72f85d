-- What somebody is to a citizen, since when: a guardian whom custody limits in nothing, or who holds a mandate. A mandate covers no
-- sign-in: whoever holds one says who stands before them, and no more.
CREATE FUNCTION haian.tie(helper uuid, citizen uuid, at timestamptz, OUT kind text, OUT since timestamptz) LANGUAGE sql STABLE AS
$$ SELECT t.kind, t.since FROM (
       SELECT 'guardian' AS kind, g.since FROM haian.guardianship g
       WHERE g.guardian_id = $1 AND g.child_id = $2 AND g.since <= $3 AND $3 < g.until AND g.limits = '{}'
       UNION ALL SELECT 'delegate', m.since FROM haian.mandate m
       WHERE m.delegate_id = $1 AND m.principal_id = $2 AND m.since <= $3 AND $3 < m.until) t ORDER BY t.since LIMIT 1 $$;
REVOKE ALL ON FUNCTION haian.tie FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.tie TO haian_read, haian_writer;
