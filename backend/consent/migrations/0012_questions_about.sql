-- Of what the line in question was, such as a scan: the pages of that thing show the question beside it.
ALTER TABLE consent.question ADD about text CHECK (length(about) <= 100);
CREATE INDEX question_about ON consent.question (citizen_id, about) WHERE about IS NOT NULL;
