-- The name of the index key that made the hash; NULL what was made before keys had names. A hash cannot be made anew: while there are
-- some, their key stays in use.
ALTER TABLE factors.recovery_code ADD key bytea CHECK (length(key) = 4);
