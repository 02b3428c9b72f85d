-- The first 20 hits for grams ($1) and needles ($2) as finished JSON.
WITH found AS (
    SELECT noun || ':' || kind || ':' || id AS id, noun AS app, kind, detail, link, title,
           search.rank(kind, heads, named, $2::text[]) AS rank, length(title) AS size
    FROM search.entry WHERE grams @> $1::text[]
      AND NOT EXISTS (SELECT FROM unnest($2::text[]) n WHERE position(n IN named) = 0 AND position(n IN told) = 0)
    ORDER BY rank, size, kind, id LIMIT 21),
numbered AS (SELECT *, row_number() OVER (ORDER BY rank, size, kind, id) AS nth, count(*) OVER () AS many FROM found)
SELECT json_build_object('data', json_build_object('searchFind', json_build_object(
    'edges', coalesce(json_agg(json_build_object('node', json_build_object('id', id, 'app', app, 'kind', kind, 'title', title,
        'detail', detail, 'link', link)) ORDER BY nth) FILTER (WHERE nth <= 20), '[]'),
    'pageInfo', json_build_object('hasNextPage', count(*) > 20, 'endCursor', max(
        translate(encode(convert_to(json_build_array(rank::text, size::text, kind, id)::text, 'UTF8'), 'base64'),
                  E'+/\n', '-_')) FILTER (WHERE nth = least(20, many))))))
FROM numbered
