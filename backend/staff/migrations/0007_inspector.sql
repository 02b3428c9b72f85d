-- 执法人员: asks for certificates in the scenes of law enforcement.
INSERT INTO staff.role VALUES ('inspector', 17, '{district}');
