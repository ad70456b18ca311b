// Around the page: hear what changed and renew it, tell that somebody is here, narrow a list.
import { cover, leave } from "./away.js";
import { place } from "./focus.js";

const policy = window.trustedTypes?.createPolicy("sluss", { createHTML: (text) => text });
const AWAY_MS = 10000;
const HERE_MS = 20000;
const WRITTEN = "input, textarea, select";
let wiring = () => {}; // what a form that came with a renewed part needs

// A page that was fetched, to take parts of.
export const parsed = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");

// The socket says a word when something changed; the part of the page that is alive is then fetched and exchanged. The
// page tells which state it shows: what changed before the socket stood, or while it was away, is not missed. Without a
// socket nobody would say that the keys are locked: the page is covered until there is one.
const state = (page) => page.querySelector("meta[name=seen]");

export function live(wire) {
  wiring = wire;
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
      if (data === "changed") renew();
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
// So is a part in which a list may stand open, when the list is left.
let waits = false;

function later(where, what, ready) {
  if (waits) return;
  waits = true;
  const on = () => {
    if (!ready()) return;
    waits = false;
    where.removeEventListener(what, on);
    renew();
  };
  where.addEventListener(what, on);
}

// One fetch at a time, and once more for what changed meanwhile: of two on their way the older answer could come last, and
// the page would show it and take itself for the newest.
let fetching = false;
let missed = false;

export async function renew() {
  if (fetching) { missed = true; return; }
  fetching = true;
  try {
    do {
      missed = false;
      await once();
    } while (missed);
  } finally {
    fetching = false;
  }
}

async function once() {
  if (document.hidden) { later(document, "visibilitychange", () => !document.hidden); return; }
  const focused = document.activeElement;
  if (!document.querySelector("[data-live]")) return;
  if (focused.matches("[data-live] select")) { later(focused, "blur", () => true); return; }
  const answer = await fetch(location.href, { headers: { "X-Refresh": "1" } }).catch(() => null);
  if (!answer) return;
  if (answer.redirected) { leave(answer.url); return; }
  if (!answer.ok) return;
  const page = parsed(await answer.text());
  const [here, fresh] = [document, page].map((one) => one.querySelector("[data-live]"));
  if (here && fresh) exchange(here, document.adoptNode(fresh), state(page)?.content ?? "");
}

// What somebody writes in stays as it is, at its place on the fresh page. Where that place is gone, nothing is exchanged.
function exchange(here, fresh, seen) {
  const focused = document.activeElement;
  const found = place(here);
  const range = focused.matches?.("textarea, input") ? [focused.selectionStart, focused.selectionEnd] : null;
  const kept = [...here.querySelectorAll("form")].filter((form) => written(form) || form.contains(focused) && focused.matches(WRITTEN));
  const places = kept.map((form) => form.id && fresh.querySelector(`#${CSS.escape(form.id)}`));
  if (!places.every(Boolean)) { behind(here); return; }
  const opened = [...here.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
  state(document).content = seen;
  for (const form of fresh.querySelectorAll("form")) if (!places.includes(form)) wiring(form);
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
