// A document that leaves: the seconds in which it can be taken back, and then how far it has come, on the same page.
import { parsed, renew } from "./around.js";
import { leave } from "./away.js";

const AGAIN_MS = 1000;
let going = false; // somebody is on the way to another page: nothing here leads elsewhere, or takes the focus, any more

export function count(seconds) {
  addEventListener("beforeunload", () => { going = true; });
  const timer = setInterval(() => {
    seconds.textContent = Math.max(0, Number(seconds.textContent) - 1);
    if (seconds.textContent !== "0") return;
    clearInterval(timer);
    const status = document.querySelector("[data-over]");
    status.textContent = status.dataset.over;
    seconds.parentElement.hidden = true;
    const undo = document.querySelector("[value=undo]");
    if (undo === document.activeElement) undo.parentElement.querySelector("a").focus();
    undo.hidden = true;
    follow();
  }, 1000);
}

// The address of a draft that has left leads to where its way is told; that page then stands here, and renews itself.
async function follow() {
  const answer = await fetch(location.href, { headers: { "X-Refresh": "1" } }).catch(() => null);
  if (going) return;
  if (!answer?.ok || !answer.redirected) { setTimeout(follow, AGAIN_MS); return; }
  if (!new URL(answer.url).pathname.startsWith("/thread/")) { leave(answer.url); return; }
  const page = parsed(await answer.text());
  if (going) return;
  const [here, fresh] = [document, page].map((one) => one.querySelector("main"));
  const within = [here, document.body].some((one) => one === document.activeElement) || here.contains(document.activeElement);
  history.replaceState(null, "", answer.url);
  document.title = page.title;
  here.replaceWith(document.adoptNode(fresh));
  if (within) fresh.focus(); // who has gone on to the menu stays there
  renew(); // what changed meanwhile had no place here yet
}
