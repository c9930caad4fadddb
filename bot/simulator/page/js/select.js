/** Select menus in messages: a button that shows the choice, and a list that drops down from it. */
import { byId, fill, h, uid } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { emojiText, TYPE } from "./kinds.js";

const FILTER_FROM = 9;

/** What a select offers: `[{value, label, description, emoji, chosen}]`. */
export function optionsOf(data, page) {
  const chosen = new Set((data.default_values ?? []).map((one) => one.id));
  const entry = (one) => ({ value: one.id, label: one.name, chosen: chosen.has(one.id) });
  const { view } = page;
  if (data.type === TYPE.userSelect) return view.users.map(entry);
  if (data.type === TYPE.roleSelect) return page.roles().map(entry);
  if (data.type === TYPE.mentionableSelect) return [...view.users, ...page.roles()].map(entry);
  if (data.type === TYPE.channelSelect) {
    const fits = (one) => one.kind !== "dm" && (!data.channel_types?.length || data.channel_types.includes(KINDS[one.kind]));
    return view.channels.filter(fits).map((one) => ({ ...entry(one), label: `#${one.name}` }));
  }
  return (data.options ?? []).map((one) => ({ ...one, chosen: Boolean(one.default) }));
}

const KINDS = { text: 0, announcement: 5, thread: 12, category: 4, voice: 2 };

/** The closed select inside a message. */
export function selectButton(data, context) {
  const options = optionsOf(data, context.page);
  const chosen = options.filter((one) => one.chosen).map((one) => one.label);
  const hint = data.placeholder || t("select.choose");
  const text = chosen.length ? chosen.join(", ") : hint;
  const node = h("button", { type: "button", class: chosen.length ? "select" : "select is-empty", disabled: Boolean(data.disabled),
    "aria-haspopup": "dialog", dataset: { customId: data.custom_id ?? "" } }, h("span", { text }), icon("down"));
  if (chosen.length) node.setAttribute("aria-label", `${hint}: ${text}`);
  node.addEventListener("click", () => openList(node, data, options, context, hint));
  return node;
}

function openList(anchor, data, options, context, title) {
  const panel = byId("drop");
  const least = data.min_values ?? 1;
  const most = Math.min(data.max_values ?? 1, options.length || 1);
  const send = (values) => {
    panel.hidePopover();
    context.page.select(context.message, data, values, anchor);
  };
  const body = most === 1 && least === 1 ? singleList(options, send) : multiList(options, least, most, send);
  const filter = options.length >= FILTER_FROM ? filterField(body) : null;
  fill(panel, h("p", { class: "drop-title", text: title }), filter, options.length ? body : h("p", { class: "empty", text: t("select.none") }));
  panel.setAttribute("aria-label", title);
  place(panel, anchor);
  panel.showPopover();
  panel.querySelector("input, button")?.focus();
}

function optionText(option) {
  return h("span", { class: "option-text" }, h("span", {}, emojiText(option.emoji), " ", option.label),
    option.description ? h("span", { class: "muted", text: option.description }) : null);
}

function singleList(options, send) {
  const items = options.map((option) => h("li", { dataset: { words: words(option) } },
    h("button", { type: "button", class: option.chosen ? "drop-item is-chosen" : "drop-item", on: { click: () => send([option.value]) } },
      optionText(option), option.chosen ? icon("check") : null)));
  const list = h("ul", { class: "drop-list" }, items);
  list.addEventListener("keydown", moveWithArrows);
  return list;
}

function multiList(options, least, most, send) {
  const list = h("div", { class: "drop-multi" });
  const boxes = options.map((option) => {
    const box = h("input", { type: "checkbox", value: option.value });
    box.checked = option.chosen;
    return box;
  });
  const done = h("button", { type: "button", class: "button is-primary", text: t("select.done") });
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const refresh = () => {
    const count = chosen().length;
    done.disabled = count < least || count > most;
    for (const box of boxes) box.disabled = !box.checked && count >= most;
  };
  const rows = options.map((option, index) => h("li", { dataset: { words: words(option) } },
    h("label", { class: "drop-item" }, boxes[index], optionText(option))));
  list.addEventListener("change", refresh);
  done.addEventListener("click", () => send(chosen()));
  refresh();
  fill(list, h("ul", { class: "drop-list" }, rows), h("div", { class: "drop-foot" }, h("span", { class: "muted", text: countHint(least, most) }), done));
  return list;
}

export const countHint = (least, most) =>
  least === most ? t("select.exactly", { n: most }) : t("select.between", { least, most });

const words = (option) => `${option.label} ${option.description ?? ""}`.toLowerCase();

/** A search field that hides the rows which do not contain what is typed. */
export function filterField(list) {
  const id = uid("filter");
  const field = h("input", { id, type: "search", class: "field", placeholder: t("select.filter"), "aria-label": t("select.filter") });
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const row of list.querySelectorAll("[data-words]")) row.hidden = !row.dataset.words.includes(wanted);
  });
  return field;
}

function moveWithArrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...event.currentTarget.querySelectorAll("li:not([hidden]) button")];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
}

/** Puts the panel under its button, or above it when there is more room; narrow screens dock it by stylesheet. */
export function place(panel, anchor) {
  const box = anchor.getBoundingClientRect();
  const below = window.innerHeight - box.bottom;
  const up = below < 300 && box.top > below;
  panel.classList.toggle("is-up", up);
  const width = Math.max(box.width, 260);
  const left = Math.max(8, Math.min(box.left, window.innerWidth - width - 8));
  panel.style.setProperty("--x", `${left}px`);
  panel.style.setProperty("--y", `${up ? window.innerHeight - box.top + 6 : box.bottom + 6}px`);
  panel.style.setProperty("--w", `${width}px`);
  panel.style.setProperty("--room", `${Math.max(180, (up ? box.top : below) - 20)}px`);
}
