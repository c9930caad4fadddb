/**
 * The parts of Discord's forms. Each builder gives a field: `{node, value(), files(), problem()}`; `problem()` is null or
 * one sentence. `value()` is undefined where nothing is to be sent.
 */
import { append, h, uid } from "./dom.js";
import { fileField } from "./files.js";
import { t } from "./i18n.js";
import { emojiText, TYPE } from "./kinds.js";
import { countHint, filterField, optionsOf } from "./select.js";

const FILTER_FROM = 9;

const BUILDERS = {
  [TYPE.input]: textInput,
  [TYPE.select]: choiceList,
  [TYPE.userSelect]: choiceList,
  [TYPE.roleSelect]: choiceList,
  [TYPE.mentionableSelect]: choiceList,
  [TYPE.channelSelect]: choiceList,
  [TYPE.radios]: radioGroup,
  [TYPE.checks]: choiceList,
  [TYPE.check]: singleCheck,
  [TYPE.upload]: upload,
};

/** `names`: what the label around the part says (`label`, `description`). Unknown kinds give null. */
export function formField(data, names, page, samples) {
  const build = BUILDERS[data?.type];
  if (!build) return null;
  const field = build(data, names, page, samples);
  const error = h("p", { class: "field-error", role: "alert" });
  append(field.node, [error]);
  field.show = (text) => {
    error.textContent = text ?? "";
    field.node.classList.toggle("has-error", Boolean(text));
    field.node.querySelector("input, textarea")?.setAttribute("aria-invalid", text ? "true" : "false");
  };
  return { ...field, id: data.custom_id, type: data.type };
}

const needed = (data) => data.required !== false;

function title(text, required, forId) {
  const words = [text, required ? h("span", { class: "star", "aria-hidden": "true", text: " *" }) : h("span", { class: "muted", text: ` ${t("form.optional")}` })];
  return forId ? h("label", { class: "field-label", for: forId }, words) : words;
}

const describe = (text) => (text ? h("p", { class: "hint", text }) : null);

function textInput(data, names) {
  const id = uid("text");
  const label = names.label ?? data.label ?? "";
  const props = { id, class: "field", placeholder: data.placeholder, maxlength: data.max_length ?? 4000, "aria-required": String(needed(data)) };
  const input = data.style === 2 ? h("textarea", { ...props, rows: 3 }) : h("input", { ...props, type: "text", autocomplete: "off" });
  input.value = data.value ?? "";
  const counter = h("span", { class: "counter muted", "aria-hidden": "true" });
  const count = () => {
    counter.textContent = data.max_length ? `${input.value.length} / ${data.max_length}` : "";
  };
  input.addEventListener("input", count);
  count();
  const problem = () => {
    const length = input.value.trim().length;
    if (!length) return needed(data) ? t("form.missing") : null;
    return length < (data.min_length ?? 0) ? t("form.tooShort", { n: data.min_length }) : null;
  };
  const node = h("div", { class: "form-part" }, title(label, needed(data), id), describe(names.description), input, counter);
  return { node, value: () => input.value, files: () => null, problem };
}

/** Selects and checkbox groups: every option in sight, as radio buttons or checkboxes. */
function choiceList(data, names, page) {
  const options = optionsOf(data, page);
  const least = data.min_values ?? (needed(data) ? 1 : 0);
  const most = data.max_values ?? (data.type === TYPE.checks ? options.length : 1);
  const single = most === 1 && data.type !== TYPE.checks;
  const group = optionGroup(options, single ? "radio" : "checkbox");
  const problem = () => {
    const count = group.chosen().length;
    if (!count && !needed(data)) return null;
    if (count < Math.max(least, needed(data) ? 1 : 0)) return most === 1 ? t("form.chooseOne") : countHint(Math.max(least, 1), most);
    return count > most ? countHint(least, most) : null;
  };
  const hint = single || most >= options.length ? null : countHint(least, most);
  const parts = [describe(names.description), describe(hint), options.length >= FILTER_FROM ? filterField(group.list) : null];
  if (!options.length) parts.push(h("p", { class: "empty", text: t("select.none") }));
  const legend = h("legend", { class: "field-label" }, title(names.label ?? data.placeholder ?? "", needed(data)));
  const node = h("fieldset", { class: "form-part" }, legend, parts, group.list);
  return { node, value: group.chosen, files: () => null, problem };
}

function radioGroup(data, names, page) {
  const field = choiceList({ ...data, type: TYPE.radios, min_values: needed(data) ? 1 : 0, max_values: 1 }, names, page);
  return { ...field, value: () => field.value()[0] };
}

function optionGroup(options, kind) {
  const name = uid("options");
  const boxes = options.map((option) => {
    const box = h("input", { type: kind, name, value: option.value });
    box.checked = Boolean(option.chosen ?? option.default);
    return box;
  });
  const rows = options.map((option, index) => h("label", { class: "choice", dataset: { words: `${option.label} ${option.description ?? ""}`.toLowerCase() } },
    boxes[index], h("span", { class: "option-text" }, h("span", {}, emojiText(option.emoji), " ", option.label),
      option.description ? h("span", { class: "muted", text: option.description }) : null)));
  return { list: h("div", { class: "choices" }, rows), chosen: () => boxes.filter((box) => box.checked).map((box) => box.value) };
}

function singleCheck(data, names) {
  const box = h("input", { type: "checkbox" });
  box.checked = Boolean(data.default);
  const words = h("span", { class: "option-text" }, h("span", { text: names.label ?? "" }),
    names.description ? h("span", { class: "muted", text: names.description }) : null);
  const node = h("div", { class: "form-part" }, h("label", { class: "choice" }, box, words));
  const problem = () => (data.required === true && !box.checked ? t("form.mustCheck") : null);
  return { node, value: () => box.checked, files: () => null, problem };
}

function upload(data, names, page, samples) {
  const label = names.label ?? t("file.label");
  const least = needed(data) ? data.min_values ?? 1 : 0;
  const field = fileField({ label, least, most: data.max_values ?? 1, samples });
  const node = h("fieldset", { class: "form-part" }, h("legend", { class: "field-label" }, title(label, needed(data))), describe(names.description), field.node);
  return { node, value: () => undefined, files: field.files, problem: field.problem };
}
