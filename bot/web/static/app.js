// Small comforts on top of pages that work without any of this. htmx does the form posts (docs/web.md).
"use strict";

document.documentElement.classList.add("js");

const live = () => document.getElementById("live");

// A choice that only looks somewhere else goes there at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-go]")) event.target.form.requestSubmit();
});

// The sheet behind More closes when something else is touched.
document.addEventListener("click", (event) => {
  const sheet = document.getElementById("more");
  if (sheet?.open && !sheet.contains(event.target)) sheet.open = false;
});

// One press is one submit: a second one while the first is under way is ignored.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.busy) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  else if (form.getAttribute("method") === "post") {
    form.dataset.busy = "1";
    setTimeout(() => delete form.dataset.busy, 4000);
  }
}, true);
document.addEventListener("htmx:finally:request", (event) => {
  delete event.target.dataset?.busy;
  for (const form of document.querySelectorAll("[data-busy]")) delete form.dataset.busy;
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-busy]")) delete form.dataset.busy;
});
