/** Pictures and files in messages, and the large view of a picture. */
import { byId, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

/** The address if it is on this server, else null: the page loads nothing from anywhere else. */
export function localUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    const loopback = ["127.0.0.1", "localhost", "[::1]"];
    const same = parsed.port === location.port && loopback.includes(parsed.hostname) && loopback.includes(location.hostname);
    if (parsed.origin !== location.origin && !same) return null;
    return parsed.pathname + parsed.search;
  } catch {
    return null;
  }
}

export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

/** A picture as a button that opens it large. A spoiler is covered until the first press. */
export function picture({ url, name, size = "", spoiler = false }) {
  const address = localUrl(url);
  if (!address) return elsewhere(url, name);
  const image = h("img", { src: address, alt: name, loading: "lazy" });
  const button = h("button", { type: "button", class: `picture ${size} ${spoiler ? "is-covered" : ""}`.trim() }, image,
    spoiler ? h("span", { class: "cover", text: t("message.spoilerShort") }) : null);
  button.setAttribute("aria-label", spoiler ? t("message.spoiler") : t("media.enlarge", { name }));
  image.addEventListener("error", () => button.replaceWith(h("p", { class: "missing", text: t("media.gone", { name }) })));
  button.addEventListener("click", () => {
    if (button.classList.contains("is-covered")) {
      button.classList.remove("is-covered");
      button.setAttribute("aria-label", t("media.enlarge", { name }));
    } else openLarge(address, name);
  });
  return button;
}

function elsewhere(url, name) {
  const safe = /^https?:\/\//i.test(url ?? "");
  return h("p", { class: "missing" }, icon("image"), safe
    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer", text: name }) : name);
}

export function fileCard({ url, name, size }) {
  const address = localUrl(url);
  const label = address ? h("a", { href: address, target: "_blank", rel: "noopener", download: name, text: name }) : h("span", { text: name });
  return h("div", { class: "file-card" }, icon("file"), h("div", {}, label, h("span", { class: "muted", text: fileSize(size) })));
}

/** A message's attachments: pictures in a grid, other files as cards. */
export function attachments(list) {
  if (!list.length) return null;
  const isPicture = (one) => /^image\//.test(one.content_type ?? "") || /\.(png|jpe?g|webp|gif)$/i.test(one.filename ?? "");
  const pictures = list.filter(isPicture).map((one) =>
    picture({ url: one.url, name: one.description || one.filename, spoiler: /^SPOILER_/.test(one.filename ?? "") }));
  const files = list.filter((one) => !isPicture(one)).map((one) => fileCard({ url: one.url, name: one.filename, size: one.size }));
  return h("div", { class: "attachments" }, pictures.length ? h("div", { class: `gallery of-${Math.min(pictures.length, 4)}` }, pictures) : null, files);
}

function openLarge(address, name) {
  const dialog = byId("lightbox");
  const close = h("button", { type: "button", class: "icon-button", "aria-label": t("common.close"), on: { click: () => dialog.close() } }, icon("close"));
  const original = h("a", { href: address, target: "_blank", rel: "noopener", text: t("media.original") });
  fill(dialog, h("div", { class: "lightbox-bar" }, h("p", { text: name }), original, close), h("img", { src: address, alt: name }));
  dialog.setAttribute("aria-label", name);
  dialog.showModal();
}
