-- What somebody has written is found for an export without a look at what others wrote.
CREATE INDEX notice_author ON education.notice (author_id, published_at);
