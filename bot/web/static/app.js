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

// --- staying up to date: another person's decision shows here within seconds -------------------------------

const POLL_MILLISECONDS = 4000;

function isBusy() {
  const at = document.activeElement;
  const typing = at?.matches("input, select, textarea") && live().contains(at);
  return typing || live().querySelector("details[data-fold][open], form[data-busy]") !== null;
}

async function poll() {
  const { versionUrl, version } = live()?.dataset ?? {};
  if (!versionUrl || document.hidden || isBusy()) return;
  try {
    const answer = await fetch(versionUrl, { headers: { Accept: "application/json" }, redirect: "error" });
    if (answer.ok && String((await answer.json()).version) !== version && !isBusy()) await refresh();
  } catch {
    // offline, or signed out: the next click says so
  }
}

function refresh() {
  return htmx.ajax("GET", location.pathname + location.search, {
    target: "#live", select: "#live", swap: "outerMorph show:none",
  });
}

setInterval(poll, POLL_MILLISECONDS);
document.addEventListener("visibilitychange", poll);

// --- the review desk by keyboard ---------------------------------------------------------------------------

const rows = () => [...document.querySelectorAll("[data-row]")];
const current = () => document.activeElement?.closest("[data-row]") ?? null;
let place = 0;

function go(step) {
  const all = rows();
  if (!all.length) return;
  const here = all.indexOf(current());
  place = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, here + step));
  all[place].focus({ preventScroll: true });
  all[place].scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  v: () => (current() ?? document).querySelector('[data-key="v"]')?.click(),
  r: () => {
    const fold = (current() ?? document).querySelector("[data-fold]");
    if (!fold) return;
    fold.open = true;
    fold.querySelector('[data-key="r"]')?.focus();
  },
  z: () => document.querySelector('[data-key="z"]')?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") return escape(event);
  if (event.target.matches("input, select, textarea")) return;
  if (event.key === "Enter" && event.target.matches("[data-row]")) {
    event.target.querySelector('[data-key="enter"]')?.click();
    return;
  }
  const act = KEYS[event.key.toLowerCase()];
  if (!act || !document.querySelector("[data-row], [data-key]")) return;
  event.preventDefault();
  act();
});

// Escape leaves what was unfolded and goes back to its row.
function escape(event) {
  const fold = event.target.closest?.("details[open]");
  if (!fold) return;
  fold.open = false;
  (fold.closest("[data-row]") ?? fold.querySelector("summary")).focus();
}

// A row that had the focus and went away hands it to the one that took its place.
document.addEventListener("htmx:before:swap", () => {
  const here = rows().indexOf(current());
  place = here < 0 ? -1 : here;
});
document.addEventListener("htmx:after:swap", () => {
  if (place < 0 || (document.activeElement && document.activeElement !== document.body)) return;
  const all = rows();
  if (all.length) all[Math.min(place, all.length - 1)].focus({ preventScroll: true });
  else document.getElementById("content")?.focus({ preventScroll: true });
});

// --- one picture: turn it, or see it in full size ----------------------------------------------------------

document.addEventListener("click", (event) => {
  const picture = document.querySelector("[data-picture]");
  if (!picture) return;
  if (event.target.closest("[data-turn]")) {
    const turns = (Number(picture.dataset.turns ?? 0) + 1) % 4;
    picture.classList.remove("is-turned-1", "is-turned-2", "is-turned-3");
    if (turns) picture.classList.add(`is-turned-${turns}`);
    picture.dataset.turns = turns;
  }
  const zoom = event.target.closest("[data-zoom]");
  if (zoom) zoom.setAttribute("aria-pressed", String(picture.classList.toggle("is-zoomed")));
});
