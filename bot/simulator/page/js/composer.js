/** The line at the foot of a pane: "/" lists the commands, choosing one gives its form, sending runs it. */
import { fill, h, uid } from "./dom.js";
import { flatten, search } from "./commands.js";
import { encoded } from "./files.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { optionField } from "./options.js";
import { toast } from "./toast.js";

const MOST_SHOWN = 60;

export class Composer {
  /** `where()` gives the channel (an id, or "dm") that a command is run in. */
  constructor(root, page, { dm = false, where }) {
    Object.assign(this, { root, page, dm, where, command: null, active: 0, found: [] });
    const listId = uid("commands");
    this.input = h("input", { class: "composer-input", type: "text", autocomplete: "off", role: "combobox", "aria-expanded": "false",
      "aria-controls": listId, "aria-autocomplete": "list" });
    this.list = h("ul", { id: listId, class: "command-list", role: "listbox" });
    this.panel = h("div", { class: "command-panel", hidden: true }, this.list);
    this.slash = h("button", { type: "button", class: "slash-button", on: { click: () => this.start() } }, icon("slash"));
    this.bar = h("div", { class: "composer-bar" }, this.slash, this.input);
    this.form = h("form", { class: "command-form", novalidate: true, hidden: true });
    fill(root, this.panel, this.form, this.bar);
    this.listen();
    this.relabel();
  }

  listen() {
    this.input.addEventListener("input", () => this.offer());
    this.input.addEventListener("focus", () => this.offer());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.root.contains(document.activeElement) || this.close(), 120));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.form.addEventListener("keydown", (event) => event.key === "Escape" && this.reset(true));
  }

  /** Words in the current language. */
  relabel() {
    this.input.placeholder = t("composer.placeholder");
    this.input.setAttribute("aria-label", t("composer.placeholder"));
    this.list.setAttribute("aria-label", t("composer.commands"));
    this.slash.setAttribute("aria-label", t("composer.open"));
    if (!this.form.hidden) this.reset();
  }

  commands() {
    return flatten(this.page.view.commands, { dm: this.dm });
  }

  /** The commands may have changed (another language, a new sync): an open list follows. */
  refresh() {
    const known = JSON.stringify(this.page.view.commands);
    if (known !== this.known && !this.panel.hidden) this.offer();
    this.known = known;
  }

  start() {
    this.reset();
    this.input.value = "/";
    this.input.focus();
    this.offer();
  }

  /** Lists what fits; nothing is listed while the line is plain text. */
  offer() {
    const typed = this.input.value;
    if (!typed.startsWith("/")) return this.close();
    this.found = search(this.commands(), typed).slice(0, MOST_SHOWN);
    const rows = this.found.map((command) => this.row(command));
    const none = h("li", { class: "muted", role: "option", "aria-disabled": "true", text: t(this.commands().length ? "composer.none" : "composer.noCommands") });
    fill(this.list, rows.length ? rows : none);
    this.panel.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.highlight(0);
    return undefined;
  }

  row(command) {
    const item = h("li", { id: uid("command"), role: "option", "aria-selected": "false", dataset: { path: command.path } },
      h("span", { class: "command-name", text: `/${command.name}` }),
      command.name === command.path ? null : h("span", { class: "command-alias", text: `/${command.path}` }),
      h("span", { class: "muted", text: command.description }));
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => this.choose(command));
    return item;
  }

  highlight(index) {
    this.active = index;
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index && this.found.length > 0)));
    const item = this.list.children[index];
    if (item?.id) this.input.setAttribute("aria-activedescendant", item.id);
    else this.input.removeAttribute("aria-activedescendant");
    item?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      if (!this.panel.hidden && this.found[this.active]) this.choose(this.found[this.active]);
      else if (this.input.value.trim()) toast(t("composer.onlyCommands"), "info");
    } else if (event.key === "Escape") this.reset();
    else if (!this.panel.hidden && this.found.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.highlight((this.active + step + this.found.length) % this.found.length);
    }
  }

  close() {
    this.panel.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  reset(refocus = false) {
    this.close();
    this.command = null;
    this.form.hidden = true;
    this.bar.hidden = false;
    this.input.value = "";
    if (refocus) this.input.focus();
  }

  /** Opens a command's form by its path, as the tour does; `values` prefills text options. */
  open(path, values = {}) {
    const command = this.commands().find((one) => one.path === path);
    if (!command) return false;
    this.choose(command);
    for (const [name, value] of Object.entries(values)) {
      const input = this.form.querySelector(`[data-option="${CSS.escape(name)}"] input`);
      if (input) input.value = value;
    }
    return true;
  }

  choose(command) {
    this.close();
    this.command = command;
    if (!command.options.length) return this.send();
    this.fields = command.options.map((option) => optionField(option, this.page, (focused, typed) => this.ask(focused, typed)));
    const cancel = h("button", { type: "button", class: "button is-secondary", text: t("common.cancel"), on: { click: () => this.reset(true) } });
    this.sendButton = h("button", { type: "submit", class: "button is-primary" }, icon("send"), h("span", { text: t("composer.send") }));
    this.error = h("p", { class: "form-error", role: "alert" });
    fill(this.form, h("header", { class: "command-head" }, h("h2", { text: `/${command.name}` }), h("p", { class: "muted", text: command.description })),
      h("div", { class: "command-fields" }, this.fields.map((field) => field.node)), this.error, h("div", { class: "command-foot" }, cancel, this.sendButton));
    this.form.hidden = false;
    this.bar.hidden = true;
    this.form.querySelector("input, select, textarea")?.focus();
    return undefined;
  }

  optionValues() {
    const filled = this.fields.map((field) => [field.name, field.value()]).filter(([, value]) => value !== undefined);
    return Object.fromEntries(filled);
  }

  async ask(focused, typed) {
    const options = { ...this.optionValues(), [focused]: typed };
    const answer = await this.page.act({ do: "autocomplete", name: this.command.path, channel: this.where(), options, focused });
    return answer.choices ?? [];
  }

  async send() {
    const { command } = this;
    const fields = command.options.length ? this.fields : [];
    const problems = fields.map((field) => {
      const problem = field.problem();
      field.show(problem);
      return problem;
    });
    if (problems.some(Boolean)) {
      fields[problems.findIndex(Boolean)].node.querySelector("input, select, textarea")?.focus();
      return;
    }
    await this.run(command, fields);
  }

  async run(command, fields) {
    if (this.sendButton) this.sendButton.disabled = true;
    try {
      const files = {};
      for (const field of fields) if (field.files().length) files[field.name] = await encoded(field.files()[0]);
      const options = fields.length ? this.optionValues() : {};
      const sent = this.page.command({ name: command.path, channel: this.where(), options, files });
      const answer = await sent;
      this.reset(!answer.modal);
    } catch (problem) {
      if (this.form.hidden) toast(problem.message, "bad");
      else this.error.textContent = problem.message;
    } finally {
      if (this.sendButton) this.sendButton.disabled = false;
    }
  }
}
