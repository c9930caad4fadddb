/** The page's own words (locales/*.json) and how it writes dates in the chosen language. */

export const LANGUAGES = { en: "English", "zh-TW": "繁體中文" };
/** The Discord locale that goes with each page language. */
export const DISCORD_LOCALE = { en: "en-US", "zh-TW": "zh-TW" };

const catalogs = {};
let current = "en";

export const language = () => current;

/** Both catalogs are loaded at once, so that switching needs no waiting. */
export async function loadCatalogs() {
  const load = async (code) => {
    const answer = await fetch(new URL(`../locales/${code}.json`, import.meta.url));
    catalogs[code] = await answer.json();
  };
  await Promise.all(Object.keys(LANGUAGES).map(load));
}

export function setLanguage(code) {
  current = code in LANGUAGES ? code : "en";
  document.documentElement.lang = current === "en" ? "en" : "zh-Hant-TW";
}

/** The first of the browser's languages that the page has. */
export function preferredLanguage() {
  const wanted = (navigator.languages ?? [navigator.language ?? "en"]).map((code) => code.toLowerCase());
  const known = wanted.find((code) => /^(en|zh)\b/.test(code)) ?? "en";
  return known.startsWith("zh") ? "zh-TW" : "en";
}

/** The sentence for `key`; `{name}` placeholders are filled. A number `n` chooses `key.one` or `key.other`. */
export function t(key, params = {}) {
  const catalog = catalogs[current] ?? {};
  const counted = params.n === 1 ? `${key}.one` : `${key}.other`;
  const text = catalog[key] ?? catalog[counted] ?? catalog[`${key}.other`] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

const tag = () => (current === "en" ? "en-GB" : "zh-TW");
const format = (date, options) => new Intl.DateTimeFormat(tag(), options).format(date);

export const shortTime = (date) => format(date, { hour: "2-digit", minute: "2-digit", hour12: false });
export const shortDate = (date) => format(date, { day: "numeric", month: "short", year: "numeric" });
/** The same in pieces: `[{type: "year" | "rest", text}]`; what stands between year and the rest goes with the year. */
export function shortDateParts(date) {
  const parts = new Intl.DateTimeFormat(tag(), { day: "numeric", month: "short", year: "numeric" }).formatToParts(date);
  const year = parts.findIndex((part) => part.type === "year");
  const first = year === 0 ? 0 : year - 1;
  const last = year === 0 ? 1 : year;
  return [
    { type: "rest", text: parts.slice(0, first).map((part) => part.value).join("") },
    { type: "year", text: parts.slice(first, last + 1).map((part) => part.value).join("") },
    { type: "rest", text: parts.slice(last + 1).map((part) => part.value).join("") },
  ].filter((part) => part.text);
}

export const dayName = (date) => format(date, { weekday: "short" });
export const longDate = (date) => format(date, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
export const fullStamp = (date) => format(date, { dateStyle: "full", timeStyle: "short" });

/** How Discord heads a message: today with the time, else the date and the time. */
export function messageTime(date, now) {
  const clock = shortTime(date);
  const days = Math.round((startOfDay(now) - startOfDay(date)) / 86_400_000);
  if (days === 0) return clock;
  if (days === 1) return t("time.yesterday", { time: clock });
  return `${shortDate(date)} ${clock}`;
}

export const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];

export function relativeTime(date, now) {
  const seconds = Math.round((date - now) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(tag(), { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

/** Discord's `<t:seconds:style>`. */
export function stampText(seconds, style, now) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `<t:${seconds}>`;
  if (style === "R") return relativeTime(date, now);
  const options = {
    t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
    f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
  };
  return format(date, options[style] ?? options.f);
}
