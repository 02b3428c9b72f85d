-- What may be suggested: names of some kinds, read without the words of everything that can be found.
CREATE INDEX entry_hints ON search.entry (kind, title, title_en) WHERE length(title) BETWEEN 2 AND 12;
