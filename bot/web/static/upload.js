// The upload page: a picture chosen, dropped or pasted, made smaller here, and sent with progress.
// Without this script the same form posts the file as it is.
"use strict";

const LONGEST_SIDE = 1600;
const QUALITY = 0.82;

const form = document.querySelector("[data-upload]");
if (form) {
  const input = form.elements.picture;
  const drop = form.querySelector("[data-drop]");
  const shown = form.querySelector("[data-shown]");
  const hint = form.querySelector("[data-picture-hint]");
  const remove = form.querySelector("[data-remove]");
  const usual = hint.textContent;

  const take = (file) => {
    const fine = !file || /^image\//.test(file.type);
    hint.textContent = fine ? usual : hint.dataset.error;
    hint.classList.toggle("is-bad-text", !fine);
    if (!fine) return take(null);
    if (file !== input.files[0]) {
      const transfer = new DataTransfer();
      if (file) transfer.items.add(file);
      input.files = transfer.files;
    }
    if (shown.src) URL.revokeObjectURL(shown.src);
    shown.hidden = remove.hidden = !file;
    drop.classList.toggle("is-filled", Boolean(file));
    if (file) shown.src = URL.createObjectURL(file);
    else shown.removeAttribute("src");
  };

  shown.addEventListener("error", () => {
    hint.textContent = hint.dataset.error;
    hint.classList.add("is-bad-text");
  });
  input.addEventListener("change", () => take(input.files[0] ?? null));
  remove.addEventListener("click", () => { take(null); input.focus(); });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("is-over"); });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("is-over");
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (file) { event.preventDefault(); take(file); }
  });

  // The total follows the ticked bills; its pattern is the club's own way to write an amount.
  const total = form.querySelector("[data-total]");
  const boxes = [...form.querySelectorAll("[data-minor]")];
  const write = (minor) => {
    const zero = total.dataset.format;
    const places = (/0\.(0+)/.exec(zero)?.[1] ?? "").length;
    const text = (minor / 10 ** places).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
    return zero.replace(/0(\.0+)?/, text);
  };
  const count = () => { total.textContent = write(boxes.filter((box) => box.checked).reduce((sum, box) => sum + Number(box.dataset.minor), 0)); };
  for (const box of boxes) box.addEventListener("change", count);
  if (boxes.length) count();

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[data-send]");
    if (button.disabled) return;
    const label = button.querySelector("span");
    const before = label.textContent;
    const failed = form.querySelector("[data-failed]");
    const bar = form.querySelector("[data-progress]");
    button.disabled = true;
    label.textContent = button.dataset.busyText;
    failed.hidden = true;
    const data = new FormData(form);
    const file = input.files[0];
    if (file) data.set("picture", await smaller(file), "picture");
    try {
      const answer = await post(location.href, data, (share) => { bar.hidden = false; bar.value = share * 100; });
      if (new URL(answer.responseURL).pathname !== location.pathname) location.replace(answer.responseURL);
      else show(answer.responseText);
    } catch {
      failed.hidden = false;
    } finally {
      bar.hidden = true;
      button.disabled = false;
      delete form.dataset.busy;
      label.textContent = before;
    }
  });
}

/** The picture with its longer side at most 1600 px as JPEG; the file itself when that fails or gains nothing. */
async function smaller(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  }
}

function post(url, data, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) progress(event.loaded / event.total); });
    request.addEventListener("load", () => (request.status < 500 ? resolve(request) : reject(request)));
    request.addEventListener("error", () => reject(request));
    request.addEventListener("timeout", () => reject(request));
    request.send(data);
  });
}

/** A refusal is a whole page; what it says goes to the top, what was filled in stays. */
function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  const error = next.getElementById("error");
  if (error && next.querySelector("[data-upload]")) {
    document.getElementById("error")?.remove();
    form.before(error);
    error.scrollIntoView({ block: "center" });
  } else {
    document.getElementById("live").replaceWith(next.getElementById("live"));
  }
}
