/** Discord's markdown → DOM nodes. Never builds markup from text, so a message can only ever be shown. */
import { h, paint } from "./dom.js";
import { fullStamp, stampText, t } from "./i18n.js";

const DEEPEST = 12;
const FENCE = /```(?:([\w+#.-]{1,24})\n)?([\s\S]+?)```/g;

/** Message text as block nodes. `context`: `names` (users, roles, channels by id), `now`, `me`, `onChannel`. */
export function markdown(text, context) {
  const nodes = [];
  let from = 0;
  for (const found of String(text ?? "").matchAll(FENCE)) {
    nodes.push(...blocks(text.slice(from, found.index), context, 0));
    nodes.push(h("pre", { class: "md-code", tabindex: "0" }, h("code", { text: found[2].replace(/\n$/, "") })));
    from = found.index + found[0].length;
  }
  nodes.push(...blocks(String(text ?? "").slice(from), context, 0));
  return nodes;
}

/** The same text on one line, without blocks: for labels, embed fields' names and placeholders. */
export const markdownLine = (text, context) => inline(String(text ?? ""), context, 0);

function blocks(text, context, depth) {
  if (!text.trim()) return [];
  const lines = text.replace(/^\n|\n$/g, "").split("\n");
  const nodes = [];
  while (lines.length) nodes.push(takeBlock(lines, context, depth));
  return nodes;
}

/** Takes the next block off the front of `lines`. */
function takeBlock(lines, context, depth) {
  if (/^>>> /.test(lines[0])) {
    const rest = lines.splice(0).join("\n").slice(4);
    return h("blockquote", {}, blocks(rest, context, depth + 1));
  }
  if (/^> /.test(lines[0]) && depth < DEEPEST) {
    const quoted = takeWhile(lines, (line) => /^> ?/.test(line)).map((line) => line.replace(/^> ?/, ""));
    return h("blockquote", {}, blocks(quoted.join("\n"), context, depth + 1));
  }
  const heading = /^(#{1,3}) +(\S.*)$/.exec(lines[0]);
  if (heading) {
    lines.shift();
    return h("p", { class: `md-h${heading[1].length}` }, inline(heading[2], context, 0));
  }
  const small = /^-# +(\S.*)$/.exec(lines[0]);
  if (small) {
    lines.shift();
    return h("p", { class: "md-small" }, inline(small[1], context, 0));
  }
  if (LIST.test(lines[0])) return takeList(lines, context);
  return takeParagraph(lines, context);
}

const LIST = /^( *)([-*]|\d{1,9}\.) +(\S.*)$/;
const STARTS_BLOCK = /^(>>> |> |#{1,3} +\S|-# +\S)/;

function takeWhile(lines, wanted) {
  const taken = [];
  while (lines.length && wanted(lines[0])) taken.push(lines.shift());
  return taken;
}

/** Consecutive list lines; deeper indentation nests. */
function takeList(lines, context) {
  const [, indent, mark] = LIST.exec(lines[0]);
  const ordered = /\d/.test(mark);
  const list = h(ordered ? "ol" : "ul", { class: "md-list", start: ordered ? parseInt(mark, 10) : null });
  while (lines.length) {
    const found = LIST.exec(lines[0]);
    if (!found || found[1].length < indent.length) break;
    if (found[1].length > indent.length + 1 && list.lastElementChild) {
      list.lastElementChild.append(takeList(lines, context));
      continue;
    }
    if (/\d/.test(found[2]) !== ordered) break;
    lines.shift();
    list.append(h("li", {}, inline(found[3], context, 0)));
  }
  return list;
}

function takeParagraph(lines, context) {
  const taken = [lines.shift()];
  taken.push(...takeWhile(lines, (line) => !STARTS_BLOCK.test(line) && !LIST.test(line)));
  const spaced = taken.length > 1 && !taken[0].trim();
  if (spaced) taken.shift();
  const paragraph = h("p", { class: spaced ? "md-spaced" : null });
  taken.forEach((line, index) => {
    if (index) paragraph.append(h("br"));
    paragraph.append(...inline(line, context, 0));
  });
  return paragraph;
}

const WRAPPERS = [
  ["***", (inner) => h("strong", {}, h("em", {}, inner))],
  ["**", (inner) => h("strong", {}, inner)],
  ["__", (inner) => h("span", { class: "md-underline" }, inner)],
  ["~~", (inner) => h("s", {}, inner)],
  ["||", spoiler],
  ["*", (inner) => h("em", {}, inner)],
  ["_", (inner) => h("em", {}, inner)],
];

function spoiler(inner) {
  const body = h("span", { class: "spoiler-text", "aria-hidden": "true" }, inner);
  const reveal = () => {
    cover.classList.add("is-open");
    body.removeAttribute("aria-hidden");
    cover.removeAttribute("role");
    cover.removeAttribute("tabindex");
    cover.removeAttribute("aria-label");
  };
  const onKey = (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), reveal());
  const props = { class: "spoiler", role: "button", tabindex: "0", "aria-label": t("message.spoiler") };
  const cover = h("span", { ...props, on: { click: reveal, keydown: onKey } }, body);
  return cover;
}

/** Inline markdown of one line as nodes. */
function inline(text, context, depth) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(document.createTextNode(plain));
    plain = "";
  };
  let at = 0;
  while (at < text.length) {
    const found = depth < DEEPEST && tokenAt(text, at, context, depth);
    if (!found) {
      const escaped = text[at] === "\\" && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "");
      plain += text[escaped ? at + 1 : at];
      at += escaped ? 2 : 1;
      continue;
    }
    flush();
    nodes.push(found.node);
    at += found.length;
  }
  flush();
  return nodes;
}

