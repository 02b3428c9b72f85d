-- Who reads codes beside them: 政务大厅, 图书馆, 公交, 景区.
ALTER TABLE identity.organisation DROP CONSTRAINT organisation_kind_check,
    ADD CONSTRAINT organisation_kind_check CHECK (kind IN ('district', 'community', 'property', 'hospital', 'school', 'developer',
                                                           'hall', 'library', 'transit', 'attraction'));
