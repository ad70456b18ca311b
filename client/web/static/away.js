// Nothing may be seen any more: the keys are locked, somebody hides the page, or this tab was put away by the browser.
const LEAVE_MS = 2000;
const savers = new Set();
let leaving = false;

// What is to be saved before a page goes.
export const beforeLeaving = (save) => savers.add(save);

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
  await Promise.race([Promise.allSettled([...savers].map((save) => save())), new Promise((done) => setTimeout(done, LEAVE_MS))]);
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

// A page that the browser keeps for the back button, or freezes, is covered before it is put away; what it may show
// then is asked anew.
export function putAway(wake) {
  addEventListener("pagehide", (event) => { if (event.persisted) cover(true); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.addEventListener("freeze", () => cover(true));
  document.addEventListener("resume", wake);
}
