-- The articles of four scenes, read again in their public texts (docs/laws.md).
UPDATE onecode.scene SET ground_en = replace(ground_en, 'State Council Order 716, art. 10', 'State Council Order 716, arts. 10, 11'),
    source = replace(source, '（国务院令第 716 号）第十条；', '（国务院令第 716 号）第十条、第十一条；') WHERE id = 'show_papers';
UPDATE onecode.scene SET ground_en = 'To note who borrows, and who is under 18 (Public Library Law, art. 37; PIPL, art. 13(1)(2)); a phone number for reminders by your consent',
    source = '《公共图书馆法》第三十七条；' || source WHERE id = 'library_loan';
UPDATE onecode.scene SET ground_en = 'Entry for elders and people of the district; not who you are (Law on the Elderly, art. 59; PIPL, art. 13(1)(3); for people of the district art. 13(1)(2))',
    source = '《老年人权益保障法》第五十九条；《个人信息保护法》第十三条第一款第三项；本区居民优待依景区规定，同款第二项' WHERE id = 'park_entry';
UPDATE onecode.scene SET ground_en = 'Meals for elders of the community at a lower price (Law on the Elderly, art. 58; PIPL, art. 13(1)(2))',
    source = '《老年人权益保障法》第五十八条；《个人信息保护法》第十三条第一款第二项' WHERE id = 'community_canteen';
