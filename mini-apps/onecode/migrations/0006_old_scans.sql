-- Scans that their scene keeps no longer are found by this.
CREATE INDEX scan_old ON onecode.scan (scene_id, at);
