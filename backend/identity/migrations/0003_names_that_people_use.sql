-- A community is called by what people say: 丁家河社区, not 丁家河社区居民委员会; 大荒村, not 大荒村民委员会.
CREATE OR REPLACE VIEW haian.division AS
    SELECT code, regexp_replace(regexp_replace(name, '居民委员会$', ''), '村民委员会$', '村') AS name, level, kind, parent, pinyin
    FROM identity.division;
