-- The article by which those who protect the environment inspect (生态环境法典, in force since 2026-08-15).
UPDATE certificates.scene SET ground_zh = '《生态环境法典》第五十一条', ground_en = 'Ecological and Environmental Code, art. 51' WHERE id = 'environment';
