-- A kind is a gram too, so that what has all words is looked up among one kind alone: `=doctor`.
ALTER TABLE search.entry DISABLE TRIGGER post;
UPDATE search.entry SET grams = array_append(grams, '=' || kind);
ALTER TABLE search.entry ENABLE TRIGGER post;
INSERT INTO search.posting SELECT '=' || kind, kind, search.rank(kind, heads, named, '=' || kind), length(title), number
FROM search.entry;
