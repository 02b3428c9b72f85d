// Times and money in the words people use, in Asia/Shanghai. Pure functions, tested with node's own runner.
const ZONE = "Asia/Shanghai";
const OFFSET = 8 * 3600 * 1000; // Asia/Shanghai has had no summer time since 1991
const DAY = 24 * 3600 * 1000;
const WEEK = { zh: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"], en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };
const MONTH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NEAR = { zh: { "-1": "昨天", 0: "今天", 1: "明天", 2: "后天" }, en: { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" } };
const two = (number) => String(number).padStart(2, "0");

function parts(value) {
  const instant = typeof value === "number" ? value : Date.parse(/^\d{4}-\d\d-\d\d$/.test(value) ? value + "T00:00:00+08:00" : value);
  const shifted = new Date(instant + OFFSET);
  return {
    day: Math.floor((instant + OFFSET) / DAY),
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth(),
    date: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
  };
}
/** 14:30 */
export const clock = (value) => `${two(parts(value).hour)}:${two(parts(value).minute)}`;
/** 今天, 明天, 11月25日 周三, 2027年1月3日; near words only when `now` is known. */
export function day(value, language = "zh", now = null) {
  const it = parts(value);
  const today = now == null ? null : parts(now);
  const near = today && NEAR[language][it.day - today.day];
  if (near) return near;
  const year = today && it.year !== today.year ? it.year : null;
  const weekday = WEEK[language][it.weekday];
  if (language === "en") return `${weekday} ${it.date} ${MONTH[it.month]}${year ? " " + year : ""}`;
  return year ? `${year}年${it.month + 1}月${it.date}日` : `${it.month + 1}月${it.date}日 ${weekday}`;
}
/** 上午 / 下午 / 晚上 */
export function half(value, language = "zh") {
  const { hour } = parts(value);
  const index = hour < 12 ? 0 : hour < 18 ? 1 : 2;
  return (language === "en" ? ["morning", "afternoon", "evening"] : ["上午", "下午", "晚上"])[index];
}
/** 今天 14:30; 明天上午; 今天 14:30–16:00 */
export function when(value, { end = null, style = "time", language = "zh", now = null } = {}) {
  if (!value || Number.isNaN(parts(value).day)) return "";
  const date = day(value, language, now);
  if (style === "day") return date;
  if (style === "clock") return end ? `${clock(value)}–${clock(end)}` : clock(value);
  if (style === "half") return language === "en" ? `${date} ${half(value, "en")}` : `${date}${/^\d/.test(date) ? " " : ""}${half(value)}`;
  const from = `${date} ${clock(value)}`;
  if (!end || from === `${day(end, language, now)} ${clock(end)}`) return from; // within one minute
  return parts(end).day === parts(value).day ? `${from}–${clock(end)}` : `${from} – ${day(end, language, now)} ${clock(end)}`;
}
/** 3 分钟前; only for the past of the last day, else the day. `now` may be a minute old. */
export function ago(value, language = "zh", now = Date.now()) {
  const minutes = Math.floor((now - Date.parse(value)) / 60000);
  if (minutes < -1 || minutes >= 24 * 60) return when(value, { language, now });
  if (minutes < 1) return language === "en" ? "just now" : "刚刚";
  if (minutes < 60) return language === "en" ? `${minutes} min ago` : `${minutes} 分钟前`;
  const hours = Math.floor(minutes / 60);
  return language === "en" ? `${hours} h ago` : `${hours} 小时前`;
}
/** 分 -> ¥12 or ¥12.50 */
export function money(cents) {
  const yuan = Math.abs(cents) / 100;
  const text = Number.isInteger(yuan) ? yuan.toLocaleString("en-US") : yuan.toLocaleString("en-US", { minimumFractionDigits: 2 });
  return (cents < 0 ? "-¥" : "¥") + text;
}
export { ZONE };
