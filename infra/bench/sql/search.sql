-- The first 20 hits for grams ($1), needles ($2), the first gram ($3) and the reach ($4) as finished JSON.
WITH found AS (
    SELECT f.* FROM unnest(ARRAY['service', 'hospital', 'department', 'doctor', 'space', 'school', 'news']) k, LATERAL (
        WITH led AS MATERIALIZED (
            SELECT rank, size, number FROM search.posting WHERE gram = $3::text AND kind = k
            ORDER BY rank, size, number LIMIT (SELECT 21 * $4::int)),
        walked AS MATERIALIZED (
            SELECT * FROM led WHERE $4::int = 1
            UNION ALL
            (SELECT l.* FROM led l, LATERAL (
                 SELECT FROM search.entry e WHERE e.number = l.number AND NOT EXISTS (
                     SELECT FROM unnest($2::text[]) n WHERE position(n IN named) = 0
                     AND (position(n IN told) = 0 OR length(n) = 1 AND n <> ALL(grams))) OFFSET 0) e
             WHERE $4::int > 1 ORDER BY rank, size, number LIMIT 21)),
        seen AS MATERIALIZED (
            SELECT (SELECT count(*) FROM walked) = 21 OR (SELECT count(*) FROM led) < 21 * $4::int AS enough)
        SELECT * FROM walked WHERE (SELECT enough FROM seen)
        UNION ALL
        SELECT search.rank(kind, heads, named, $3::text), length(title)::int2, number FROM search.entry
        WHERE NOT (SELECT enough FROM seen) AND grams @> array_append($1::text[], '=' || k)
          AND NOT EXISTS (SELECT FROM unnest($2::text[]) n WHERE position(n IN named) = 0 AND position(n IN told) = 0)) f
    ORDER BY rank, size, number LIMIT 21),
numbered AS (
    SELECT noun || ':' || kind || ':' || id AS id, noun AS app, kind, detail, link, title, rank, size, h.number,
           row_number() OVER (ORDER BY rank, size, h.number) AS nth, count(*) OVER () AS many
    FROM found h, LATERAL (SELECT noun, kind, id, title, detail, link FROM search.entry e WHERE e.number = h.number OFFSET 0) e)
SELECT json_build_object('data', json_build_object('searchFind', json_build_object(
    'edges', coalesce(json_agg(json_build_object('node', json_build_object('id', id, 'app', app, 'kind', kind, 'title', title,
        'detail', detail, 'link', link)) ORDER BY nth) FILTER (WHERE nth <= 20), '[]'),
    'pageInfo', json_build_object('hasNextPage', count(*) > 20, 'endCursor', max(
        translate(encode(convert_to(json_build_array(rank::text, size::text, number::text)::text, 'UTF8'), 'base64'),
                  E'+/\n', '-_')) FILTER (WHERE nth = least(20, many))))))
FROM numbered
