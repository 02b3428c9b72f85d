// Times and money in words, whatever the zone of the machine that runs this.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, day, money, when } from "../../frontend/assets/haian/words.js";

const now = Date.parse("2026-11-23T09:00:00+08:00");
const at = (value, options) => when(value, { now, ...options });

test("near days have names, in Asia/Shanghai", () => {
  assert.equal(at("2026-11-23T14:30:00+08:00"), "今天 14:30");
  assert.equal(at("2026-11-23T23:59:00+08:00"), "今天 23:59");
  assert.equal(at("2026-11-23T16:00:00Z"), "明天 00:00");
  assert.equal(at("2026-11-25T08:00:00+08:00"), "后天 08:00");
  assert.equal(at("2026-11-22T08:00:00+08:00"), "昨天 08:00");
});
test("other days have date and weekday, other years the year", () => {
  assert.equal(at("2026-11-26T08:00:00+08:00", { style: "day" }), "11月26日 周四");
  assert.equal(at("2027-01-03T08:00:00+08:00", { style: "day" }), "2027年1月3日");
  assert.equal(day("2026-11-25", "en", now), "Wed 25 Nov");
  assert.equal(day("2026-11-24", "en", now), "Tomorrow");
});
test("a day without a time is that day in Qingdao", () => assert.equal(day("2026-11-24", "zh", now), "明天"));
test("spans, halves, clocks", () => {
  assert.equal(at("2026-11-23T14:30:00+08:00", { end: "2026-11-23T16:00:00+08:00" }), "今天 14:30–16:00");
  assert.equal(at("2026-11-23T06:41:05+08:00", { end: "2026-11-23T06:41:50+08:00" }), "今天 06:41");
  assert.equal(at("2026-11-23T22:00:00+08:00", { end: "2026-11-24T07:00:00+08:00" }), "今天 22:00 – 明天 07:00");
  assert.equal(at("2026-11-24T09:00:00+08:00", { style: "half" }), "明天上午");
  assert.equal(at("2026-11-27T19:00:00+08:00", { style: "half" }), "11月27日 周五 晚上");
  assert.equal(at("2026-11-24T09:05:00+08:00", { style: "clock" }), "09:05");
});
test("without a now, as in a prerendered page, the date stands alone", () => {
  assert.equal(when("2026-11-23T14:30:00+08:00"), "11月23日 周一 14:30");
});
test("what is no time says nothing", () => {
  assert.equal(at(""), "");
  assert.equal(at("soon"), "");
});
test("ago", () => {
  assert.equal(ago("2026-11-23T08:59:40+08:00", "zh", now), "刚刚");
  assert.equal(ago("2026-11-23T08:57:00+08:00", "zh", now), "3 分钟前");
  assert.equal(ago("2026-11-23T04:00:00+08:00", "en", now), "5 h ago");
  assert.equal(ago("2026-11-20T04:00:00+08:00", "zh", now), "11月20日 周五 04:00");
});
test("money is cents", () => {
  assert.equal(money(1200), "¥12");
  assert.equal(money(1250), "¥12.50");
  assert.equal(money(-5), "-¥0.05");
  assert.equal(money(123456700), "¥1,234,567");
});
