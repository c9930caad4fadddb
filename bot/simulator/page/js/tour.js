/** "Try this": the club's month in five steps, ticked off as the visitor does them. */
import { byId, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { recall, remember } from "./storage.js";

/**
 * `who` and `channel`: where the step happens; `aim`: what to point at once there; `done(event, seen)`: whether what just
 * happened is the step. `seen` is remembered between events of one visit.
 */
const STEPS = [
  { id: "pay", who: "member1", channel: "dues", aim: { button: /pay(?!ment)|繳費|付款/i }, done: (event) => event.kind === "submit" && /^member/.test(event.user) },
  { id: "verify", who: "reviewer", channel: "review", aim: { button: /verify|核帳|核准|確認收款/i }, done: (event) => event.kind === "click" && /verify/.test(event.customId) },
  { id: "result", who: "member1", channel: null, aim: { direct: true }, done: (event, seen) => event.kind === "shown" && seen.verify && /^member/.test(event.user) },
  { id: "open", who: "treasurer", channel: "admin", aim: { command: "club billing open" }, done: opened },
  { id: "remind", who: "member2", channel: "dues", aim: { element: "next-day" }, done: reminded },
];

const SECONDARY = 2;

/** The preview was asked for, and then its confirming button (not "Cancel") was pressed. */
function opened(event, seen) {
  if (event.kind === "command" && event.name === "club billing open") seen.previewed = true;
  return event.kind === "click" && seen.previewed && event.user === "treasurer" && event.style !== SECONDARY;
}

const REMINDER = /remind|overdue|past due|still to pay|提醒|逾期|催繳|尚未繳費|還沒繳清/i;

/** Days have passed and a new message speaks of what is overdue. */
function reminded(event, seen) {
  if (event.kind === "clock") seen.days = (seen.days ?? 0) + event.days;
  return event.kind === "message" && seen.days > 0 && REMINDER.test(event.text);
}

export class Tour {
  constructor(page) {
    Object.assign(this, { page, seen: {} });
    const saved = recall("tour", {}) ?? {};
    this.finished = new Set(Array.isArray(saved.finished) ? saved.finished : []);
    this.open = saved.open !== false;
    byId("tour-toggle").addEventListener("click", () => this.setOpen(!this.open));
  }

  setOpen(open) {
    this.open = open;
    this.save();
    this.render();
  }

  save() {
    remember("tour", { open: this.open, finished: [...this.finished] });
  }

  restart() {
    this.finished.clear();
    this.seen = {};
    this.save();
    this.render();
  }

  /** Something happened on the page: `{kind, user, …}`. */
  notice(event) {
    const step = STEPS.find((one) => !this.finished.has(one.id) && one.done(event, this.seen));
    if (!step) return;
    this.finished.add(step.id);
    this.seen[step.id] = true;
    this.save();
    this.render();
  }

  render() {
    const root = byId("tour");
    root.hidden = !this.open;
    byId("tour-toggle").setAttribute("aria-expanded", String(this.open));
    if (!this.open) return;
    const next = STEPS.findIndex((step) => !this.finished.has(step.id));
    const close = h("button", { type: "button", class: "icon-button", "aria-label": t("tour.close"), title: t("tour.close"), on: { click: () => this.setOpen(false) } }, icon("close"));
    const again = h("button", { type: "button", class: "link-button", text: t("tour.again"), on: { click: () => this.restart() } });
    const count = t("tour.progress", { done: this.finished.size, all: STEPS.length });
    fill(root, h("div", { class: "tour-head" }, h("h2", {}, t("tour.title"), h("span", { class: "muted", text: t("tour.about") })),
      h("span", { class: "muted tour-count", text: count }), this.finished.size ? again : null, close),
      h("ol", { class: "tour-steps" }, STEPS.map((step, index) => this.step(step, index, next))),
      next < 0 ? h("p", { class: "tour-done" }, icon("check"), t("tour.finished")) : null);
  }

  step(step, index, next) {
    const done = this.finished.has(step.id);
    const name = this.page.nameOf(step.who);
    const go = this.goButton(step, index, index === next);
    const state = done ? "is-done" : index === next ? "is-next" : "";
    return h("li", { class: `tour-step ${state}`, "aria-current": index === next ? "step" : null },
      h("span", { class: "tour-number" }, done ? icon("check") : String(index + 1), done ? h("span", { class: "visually-hidden", text: t("tour.ticked") }) : null),
      h("h3", { text: t(`tour.${step.id}.title`) }), done ? null : go, h("p", { text: t(`tour.${step.id}.text`, { name }) }));
  }

  /** The step to do now says so in words; the others have an arrow. */
  goButton(step, index, isNext) {
    const words = `${t("tour.go")} ${t("tour.step", { n: index + 1 })}`;
    const classes = isNext ? "button is-primary is-small" : "icon-button";
    return h("button", { type: "button", class: classes, "aria-label": words, title: t("tour.go"), dataset: { step: step.id }, on: { click: () => this.goTo(step) } },
      isNext ? t("tour.go") : icon("next"));
  }

  /** Becomes the person, opens the place and points at the thing. */
  async goTo(step) {
    const { page } = this;
    if (page.user !== step.who) await page.become(step.who);
    const channel = page.view.channels.find((one) => one.name === step.channel);
    if (channel) page.openChannel(channel.id);
    if (step.aim.direct) page.showTab("direct");
    if (step.aim.command && page.composer.open(step.aim.command)) return;
    point(this.target(step.aim));
  }

  target(aim) {
    if (aim.element) return byId(aim.element);
    if (aim.direct) return byId("direct-log");
    const buttons = [...byId("channel-log").querySelectorAll(".button:not([disabled])")];
    return buttons.filter((button) => aim.button?.test(`${button.dataset.customId} ${button.textContent}`)).at(-1) ?? byId("channel-log");
  }
}

/** A ring around the thing for a moment, and the keyboard on it. */
function point(element) {
  element.scrollIntoView({ block: "center" });
  element.classList.add("is-pointed");
  element.focus({ preventScroll: true });
  setTimeout(() => element.classList.remove("is-pointed"), 4000);
}
