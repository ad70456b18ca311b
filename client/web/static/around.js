// Around the page: hear what changed and renew it, tell that somebody is here, narrow a list.
import { cover, leave } from "./away.js";
import { place } from "./focus.js";

const policy = window.trustedTypes?.createPolicy("sluss", { createHTML: (text) => text });
const AWAY_MS = 10000;
const HERE_MS = 20000;
const WRITTEN = "input, textarea, select";

// A page that was fetched, to take parts of.
export const parsed = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");

// The socket says a word when something changed; the part of the page that is alive is then fetched and exchanged. The
// page tells which state it shows: what changed before the socket stood, or while it was away, is not missed. Without a
// socket nobody would say that the keys are locked: the page is covered until there is one.
const state = (page) => page.querySelector("meta[name=seen]");

export function live(wire) {
  const bare = "bare" in state(document).dataset;
  let wait = 500;
  let away = 0;
  let socket;
  const heard = ({ data }) => {
    wait = 500;
    clearTimeout(away);
    away = 0;
    if (data === "hidden") leave("/hidden");
    else if (data === "locked" && !bare) leave("/unlock");
    else {
      cover(false);
      if (data === "changed") renew(wire);
    }
  };
  const open = () => {
    socket = new WebSocket(`ws://${location.host}/live?seen=${state(document).content}`);
    socket.addEventListener("message", heard);
    socket.addEventListener("close", () => {
      if (!bare) away ||= setTimeout(() => cover(true, "away"), AWAY_MS);
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 15000);
    });
  };
  let told = 0;
  const here = (event) => {
    if (!event.isTrusted || Date.now() - told < HERE_MS || socket.readyState !== WebSocket.OPEN) return;
    told = Date.now();
    socket.send("here");
  };
  for (const what of ["keydown", "pointerdown", "input", "wheel"]) addEventListener(what, here, { capture: true, passive: true });
  open();
  return () => socket.close(); // another one opens, and its first word uncovers the page
}

// A tab that nobody sees is renewed when somebody does: what is drawn counts as read, and may stand in the log of readings.
let unseen = false;

function later(wire) {
  if (unseen) return;
  unseen = true;
  const seen = () => {
    if (document.hidden) return;
    unseen = false;
    document.removeEventListener("visibilitychange", seen);
    renew(wire);
  };
  document.addEventListener("visibilitychange", seen);
}

async function renew(wire) {
  if (document.hidden) { later(wire); return; }
  const here = document.querySelector("[data-live]");
  const focused = document.activeElement;
  if (!here) return;
  if (here.contains(focused) && focused.matches("select")) { // its list may be open
    focused.addEventListener("blur", () => renew(wire), { once: true });
    return;
  }
  const answer = await fetch(location.href, { headers: { "X-Refresh": "1" } }).catch(() => null);
  if (!answer) return;
  if (answer.redirected) { leave(answer.url); return; }
  if (!answer.ok) return;
  const page = parsed(await answer.text());
  const fresh = page.querySelector("[data-live]");
  if (fresh) exchange(here, document.adoptNode(fresh), state(page)?.content ?? "", wire);
}

// What somebody writes in stays as it is, at its place on the fresh page. Where that place is gone, nothing is exchanged.
function exchange(here, fresh, seen, wire) {
  const focused = document.activeElement;
  const found = place(here);
  const range = focused.matches?.("textarea, input") ? [focused.selectionStart, focused.selectionEnd] : null;
  const kept = [...here.querySelectorAll("form")].filter((form) => written(form) || form.contains(focused) && focused.matches(WRITTEN));
  const places = kept.map((form) => form.id && fresh.querySelector(`#${CSS.escape(form.id)}`));
  if (!places.every(Boolean)) { behind(here); return; }
  const opened = [...here.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
  state(document).content = seen;
  for (const form of fresh.querySelectorAll("form")) if (!places.includes(form)) wire(form);
  here.replaceWith(fresh);
  kept.forEach((form, number) => places[number].replaceWith(form));
  for (const summary of fresh.querySelectorAll("details > summary")) if (opened.includes(summary.textContent)) summary.parentElement.open = true;
  const again = focused.isConnected ? focused : found(fresh);
  if (!again || again === document.body) return;
  again.focus({ preventScroll: true });
  if (range && range[0] !== null && again === focused) again.setSelectionRange(...range);
}

// Whether somebody typed or chose something that is not the page's own.
export function written(form) {
  return [...form.elements].some((one) => {
    if (one.type === "checkbox" || one.type === "radio") return one.checked !== one.defaultChecked;
    if (one.matches("select")) return one.selectedIndex !== Math.max(0, [...one.options].findIndex((option) => option.defaultSelected));
    return one.matches("input, textarea") && one.type !== "hidden" && one.value !== one.defaultValue;
  });
}

function behind(here) {
  if (here.querySelector(".behind")) return;
  const line = document.createElement("p");
  line.className = "trouble behind";
  line.setAttribute("role", "status");
  line.textContent = document.documentElement.dataset.behind;
  here.prepend(line);
}

// Shows only what holds the typed words.
export function narrow(field) {
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of document.querySelectorAll(field.dataset.narrow)) one.hidden = !words.every((word) => one.dataset.text.includes(word));
  });
}
