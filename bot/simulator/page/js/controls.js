/** The strip at the top: the simulated date, the faults one can cause, language, theme, start over. */
import { post } from "./api.js";
import { byId, fill, h } from "./dom.js";
import { dayName, DISCORD_LOCALE, language, LANGUAGES, shortDate, shortDateParts, shortTime, t } from "./i18n.js";
import { icon } from "./icons.js";
import { place } from "./select.js";
import { remember } from "./storage.js";
import { toast } from "./toast.js";

const THEMES = ["auto", "light", "dark"];
const THEME_ICON = { auto: "auto", light: "sun", dark: "moon" };

/** Wires the buttons once. */
export function startControls(page) {
  byId("next-day").addEventListener("click", () => step(page, 1));
  byId("next-month").addEventListener("click", () => step(page, daysToNextMonth(page.now())));
  byId("faults-button").addEventListener("click", (event) => openFaults(page, event.currentTarget));
  byId("reset").addEventListener("click", () => askReset(page));
  byId("theme").addEventListener("click", () => setTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]));
  byId("language").addEventListener("click", () => page.speak(language() === "en" ? "zh-TW" : "en"));
  setTheme(theme());
}

const theme = () => {
  const chosen = document.documentElement.dataset.theme;
  return THEMES.includes(chosen) ? chosen : "auto";
};

export function setTheme(name) {
  document.documentElement.dataset.theme = name;
  remember("theme", name);
  const button = byId("theme");
  const words = t("control.theme", { name: t(`theme.${name}`) });
  fill(button, icon(THEME_ICON[name]), h("span", { class: "wide-only", text: t(`theme.${name}`) }));
  button.setAttribute("aria-label", words);
  button.title = words;
}

/** Everything in the strip that follows the view or the language. */
export function renderControls(page) {
  const now = page.now();
  fill(byId("clock"), icon("calendar"), h("span", { class: "clock-day" }, h("span", { class: "clock-week", text: `${dayName(now)} ` }), dateParts(now)), h("span", { class: "clock-time", text: shortTime(now) }));
  byId("clock").setAttribute("aria-label", t("control.clock", { date: `${dayName(now)} ${shortDate(now)} ${shortTime(now)}` }));
  const usable = page.view.clock.enabled && !stepping && !page.view.clock.stepping;
  for (const id of ["next-day", "next-month"]) {
    byId(id).disabled = !usable;
    byId(id).title = page.view.clock.enabled ? "" : t("control.noClock");
  }
  const other = language() === "en" ? "zh-TW" : "en";
  fill(byId("language"), icon("globe"), h("span", { text: LANGUAGES[other], lang: other }));
  byId("language").setAttribute("aria-label", t("control.language", { name: LANGUAGES[other] }));
  renderBot(page);
  renderDesk(page);
  const faults = faultCount(page);
  byId("faults-button").classList.toggle("is-on", faults > 0);
}

/** The date with its year as an element of its own, so that a phone can leave the year out. */
function dateParts(date) {
  return shortDateParts(date).map(({ type, text }) => (type === "year" ? h("span", { class: "clock-year", text }) : text));
}

function faultCount({ view }) {
  const { faults } = view;
  return (faults.rate_limit?.length ?? 0) + (faults.http_5xx?.length ?? 0) + (view.me.dms_closed ? 1 : 0);
}

function renderBot(page) {
  const { bot } = page.view;
  const key = page.offline ? "bot.noServer" : bot.ready && bot.connected ? "bot.online" : "bot.offline";
  fill(byId("bot-state"), h("span", { class: "dot" }), t(key));
  byId("bot-state").className = key === "bot.online" ? "bot-state" : "bot-state is-off";
}

function renderDesk({ view }) {
  const link = byId("desk");
  const usable = /^https?:\/\//i.test(view.desk ?? "") || /^\/(?!\/)/.test(view.desk ?? "");
  link.hidden = !usable;
  if (usable) link.href = view.desk;
}

/** From today to the same day of next month (or its last day, when it is shorter). */
export function daysToNextMonth(now) {
  const lengthOf = (month) => new Date(now.getFullYear(), month + 1, 0).getDate();
  const day = Math.min(now.getDate(), lengthOf(now.getMonth() + 1));
  const target = new Date(now.getFullYear(), now.getMonth() + 1, day);
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  return Math.round((target - today) / 86_400_000);
}

