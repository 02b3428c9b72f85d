-- A search reads as much as it shows, however much is found: for each gram there is a list of what has it, in the order in
-- which hits are shown, and only its beginning is read. What has the gram is kept in step by a trigger.
ALTER TABLE search.entry ALTER heads TYPE text USING E'\n' || array_to_string(heads, E'\n');
ALTER TABLE search.entry ADD number int8 GENERATED ALWAYS AS IDENTITY UNIQUE;
CREATE TABLE search.posting (
    gram        text NOT NULL,
    kind        text NOT NULL,
    rank        int2 NOT NULL,
    size        int2 NOT NULL,
    number      int8 NOT NULL,
    PRIMARY KEY (gram, kind, rank, size, number)
);
-- How well an entry answers what begins with a gram: services first; then what is so called, what has it in its name, what
-- elsewhere. A migration that changes it empties search.posting and fills it anew: rows are found again by their rank.
DROP FUNCTION search.rank(text, text[], text, text[]);
CREATE FUNCTION search.rank(kind text, heads text, named text, gram text) RETURNS int2
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    (CASE WHEN kind <> 'service' THEN 3 ELSE 0 END + CASE
        WHEN position(E'\n' || gram IN heads) > 0 THEN 0
        WHEN position(gram IN named) > 0 THEN 1
        ELSE 2 END)::int2;
CREATE FUNCTION search.post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM search.posting p USING unnest(OLD.grams) g
        WHERE (p.gram, p.kind, p.rank, p.size, p.number)
            = (g, OLD.kind, search.rank(OLD.kind, OLD.heads, OLD.named, g), length(OLD.title), OLD.number);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO search.posting
        SELECT g, NEW.kind, search.rank(NEW.kind, NEW.heads, NEW.named, g), length(NEW.title), NEW.number
        FROM unnest(NEW.grams) g;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER post AFTER INSERT OR UPDATE OR DELETE ON search.entry FOR EACH ROW EXECUTE FUNCTION search.post();
INSERT INTO search.posting SELECT g, kind, search.rank(kind, heads, named, g), length(title), number
FROM search.entry, unnest(grams) g;
