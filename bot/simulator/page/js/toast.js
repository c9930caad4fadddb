/** Short messages at the edge of the page; read out by screen readers, gone after a while. */
import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./i18n.js";

const STAYS_MS = 6500;
const MOST = 4;

/** `kind`: "ok", "info" or "bad". A bad one stays until it is closed or pushed out. */
export function toast(text, kind = "info") {
  const region = byId("toasts");
  const remove = () => box.remove();
  const close = h("button", { class: "icon-button", type: "button", "aria-label": t("common.close"), on: { click: remove } }, icon("close"));
  const mark = icon({ ok: "check", bad: "warn" }[kind] ?? "bolt", "toast-mark");
  const box = h("div", { class: `toast is-${kind}` }, mark, h("p", { text }), close);
  region.append(box);
  while (region.children.length > MOST) region.firstElementChild.remove();
  if (kind !== "bad") setTimeout(remove, STAYS_MS);
}
