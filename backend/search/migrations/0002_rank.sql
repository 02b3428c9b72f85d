-- How well an entry answers: services first; then what is so called, what has it in its name, what in its detail.
CREATE FUNCTION search.rank(kind text, heads text[], named text, needles text[]) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    (kind <> 'service')::int * 3 + CASE
        WHEN EXISTS (SELECT FROM unnest(needles) n WHERE position(n IN named) = 0) THEN 2
        WHEN EXISTS (SELECT FROM unnest(heads) h WHERE starts_with(h, needles[1])) THEN 0
        ELSE 1 END;
