/** A file field: choose, drop or paste, or take a sample; shows what was chosen and reads it for sending. */
import { fill, h, uid } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { fileSize } from "./media.js";

const LARGEST_BYTES = 25 * 1024 * 1024;

/**
 * `samples`: buttons `[{label, make: async () => File}]`. Returns `{node, files(), problem()}`;
 * `least` and `most` are how many files are wanted.
 */
export function fileField({ label, least = 0, most = 1, accept = "", samples = [], onChange = () => {} }) {
  const chosen = [];
  const id = uid("file");
  const input = h("input", { id, type: "file", class: "visually-hidden", accept, multiple: most > 1 });
  const list = h("ul", { class: "chosen-files" });
  const hint = h("p", { class: "hint" });
  const drop = h("label", { class: "drop-zone", for: id }, icon("upload"), h("span", { text: t(most > 1 ? "file.chooseMany" : "file.choose") }));
  const show = () => {
    fill(list, chosen.map((file) => chosenRow(file, () => remove(file))));
    drop.hidden = chosen.length >= most;
    onChange();
  };
  const remove = (file) => {
    chosen.splice(chosen.indexOf(file), 1);
    show();
    input.focus();
  };
  const add = (files) => {
    hint.textContent = "";
    for (const file of files) {
      if (file.size > LARGEST_BYTES) hint.textContent = t("file.tooLarge", { name: file.name });
      else if (most === 1) chosen.splice(0, 1, file);
      else if (chosen.length < most) chosen.push(file);
      else hint.textContent = t("file.tooMany", { n: most });
    }
    input.value = "";
    show();
  };
  input.addEventListener("change", () => add([...input.files]));
  listenForDrops(drop, add);
  input.setAttribute("aria-label", label);
  const buttons = samples.map(({ label: words, make }) => h("button", {
    type: "button", class: "button is-secondary is-small", on: { click: async () => add([await make()]) },
  }, icon("receipt"), h("span", { text: words })));
  const node = h("div", { class: "file-field" }, input, drop, list, buttons.length ? h("div", { class: "samples" }, buttons) : null, hint);
  node.addEventListener("paste", (event) => event.clipboardData?.files.length && add([...event.clipboardData.files]));
  return { node, files: () => chosen, problem: () => (chosen.length < least ? t("form.fileMissing") : null) };
}

function listenForDrops(zone, add) {
  const mark = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("is-over", on);
  };
  zone.addEventListener("dragover", mark(true));
  zone.addEventListener("dragleave", mark(false));
  zone.addEventListener("drop", (event) => {
    mark(false)(event);
    add([...event.dataTransfer.files]);
  });
}

function chosenRow(file, onRemove) {
  const remove = h("button", { type: "button", class: "icon-button", "aria-label": t("file.remove", { name: file.name }), on: { click: onRemove } }, icon("close"));
  return h("li", {}, preview(file), h("span", { class: "chosen-name" }, h("span", { text: file.name }), h("span", { class: "muted", text: fileSize(file.size) })), remove);
}

/** Drawn on a canvas: needs no address for the picture, so the page's policy stays closed. */
function preview(file) {
  if (!/^image\//.test(file.type)) return icon("file");
  const canvas = h("canvas", { width: 72, height: 96, "aria-hidden": "true" });
  createImageBitmap(file).then((image) => {
    const scale = Math.max(72 / image.width, 96 / image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    canvas.getContext("2d").drawImage(image, (72 - width) / 2, 0, width, height);
    image.close();
  }).catch(() => canvas.replaceWith(icon("image")));
  return canvas;
}

/** A file as the control API takes it. */
export function encoded(file) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done({
      filename: file.name, content_type: file.type || "application/octet-stream",
      content_base64: reader.result.slice(reader.result.indexOf(",") + 1),
    }));
    reader.addEventListener("error", () => fail(reader.error));
    reader.readAsDataURL(file);
  });
}
