/** The options of a slash command as form fields, each `{name, node, value(), files(), problem(), show(text)}`. */
import { append, fill, h, uid } from "./dom.js";
import { fileField } from "./files.js";
import { t } from "./i18n.js";
import { sampleReceipt, sampleRoster } from "./receipt.js";

const KIND = { string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10, attachment: 11 };
const ASK_AFTER_MS = 180;

/** `ask(focused, typed)` gives the choices that the bot suggests. */
export function optionField(option, page, ask) {
  const id = uid("option");
  const build = builderOf(option);
  const control = build(option, id, page, ask);
  const required = Boolean(option.required);
  const label = option.name_localized || option.name;
  const heading = h("label", { class: "field-label", for: id }, label,
    required ? h("span", { class: "star", "aria-hidden": "true", text: " *" }) : h("span", { class: "muted", text: ` ${t("form.optional")}` }));
  const error = h("p", { class: "field-error", role: "alert" });
  const about = option.description_localized || option.description;
  const node = h("div", { class: "form-part", dataset: { option: option.name } }, heading, about ? h("p", { class: "hint", text: about }) : null, control.node, error);
  const show = (text) => {
    error.textContent = text ?? "";
    node.classList.toggle("has-error", Boolean(text));
  };
  const problem = () => control.problem?.() ?? (required && control.empty() ? t("form.missing") : null);
  return { name: option.name, node, show, problem, value: control.value, files: control.files ?? (() => []) };
}

function builderOf(option) {
  if (option.choices?.length) return choices;
  if (option.autocomplete) return suggested;
  if (option.type === KIND.boolean) return yesNo;
  if (option.type === KIND.attachment) return attachment;
  if (option.type === KIND.integer || option.type === KIND.number) return number;
  if ([KIND.user, KIND.channel, KIND.role, KIND.mentionable].includes(option.type)) return somebody;
  return words;
}

const valueOf = (input) => () => (input.value.trim() === "" ? undefined : input.value);

function words(option, id) {
  const input = h("input", { id, class: "field", type: "text", autocomplete: "off", maxlength: option.max_length ?? 6000, "aria-required": String(Boolean(option.required)) });
  const problem = () => (input.value && input.value.length < (option.min_length ?? 0) ? t("form.tooShort", { n: option.min_length }) : null);
  return { node: input, value: valueOf(input), empty: () => !input.value.trim(), problem };
}

function number(option, id) {
  const whole = option.type === KIND.integer;
  const input = h("input", { id, class: "field", type: "text", inputmode: whole ? "numeric" : "decimal", autocomplete: "off", "aria-required": String(Boolean(option.required)) });
  const read = () => Number(input.value.trim().replace(/,/g, ""));
  const problem = () => {
    if (!input.value.trim()) return null;
    if (!Number.isFinite(read()) || (whole && !Number.isInteger(read()))) return t(whole ? "form.wholeNumber" : "form.number");
    if (read() < (option.min_value ?? -Infinity) || read() > (option.max_value ?? Infinity))
      return t("form.range", { least: option.min_value ?? "−∞", most: option.max_value ?? "∞" });
    return null;
  };
  return { node: input, value: () => (input.value.trim() ? read() : undefined), empty: () => !input.value.trim(), problem };
}

/** A native list; the empty first row means "not given". */
function dropdown(id, rows, required) {
  const list = h("select", { id, class: "field", "aria-required": String(Boolean(required)) }, h("option", { value: "", text: t("form.notGiven") }),
    rows.map((row, index) => h("option", { value: String(index + 1), text: row.label })));
  return { node: list, value: () => rows[Number(list.value) - 1]?.value, empty: () => list.value === "" };
}

const choices = (option, id) => dropdown(id, option.choices.map((one) => ({ label: one.name_localized || one.name, value: one.value })), option.required);

const yesNo = (option, id) => dropdown(id, [{ label: t("form.yes"), value: true }, { label: t("form.no"), value: false }], option.required);

