-- Who hires a car shows that they are of age and what they may drive, and neither name nor birth date.
INSERT INTO certificates.scene (id, area, position, name_zh, name_en, role, kind_id, claims, ground_zh, ground_en) VALUES
    ('car_hire', 'SOCIAL', 25, '租车取车', 'Hiring a car', 'window_clerk', 'driving_licence', '{age_18,vehicle_class}',
     '本人同意', 'Consent');
