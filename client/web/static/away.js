// Nothing may be seen any more: the keys are locked, somebody hides the page, or this tab was put away by the browser.
const LEAVE_MS = 2000;
const TABBED_MS = 500;
const savers = new Map();
let leaving = false;

// How a form is saved before its page goes. A form that is not on the page any more has nothing to save.
export const beforeLeaving = (form, save) => savers.set(form, save);

function saved(how) {
  for (const form of savers.keys()) if (!form.isConnected) savers.delete(form);
  return Promise.allSettled([...savers.values()].map((save) => save(how)));
}

export function cover(on, why = "") {
  if (leaving && !on) return;
  document.documentElement.classList.toggle("covered", on);
  document.documentElement.classList.toggle("covered--away", on && why === "away");
}

// Covered at once; what was being written is saved; and the page is gone from this place in the history. A page that
// tells nothing of anybody may stay.
export async function leave(address) {
  if (leaving) return;
  leaving = true;
  cover(true);
  document.title = "Sluss";
  await Promise.race([saved({}), new Promise((done) => setTimeout(done, LEAVE_MS))]);
  location.replace(address);
}

// Esc twice within a second: a neutral page. The server shows no other one until somebody comes back from it.
export function hide() {
  let before = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - before < 1000) leave("/hidden");
    before = event.timeStamp;
  });
  document.querySelector("[data-hide]")?.addEventListener("click", (event) => {
    event.preventDefault();
    leave("/hidden");
  });
}

// Keys go to the file in a frame while the focus stands there, and nobody here hears of Esc. So the focus comes back from
// it, except for who went in with Tab, to read the file by the keyboard, and goes out the same way.
export function framed() {
  let tabbed = -TABBED_MS;
  document.addEventListener("keydown", (event) => { if (event.key === "Tab") tabbed = event.timeStamp; });
  addEventListener("blur", (event) => {
    if (event.timeStamp - tabbed < TABBED_MS) return;
    setTimeout(() => { if (document.activeElement.matches("iframe")) document.getElementById("main").focus({ preventScroll: true }); });
  });
}

// A page that the browser keeps for the back button, or freezes, is covered before it is put away; what it may show
// then is asked anew. What was typed last, and has not been saved, is saved while the page goes.
export function putAway(wake) {
  addEventListener("pagehide", (event) => {
    saved({ keepalive: true });
    if (event.persisted) cover(true);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.addEventListener("freeze", () => cover(true));
  document.addEventListener("resume", wake);
}