function somebody(option, id, page) {
  const people = page.view.users.map((user) => ({ label: user.bot ? `${user.name} (${t("people.app")})` : user.name, value: user.id }));
  const roles = page.roles().map((role) => ({ label: `@${role.name}`, value: role.id }));
  const channels = page.view.channels.filter((one) => one.kind !== "dm" && fitsChannel(option, one)).map((one) => ({ label: `#${one.name}`, value: one.id }));
  const rows = { [KIND.user]: people, [KIND.role]: roles, [KIND.channel]: channels, [KIND.mentionable]: [...people, ...roles] }[option.type];
  return dropdown(id, rows, option.required);
}

const CHANNEL_KIND = { 0: "text", 5: "text", 10: "thread", 11: "thread", 12: "thread" };
const fitsChannel = (option, channel) => !option.channel_types?.length || option.channel_types.some((type) => CHANNEL_KIND[type] === channel.kind);

function attachment(option, id, page) {
  const receipt = () => sampleReceipt(null, { date: page.now(), club: page.view.guild?.name ?? "", payer: page.view.me.name });
  const isTable = /file|csv|roster|import|list/i.test(option.name);
  const samples = [isTable ? { label: t("file.sampleRoster"), make: async () => sampleRoster() } : { label: t("file.sample"), make: receipt }];
  const field = fileField({ label: option.name_localized || option.name, samples });
  const node = append(h("div", { id, role: "group", tabindex: "-1" }), [field.node]);
  return { node, value: () => undefined, empty: () => !field.files().length, files: field.files };
}

/** A text field with the bot's own suggestions under it (ARIA combobox). */
function suggested(option, id, page, ask) {
  const listId = uid("suggestions");
  const input = h("input", { id, class: "field", type: "text", autocomplete: "off", role: "combobox", "aria-expanded": "false",
    "aria-autocomplete": "list", "aria-controls": listId, "aria-required": String(Boolean(option.required)) });
  const list = h("ul", { id: listId, class: "suggestions", role: "listbox", "aria-label": option.name_localized || option.name, hidden: true });
  let picked = null;
  let rows = [];
  let active = -1;
  let turn = 0;
  let timer;
  const open = (on) => {
    list.hidden = !on;
    input.setAttribute("aria-expanded", String(on));
    if (!on) input.removeAttribute("aria-activedescendant");
  };
  const choose = (row) => {
    picked = row;
    input.value = row.label;
    open(false);
  };
  const highlight = (index) => {
    active = index;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    const item = list.children[index];
    if (item?.id) input.setAttribute("aria-activedescendant", item.id);
    item?.scrollIntoView({ block: "nearest" });
  };
  const refresh = async () => {
    const mine = ++turn;
    const found = await ask(option.name, input.value).catch((problem) => ({ problem }));
    if (mine !== turn) return;
    rows = found.problem ? [] : found.map((one) => ({ label: one.name_localized || one.name, value: one.value }));
    const empty = h("li", { class: "muted", role: "option", "aria-disabled": "true", text: found.problem?.message ?? t("form.noSuggestion") });
    fill(list, rows.length ? rows.map((row) => suggestion(row, choose)) : empty);
    open(document.activeElement === input);
    highlight(-1);
  };
  const soon = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(refresh, delay);
  };
  input.addEventListener("input", () => {
    picked = null;
    soon(ASK_AFTER_MS);
  });
  input.addEventListener("focus", () => picked || soon(0));
  input.addEventListener("blur", () => open(false));
  input.addEventListener("keydown", (event) => suggestionKeys(event, { list, rows: () => rows, active: () => active, highlight, choose, open }));
  const typed = () => (option.type === KIND.string ? input.value : Number(input.value));
  const value = () => (input.value.trim() === "" ? undefined : picked?.value ?? typed());
  return { node: h("div", { class: "combo" }, input, list), value, empty: () => !input.value.trim() };
}

function suggestion(row, choose) {
  const item = h("li", { id: uid("suggestion"), role: "option", "aria-selected": "false", text: row.label });
  item.addEventListener("mousedown", (event) => {
    event.preventDefault();
    choose(row);
  });
  return item;
}

function suggestionKeys(event, combo) {
  if (combo.list.hidden || !combo.rows().length) return;
  const count = combo.rows().length;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) combo.highlight((combo.active() + step + count) % count);
  else if (event.key === "Enter" && combo.active() >= 0) combo.choose(combo.rows()[combo.active()]);
  else if (event.key === "Escape") combo.open(false);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
