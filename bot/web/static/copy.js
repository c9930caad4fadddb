// Buttons that copy the text of a field. Without scripts the field itself can be marked and copied.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.addEventListener("focus", () => field.select());
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      return; // not allowed here: the field is marked, so the keyboard can copy it
    }
    button.querySelector("span").textContent = button.dataset.copied;
  });
}
