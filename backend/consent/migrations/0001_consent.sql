-- The terms, by version: what a citizen agrees to is kept word for word.
CREATE TABLE consent.terms (
    version     int PRIMARY KEY CHECK (version > 0),
    since       timestamptz NOT NULL,
    zh          text NOT NULL,
    en          text NOT NULL
);
INSERT INTO consent.terms VALUES (1, '2026-01-01T00:00:00+08:00',
    '海岸通用您的手机号和姓名为您办事。您的信息只给为您办事的人看，每次查看都记在用数账本里。您可以随时查看、导出，或者注销账号。本文为演示数据。',
    'Haian uses your number and name to do what you ask for. Only those who serve you see what is yours, and each look is in the ledger. You may look, export, or close the account at any time. This text is demo data.');

-- Who agreed to which version; for a child under 14, a guardian.
CREATE TABLE consent.acceptance (
    citizen_id  uuid NOT NULL,
    version     int NOT NULL REFERENCES consent.terms,
    at          timestamptz NOT NULL,
    given_by    uuid NOT NULL,
    PRIMARY KEY (citizen_id, version)
);
