-- What awaits a guardian is found without a look at the tables: the class of each child, its notices that are open or just
-- missed, and who has confirmed.
DROP INDEX education.pupil_child;
CREATE INDEX pupil_child ON education.pupil (child_id) INCLUDE (id, class_id, during);
CREATE INDEX notice_awaited ON education.notice (class_id, deadline, published_at) INCLUDE (id, title)
    WHERE deadline IS NOT NULL AND withdrawn_at IS NULL;
DROP INDEX education.confirmation_pupil;
CREATE INDEX confirmation_pupil ON education.confirmation (pupil_id, notice_id);
