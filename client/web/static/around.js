// Around the page: hide it quickly, renew what changed, narrow a list.
const policy = window.trustedTypes?.createPolicy("sluss", { createHTML: (text) => text });

// A page that was fetched, to take parts of.
export const parsed = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");

// Esc twice within a second: a neutral page, and no way back by the back button.
export function hide() {
  let before = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - before < 1000) location.replace("/hidden");
    before = event.timeStamp;
  });
  document.querySelector("[data-hide]")?.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace("/hidden");
  });
}

// The socket says that something changed; the part of the page that is alive is then fetched and exchanged. The page tells
// which state it shows: what changed before the socket stood, or while it was away, is not missed.
const state = (page) => page.querySelector("meta[name=seen]");

export function live() {
  let wait = 500;
  const open = () => {
    const socket = new WebSocket(`ws://${location.host}/live?seen=${state(document).content}`);
    socket.addEventListener("open", () => { wait = 500; });
    socket.addEventListener("message", renew);
    socket.addEventListener("close", () => { setTimeout(open, wait); wait = Math.min(wait * 2, 15000); });
  };
  open();
}

async function renew() {
  const here = document.querySelector("[data-live]");
  if (!here || here.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
  const answer = await fetch(location.href, { headers: { "X-Refresh": "1" } }).catch(() => null);
  if (!answer) return;
  if (answer.redirected) { location.assign(answer.url); return; }
  if (!answer.ok) return;
  const page = parsed(await answer.text());
  const fresh = page.querySelector("[data-live]");
  if (!fresh) return;
  state(document).content = state(page)?.content ?? "";
  const focused = document.activeElement?.id;
  const opened = [...here.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
  here.replaceWith(document.adoptNode(fresh));
  for (const summary of fresh.querySelectorAll("details > summary")) if (opened.includes(summary.textContent)) summary.parentElement.open = true;
  if (focused) document.getElementById(focused)?.focus();
}

// Shows only what holds the typed words.
export function narrow(field) {
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of document.querySelectorAll(field.dataset.narrow)) one.hidden = !words.every((word) => one.dataset.text.includes(word));
  });
}
