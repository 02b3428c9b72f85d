-- Codes that have nothing in common: each has a key of the device and a number of its own, made of the batch's secret, which is told
-- to verifiers only when the batch is stopped. `codes`: of each kind at the first fetch; `device`: the first key of that.
ALTER TABLE onecode.offline_batch ADD secret bytea CHECK (length(secret) = 16);
CREATE TABLE onecode.offline_code (
    number   bytea PRIMARY KEY CHECK (length(number) = 8),
    batch_id bytea NOT NULL REFERENCES onecode.offline_batch ON DELETE CASCADE
);
CREATE INDEX offline_code_batch ON onecode.offline_code (batch_id);

CREATE OR REPLACE FUNCTION onecode.stopped_after(after bigint, at timestamptz, most bigint, OUT revoked text[], OUT upto int,
                                                 OUT more boolean)
LANGUAGE sql STABLE AS $$
    WITH known AS (SELECT coalesce(max(b.stopped), 0) AS newest FROM onecode.offline_batch b),
         since AS (SELECT newest, CASE WHEN $1 <= newest THEN $1 ELSE 0 END AS number FROM known),
         page AS (SELECT b.secret, b.stopped FROM onecode.offline_batch b
                  WHERE b.stopped > (SELECT number FROM since) AND b.until > $2 AND b.secret IS NOT NULL ORDER BY b.stopped LIMIT $3)
    SELECT coalesce(array_agg(encode(p.secret, 'hex') ORDER BY p.stopped), '{}'),
           CASE WHEN count(*) = $3 THEN max(p.stopped) ELSE (SELECT newest FROM since) END, count(*) = $3 FROM page p $$;
