/** One message as DOM: head, text, embeds, files, components, and what goes with a private answer. */
import { component } from "./components.js";
import { h, hexColour, paint } from "./dom.js";
import { fullStamp, messageTime, t } from "./i18n.js";
import { icon } from "./icons.js";
import { markdown, markdownLine } from "./markdown.js";
import { attachments, picture } from "./media.js";
import { avatar } from "./people.js";

const COMPONENTS_ONLY = 1 << 15;
const SUPPRESS_EMBEDS = 1 << 2;
const JOINS_WITHIN_MS = 7 * 60_000;

/** `page`: what a message needs of the page (view, now, actions); see app.js. */
export function messageNode(message, previous, page) {
  const context = { ...textContext(message, page), message, page };
  const joined = joins(message, previous);
  const body = h("div", { class: "message-body" },
    joined ? null : head(message, page),
    message.thinking ? thinking() : content(message, context),
    failureNote(message, page),
    message.ephemeral ? privateNote(message, page) : null);
  const author = authorOf(message, page);
  const classes = ["message", joined && "is-joined", message.mentions_you && "mentions-you", message.ephemeral && "is-private"];
  return h("article", { class: classes.filter(Boolean).join(" "), dataset: { message: message.id }, "aria-label": label(message, author) },
    usedLine(message, page),
    joined ? h("span", { class: "avatar-gap" }) : avatar(author), body);
}

function label(message, author) {
  return t("message.by", { name: author.name });
}

/** Who wrote it: somebody of the view, else what the message itself says (a person who left). */
export function authorOf(message, page) {
  const known = page.view.users.find((user) => user.key === message.author_key || user.id === message.author?.id);
  const name = message.author?.global_name || message.author?.username || "?";
  return known ?? { name, initials: name.slice(0, 1), color: null, bot: Boolean(message.author?.bot), roles: [] };
}

/** A message directly after another of the same author needs no second head. */
function joins(message, previous) {
  if (!previous || message.used_command || message.ephemeral || previous.ephemeral) return false;
  if (previous.author?.id !== message.author?.id || (message.components ?? []).length) return false;
  const gap = new Date(message.timestamp) - new Date(previous.timestamp);
  return gap >= 0 && gap < JOINS_WITHIN_MS;
}

/** Names for the mentions in a text, and what clicking one does. */
export function textContext(message, page) {
  const { view } = page;
  const resolved = message?.mentions_resolved ?? {};
  const byId = (list) => Object.fromEntries(list.map((one) => [one.id, one.name]));
  const roles = view.users.flatMap((user) => user.roles ?? []);
  return {
    names: {
      users: { ...byId(view.users), ...resolved.users },
      roles: { ...Object.fromEntries(roles.map((role) => [role.id, role])), ...resolved.roles },
      channels: { ...byId(view.channels), ...resolved.channels },
    },
    now: page.now(), me: view.me.id, onChannel: page.openChannel,
  };
}

function head(message, page) {
  const author = authorOf(message, page);
  const date = new Date(message.timestamp);
  return h("header", { class: "message-head" },
    h("span", { class: "author", text: author.name }),
    author.bot ? h("span", { class: "badge is-app", text: t("people.app") }) : null,
    h("time", { class: "when", datetime: message.timestamp, title: fullStamp(date), text: messageTime(date, page.now()) }));
}

function usedLine(message, page) {
  const used = message.used_command;
  if (!used?.command) return null;
  const user = page.view.users.find((one) => one.key === used.user);
  return h("p", { class: "used-command" }, icon("reply"), user ? avatar(user, "is-tiny") : null,
    h("span", {}, t("message.used", { name: used.name }), " ", h("code", { text: `/${used.command}` })));
}

function thinking() {
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return h("p", { class: "thinking", role: "status" }, dots, t("message.thinking"));
}

function content(message, context) {
  const componentsOnly = (message.flags ?? 0) & COMPONENTS_ONLY;
  const showEmbeds = !((message.flags ?? 0) & SUPPRESS_EMBEDS);
  const parts = [];
  if (!componentsOnly && message.content) parts.push(h("div", { class: "md" }, markdown(message.content, context)));
  if (message.edited_timestamp) parts.push(editedMark(message));
  if (showEmbeds) parts.push(...(message.embeds ?? []).map((one) => embed(one, context)));
  if (!componentsOnly) parts.push(attachments(message.attachments ?? []));
  parts.push(h("div", { class: "components" }, (message.components ?? []).map((one) => component(one, context))));
  return parts;
}

function editedMark(message) {
  return h("span", { class: "edited", title: fullStamp(new Date(message.edited_timestamp)), text: t("message.edited") });
}

function failureNote(message, page) {
  const text = page.failures.get(message.id);
  return text ? h("p", { class: "failure", role: "alert" }, icon("warn"), text) : null;
}

function privateNote(message, page) {
  const dismiss = h("button", { type: "button", class: "link-button", text: t("message.dismiss"), on: { click: () => page.hide(message.id) } });
  return h("p", { class: "private-note" }, icon("eye"), h("span", { text: t("message.onlyYou") }), " · ", dismiss);
}

function embed(data, context) {
  const box = paint(h("div", { class: "embed" }), "--stripe", hexColour(data.color));
  const title = data.title && h("p", { class: "embed-title" }, linked(data.title, data.url, context));
  const author = data.author?.name && h("p", { class: "embed-author" }, linked(data.author.name, data.author.url, context));
  const fields = (data.fields ?? []).map((field) => h("div", { class: field.inline ? "embed-field is-inline" : "embed-field" },
    h("p", { class: "embed-name" }, markdownLine(field.name, context)), h("div", { class: "md" }, markdown(field.value, context))));
  const when = data.timestamp ? messageTime(new Date(data.timestamp), context.now) : null;
  const footer = [data.footer?.text, when].filter(Boolean).join(" · ");
  box.append(h("div", { class: "embed-main" }, author, title,
    data.description && h("div", { class: "md" }, markdown(data.description, context)),
    fields.length ? h("div", { class: "embed-fields" }, fields) : null,
    data.image?.url && picture({ url: data.image.url, name: data.title ?? t("media.picture") }),
    footer && h("p", { class: "embed-footer", text: footer })));
  if (data.thumbnail?.url) box.append(picture({ url: data.thumbnail.url, name: data.title ?? t("media.picture"), size: "is-thumb" }));
  return box;
}

function linked(text, url, context) {
  const inner = markdownLine(text, context);
  return /^https?:\/\//i.test(url ?? "") ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, inner) : inner;
}
