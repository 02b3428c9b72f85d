-- 亲属码: who showed a code that is another's: a guardian, or whoever holds a mandate for it. NULL: the holder.
ALTER TABLE onecode.scan ADD shown_by uuid;
CREATE INDEX scan_shown_by ON onecode.scan (shown_by, at DESC, id DESC) WHERE shown_by IS NOT NULL;
