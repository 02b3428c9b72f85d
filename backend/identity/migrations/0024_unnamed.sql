-- What was found by a key before keys had names: looked for at each start, and named by the worker.
CREATE INDEX number_index_unnamed ON identity.number_index (digest) WHERE key IS NULL;
