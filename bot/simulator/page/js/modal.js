/** The form that a bot opens: Discord's modal, as a dialog. */
import { byId, fill, h, uid } from "./dom.js";
import { formField } from "./fields.js";
import { encoded } from "./files.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { TYPE } from "./kinds.js";
import { markdown } from "./markdown.js";
import { textContext } from "./message.js";
import { amountIn, sampleReceipt } from "./receipt.js";

let shown = null;
/** Forms that were sent or closed here: a view that still names one is a moment old. */
const finished = new Set();

/** Shows the form that the view says is open, and closes one that no longer is. Called with every view. */
export function followModal(page) {
  const open = page.view.modal;
  if (!open) return shown && !shown.sending ? closeQuietly() : undefined;
  const key = keyOf(open, page);
  return shown?.key === key || finished.has(key) ? undefined : show(open, page);
}

const keyOf = (form, page) => `${page.user}:${form.interaction_id ?? form.custom_id}`;

function closeQuietly() {
  finished.add(shown?.key);
  shown = null;
  byId("modal").close();
}

function show(form, page) {
  const dialog = byId("modal");
  const fields = [];
  const state = { key: keyOf(form, page), form, fields, sending: false };
  const parts = (form.components ?? []).map((part) => partNode(part, fields, page, form));
  const error = h("p", { class: "form-error", role: "alert" });
  const send = h("button", { type: "submit", class: "button is-primary", text: t("form.send") });
  const cancel = h("button", { type: "button", class: "button is-secondary", text: t("common.cancel"), on: { click: () => dismiss(page) } });
  const heading = uid("modal-title");
  const body = h("form", { class: "modal-form", novalidate: true },
    h("header", { class: "modal-head" }, h("h2", { id: heading, text: form.title }),
      h("button", { type: "button", class: "icon-button", "aria-label": t("common.close"), on: { click: () => dismiss(page) } }, icon("close"))),
    h("div", { class: "modal-parts", tabindex: "-1" }, parts, error),
    h("footer", { class: "modal-foot" }, h("p", { class: "muted", text: t("form.as", { name: page.view.me.name }) }), cancel, send));
  body.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(state, page, send, error);
  });
  fill(dialog, body);
  dialog.setAttribute("aria-labelledby", heading);
  dialog.oncancel = (event) => {
    event.preventDefault();
    dismiss(page);
  };
  shown = state;
  if (!dialog.open) dialog.showModal();
  (body.querySelector(".modal-parts :is(input:not([type=file]), textarea)") ?? send).focus();
  return undefined;
}

/** A top-level part: a label with its control, an old-style row with a text input, or plain text. */
function partNode(part, fields, page, form) {
  if (part.type === TYPE.text) return h("div", { class: "md" }, markdown(part.content, textContext(null, page)));
  const inner = part.type === TYPE.label ? part.component : part.components?.[0];
  const field = formField(inner, { label: part.label, description: part.description }, page, samplesFor(page, form));
  if (!field) return h("p", { class: "missing", text: t("component.unknown", { type: inner?.type ?? part.type }) });
  fields.push(field);
  return field.node;
}

function samplesFor(page, form) {
  const { view } = page;
  const make = () => sampleReceipt(amountIn(allText(form)), { date: page.now(), club: view.guild?.name ?? "", payer: view.me.name });
  return [{ label: t("file.sample"), make }];
}

/** Every string in the form, line by line: the amount stands somewhere in it. */
function allText(form) {
  const strings = [];
  const visit = (value) => {
    if (typeof value === "string") strings.push(value);
    else if (value && typeof value === "object") Object.entries(value).forEach(([key, one]) => !/^(custom_)?id$/.test(key) && visit(one));
  };
  visit(form.components ?? []);
  return strings.join("\n");
}

async function submit(state, page, send, error) {
  const problems = state.fields.map((field) => {
    const problem = field.problem();
    field.show(problem);
    return problem;
  });
  const first = problems.findIndex(Boolean);
  if (first >= 0) {
    state.fields[first].node.querySelector("input, textarea, button")?.focus();
    return;
  }
  error.textContent = "";
  state.sending = true;
  send.disabled = true;
  send.classList.add("is-busy");
  try {
    const answer = await page.submit(state.form, await collect(state.fields));
    state.sending = false;
    if (answer.error || !answer.acknowledged) error.textContent = t("form.failed");
    else closeQuietly();
  } catch (problem) {
    error.textContent = problem.message;
  } finally {
    state.sending = false;
    send.disabled = false;
    send.classList.remove("is-busy");
  }
}

/** The answers in the shape of `POST /control/act` `do: submit`. */
async function collect(fields) {
  const values = {};
  const files = {};
  for (const field of fields) {
    const value = field.value();
    if (value !== undefined) values[field.id] = value;
    const chosen = field.files();
    if (chosen?.length) files[field.id] = await Promise.all(chosen.map(encoded));
  }
  return { values, files };
}

async function dismiss(page) {
  closeQuietly();
  await page.dismiss();
}
