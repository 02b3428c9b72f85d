-- How a guardian came to be known: from documents at a desk, or by what a register said of a certificate. By certificates alone a
-- child has one mother and one father; what contradicts that is the desk's.
ALTER TABLE delegation.guardianship ADD how text NOT NULL DEFAULT 'DESK' CHECK (how IN ('DESK', 'CERTIFICATE'));
CREATE UNIQUE INDEX guardianship_certified ON delegation.guardianship (child_id, relation)
    WHERE how = 'CERTIFICATE' AND ended_at IS NULL AND relation IN ('MOTHER', 'FATHER');

-- When both were told that the child is 18, and the guardianship over.
ALTER TABLE delegation.guardianship ADD grown_told_at timestamptz;
