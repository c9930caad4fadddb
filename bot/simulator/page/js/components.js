/** Discord's message components → DOM: containers, sections, galleries, buttons, selects. */
import { h, hexColour, paint } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { emojiText, TYPE } from "./kinds.js";
import { markdown } from "./markdown.js";
import { fileCard, picture } from "./media.js";
import { selectButton } from "./select.js";

const STYLES = { 1: "is-primary", 2: "is-secondary", 3: "is-success", 4: "is-danger", 5: "is-link", 6: "is-primary" };

const BUILDERS = {
  [TYPE.row]: (data, context) => h("div", { class: "action-row" }, children(data, context)),
  [TYPE.button]: button,
  [TYPE.select]: selectButton,
  [TYPE.userSelect]: selectButton,
  [TYPE.roleSelect]: selectButton,
  [TYPE.mentionableSelect]: selectButton,
  [TYPE.channelSelect]: selectButton,
  [TYPE.section]: section,
  [TYPE.text]: (data, context) => h("div", { class: "md" }, markdown(data.content, context)),
  [TYPE.thumbnail]: (data) => media(data, "is-thumb"),
  [TYPE.gallery]: gallery,
  [TYPE.file]: file,
  [TYPE.separator]: separator,
  [TYPE.container]: container,
};

/** One component as a node; a kind that the page does not know is named, not dropped. */
export function component(data, context) {
  const build = BUILDERS[data?.type];
  return build ? build(data, context) : h("p", { class: "missing", text: t("component.unknown", { type: data?.type ?? "?" }) });
}

const children = (data, context) => (data.components ?? []).map((one) => component(one, context));

function container(data, context) {
  const box = h("div", { class: "container" }, children(data, context));
  paint(box, "--stripe", hexColour(data.accent_color));
  return data.spoiler ? coveredBox(box) : box;
}

function coveredBox(box) {
  const open = h("button", { type: "button", class: "cover-button", text: t("message.spoiler") });
  box.setAttribute("inert", "");
  const outer = h("div", { class: "covered" }, box, open);
  open.addEventListener("click", () => {
    box.removeAttribute("inert");
    outer.replaceWith(box);
  });
  return outer;
}

function section(data, context) {
  return h("div", { class: "section" }, h("div", { class: "section-text" }, children(data, context)),
    data.accessory ? h("div", { class: "section-side" }, component(data.accessory, context)) : null);
}

function media(data, size = "") {
  const source = data.media ?? {};
  return picture({ url: source.url, name: data.description || t("media.picture"), size, spoiler: Boolean(data.spoiler) });
}

function gallery(data) {
  const items = data.items ?? [];
  return h("div", { class: `gallery of-${Math.min(items.length, 4)}` }, items.map((item) => media(item)));
}

function file(data) {
  const url = data.file?.url ?? "";
  const name = data.name || decodeURIComponent(url.split("?")[0].split("/").pop() ?? "");
  return fileCard({ url, name, size: data.size });
}

function separator(data) {
  const wide = data.spacing === 2 ? "is-wide" : "";
  return data.divider === false ? h("div", { class: `gap ${wide}` }) : h("hr", { class: `divider ${wide}` });
}

function button(data, context) {
  const inside = [emojiText(data.emoji), data.label ? h("span", { text: data.label }) : null];
  const classes = `button ${STYLES[data.style] ?? "is-secondary"}`;
  const name = data.label ? null : data.emoji?.name ?? t("component.button");
  if (data.style === 5) {
    const usable = /^https?:\/\//i.test(data.url ?? "") && !data.disabled;
    return h("a", { class: classes, href: usable ? data.url : null, target: "_blank", rel: "noopener noreferrer", "aria-label": name,
      "aria-disabled": usable ? null : "true" }, inside, icon("external"));
  }
  const node = h("button", { type: "button", class: classes, disabled: Boolean(data.disabled), "aria-label": name,
    dataset: { customId: data.custom_id ?? "" } }, inside);
  node.addEventListener("click", () => context.page.click(context.message, data, node));
  return node;
}