let stepping = false;

/** Moves the clock day by day on the server; the date in the strip follows as the views arrive. */
async function step(page, days) {
  const from = page.view.clock.offset_seconds;
  const before = page.messageCount();
  stepping = true;
  const bar = byId("progress");
  bar.hidden = false;
  bar.max = days;
  page.onView = (view) => {
    bar.value = Math.max(0, (view.clock.offset_seconds - from) / 86_400);
  };
  page.tell("clock", { days });
  renderControls(page);
  try {
    await post("/control/clock", { days });
    await page.refresh();
    const fresh = Math.max(0, page.messageCount() - before);
    toast(`${t("clock.now", { date: `${dayName(page.now())} ${shortDate(page.now())}` })} ${fresh ? t("clock.fresh", { n: fresh }) : t("clock.quiet")}`, "ok");
  } catch (problem) {
    toast(problem.message, "bad");
  } finally {
    stepping = false;
    page.onView = null;
    bar.hidden = true;
    bar.value = 0;
    renderControls(page);
  }
}

function openFaults(page, anchor) {
  const panel = byId("drop");
  fill(panel, h("p", { class: "drop-title", text: t("fault.title") }), h("p", { class: "hint", text: t("fault.about") }),
    dmSwitch(page), faultRow(page, "plug", "fault.drop", { kind: "drop", resume: true }),
    faultRow(page, "gauge", "fault.rate", { kind: "rate_limit", times: 1 }), faultRow(page, "cloud", "fault.server", { kind: "http_5xx", times: 1 }));
  panel.setAttribute("aria-label", t("fault.title"));
  place(panel, anchor);
  panel.showPopover();
  panel.querySelector("button")?.focus();
}

function dmSwitch(page) {
  const node = h("button", { type: "button", class: "fault switch", role: "switch", "aria-checked": String(page.view.me.dms_closed) },
    icon("lock"), h("span", { class: "option-text" }, h("span", { text: t("fault.dms", { name: page.view.me.name }) }), h("span", { class: "muted", text: t("fault.dmsAbout") })),
    h("span", { class: "switch-track", "aria-hidden": "true" }));
  node.addEventListener("click", async () => {
    const on = !page.view.me.dms_closed;
    if (await cause(page, { kind: "dm_closed", user: page.user, on }, t(on ? "fault.dmsOn" : "fault.dmsOff", { name: page.view.me.name }))) {
      node.setAttribute("aria-checked", String(on));
    }
  });
  return node;
}

function faultRow(page, picture, key, body) {
  const node = h("button", { type: "button", class: "fault" }, icon(picture),
    h("span", { class: "option-text" }, h("span", { text: t(key) }), h("span", { class: "muted", text: t(`${key}About`) })));
  node.addEventListener("click", async () => {
    if (await cause(page, body, t(`${key}Done`))) byId("drop").hidePopover();
  });
  return node;
}

async function cause(page, body, words) {
  try {
    await post("/control/fault", body);
    toast(words, "ok");
    await page.refresh();
    return true;
  } catch (problem) {
    toast(problem.message, "bad");
    return false;
  }
}

function askReset(page) {
  const dialog = byId("ask");
  const no = h("button", { type: "button", class: "button is-secondary", text: t("common.cancel"), on: { click: () => dialog.close() } });
  const yes = h("button", { type: "button", class: "button is-danger", text: t("reset.yes") });
  yes.addEventListener("click", async () => {
    yes.disabled = true;
    yes.classList.add("is-busy");
    try {
      await post("/control/reset", {});
      page.forget();
      await page.refresh();
      toast(t("reset.done"), "ok");
    } catch (problem) {
      toast(problem.message, "bad");
    }
    dialog.close();
  });
  fill(dialog, h("h2", { text: t("reset.title") }), h("p", { text: t("reset.about") }), h("div", { class: "modal-foot" }, no, yes));
  dialog.setAttribute("aria-label", t("reset.title"));
  dialog.showModal();
}

/** Tells the simulator that this person's Discord is set to the page's language; true when it was another. */
export async function syncLocale(page) {
  const locale = DISCORD_LOCALE[language()];
  if (page.view.me.locale === locale) return false;
  await post("/control/locale", { user: page.user, locale }).catch((problem) => toast(problem.message, "bad"));
  return true;
}
