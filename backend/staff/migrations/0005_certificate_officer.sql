-- 证照管理员: answers for the office that issued a certificate.
INSERT INTO staff.role VALUES ('certificate_officer', 16, '{district}');