/** The token that starts at `at`: `{node, length}`, or null for plain text. */
function tokenAt(text, at, context, depth) {
  const char = text[at];
  if (char === "`") return codeAt(text, at);
  if (char === "<") return angleAt(text, at, context);
  if (char === "[") return linkAt(text, at, context, depth);
  if (char === "h") return urlAt(text, at);
  if (char === "@") return everyoneAt(text, at);
  if ("*_~|".includes(char)) return wrappedAt(text, at, context, depth);
  return null;
}

function codeAt(text, at) {
  const found = /^(`{1,2})([^`]+?)\1(?!`)/.exec(text.slice(at));
  return found && { node: h("code", { class: "md-inline-code", text: found[2].trim() || found[2] }), length: found[0].length };
}

function wrappedAt(text, at, context, depth) {
  for (const [mark, build] of WRAPPERS) {
    if (!text.startsWith(mark, at)) continue;
    const end = closingOf(text, at, mark);
    if (end < 0) continue;
    const inner = text.slice(at + mark.length, end);
    return { node: build(inline(inner, context, depth + 1)), length: end + mark.length - at };
  }
  return null;
}

/** Where the closing `mark` stands, or -1. Emphasis needs text right inside its marks; `_` needs word edges. */
function closingOf(text, at, mark) {
  const start = at + mark.length;
  if (!text[start] || (mark !== "||" && /\s/.test(text[start]))) return -1;
  if (mark === "_" && /\w/.test(text[at - 1] ?? "")) return -1;
  for (let end = text.indexOf(mark, start); end >= 0; end = text.indexOf(mark, end + 1)) {
    if (end === start || text[end - 1] === "\\") continue;
    if (mark.length === 1 && text[end + 1] === mark) {
      end += 1;
      continue;
    }
    if (mark === "_" && /\w/.test(text[end + 1] ?? "")) continue;
    if (mark === "*" && /\s/.test(text[end - 1])) continue;
    return end;
  }
  return -1;
}

function everyoneAt(text, at) {
  const found = /^@(everyone|here)\b/.exec(text.slice(at, at + 10));
  return found && { node: h("span", { class: "mention", text: found[0] }), length: found[0].length };
}

/** `<@id>`, `<@&id>`, `<#id>`, `<t:…>`, `</command:id>`, `<:emoji:id>` and `<https://…>`. */
function angleAt(text, at, context) {
  const end = text.indexOf(">", at);
  if (end < 0 || end - at > 400) return null;
  const body = text.slice(at + 1, end);
  const length = end + 1 - at;
  const node = mentionNode(body, context) ?? stampNode(body, context) ?? commandNode(body);
  if (node) return { node, length };
  const emoji = /^a?(:\w{2,32}:)\d{5,20}$/.exec(body);
  if (emoji) return { node: document.createTextNode(emoji[1]), length };
  return isWebLink(body) ? { node: anchor(body, [body]), length } : null;
}

function mentionNode(body, { names, me, onChannel }) {
  const found = /^(@!?|@&|#)(\d{1,20})$/.exec(body);
  if (!found) return null;
  const [, kind, id] = found;
  if (kind === "#") {
    const name = names.channels[id];
    if (!name) return h("span", { class: "mention", text: t("mention.channel") });
    return h("button", { class: "mention", type: "button", text: `#${name}`, on: { click: () => onChannel(id) } });
  }
  if (kind === "@&") {
    const role = names.roles[id];
    const dot = role?.color ? paint(h("span", { class: "role-dot" }), "--role", role.color) : null;
    return h("span", { class: "mention" }, dot, `@${role?.name ?? t("mention.role")}`);
  }
  return h("span", { class: id === me ? "mention is-me" : "mention", text: `@${names.users[id] ?? t("mention.user")}` });
}

function stampNode(body, { now }) {
  const found = /^t:(-?\d{1,13})(?::([tTdDfFR]))?$/.exec(body);
  if (!found) return null;
  const date = new Date(Number(found[1]) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const text = stampText(Number(found[1]), found[2], now);
  return h("time", { class: "md-time", datetime: date.toISOString(), title: fullStamp(date), text });
}

function commandNode(body) {
  const found = /^\/([\p{L}\p{N}_ -]{1,100}):\d{1,20}$/u.exec(body);
  return found && h("span", { class: "mention", text: `/${found[1]}` });
}

const isWebLink = (text) => /^https?:\/\/[^\s<>"]+$/i.test(text);

function anchor(url, children) {
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, children);
}

function linkAt(text, at, context, depth) {
  const found = /^\[([^\]\n]{1,400})\]\(<?(https?:\/\/[^\s<>")]+)>?\)/i.exec(text.slice(at, at + 2600));
  return found && { node: anchor(found[2], inline(found[1], context, depth + 1)), length: found[0].length };
}

function urlAt(text, at) {
  if (/\w/.test(text[at - 1] ?? "")) return null;
  const found = /^https?:\/\/[^\s<>"]*[^\s<>".,;:!?)*_'|]/i.exec(text.slice(at, at + 2048));
  return found && { node: anchor(found[0], [found[0]]), length: found[0].length };
}
