// What the page can do without being asked: every one of these spares a click, none is needed.
import { autosave, checksum, conditions, digits, guard, identity } from "./form.js";
import { live, narrow } from "./around.js";
import { framed, hide, putAway } from "./away.js";
import { count } from "./leaving.js";

// A form, also one that came with a renewed part of the page.
function wire(form) {
  if (form.matches(".form")) conditions(form);
  if ("autosave" in form.dataset) autosave(form);
  if ("guard" in form.dataset) guard(form);
  if ("digits" in form.dataset) digits(form);
  for (const field of form.querySelectorAll("[data-identity]")) identity(field);
}

document.documentElement.classList.add("scripted");
document.querySelector("[data-focus]")?.focus();
document.addEventListener("change", ({ target }) => { if ("submit" in target.dataset) target.form.submit(); });
for (const form of document.querySelectorAll("form")) wire(form);
for (const field of document.querySelectorAll("[data-narrow]")) narrow(field);
const countdown = document.querySelector("[data-countdown]");
if (countdown) count(countdown);
for (const button of document.querySelectorAll("[data-print]")) { button.hidden = false; button.addEventListener("click", () => print()); }
for (const field of document.querySelectorAll("[data-checksum]")) checksum(field);
hide();
if (document.querySelector("iframe")) framed();
if (document.querySelector("meta[name=seen]")) putAway(live(wire));
