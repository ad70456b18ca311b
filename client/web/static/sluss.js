// What the page can do without being asked: every one of these spares a click, none is needed.
import { autosave, checksum, conditions, digits, guard, identity } from "./form.js";
import { hide, live, narrow } from "./around.js";
import { count } from "./leaving.js";

document.documentElement.classList.add("scripted");
document.querySelector("[data-focus]")?.focus();
for (const select of document.querySelectorAll("[data-submit]")) select.addEventListener("change", () => select.form.submit());
for (const form of document.querySelectorAll("form.form")) {
  conditions(form);
  if ("autosave" in form.dataset) autosave(form);
  if ("guard" in form.dataset) guard(form);
  if ("digits" in form.dataset) digits(form);
  for (const field of form.querySelectorAll("[data-identity]")) identity(field);
}
for (const field of document.querySelectorAll("[data-narrow]")) narrow(field);
const countdown = document.querySelector("[data-countdown]");
if (countdown) count(countdown);
for (const button of document.querySelectorAll("[data-print]")) { button.hidden = false; button.addEventListener("click", () => print()); }
for (const field of document.querySelectorAll("[data-checksum]")) checksum(field);
hide();
if (document.querySelector("meta[name=seen]")) live();
