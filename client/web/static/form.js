// Forms: fields that depend on others, saving by itself, and the guard while one types. Everything stays on this machine.
import { beforeLeaving } from "./away.js";

const token = () => document.querySelector("meta[name=form-token]").content;
const PAUSE_MS = 4000;

function post(address, data, how = {}) {
  data.set("form_token", token());
  return fetch(address, { method: "POST", body: data, headers: { "X-Form-Token": token() }, redirect: "manual", ...how });
}

// A condition reads "field|value value|not": see client.web.forms.widgets.
function holds(form, condition) {
  const [name, values, negate] = condition.split("|");
  const given = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
    .filter((one) => (one.type !== "radio" && one.type !== "checkbox") || one.checked).map((one) => one.value).filter(Boolean);
  if (!given.length) return null;
  return given.some((one) => values.split(" ").includes(one)) !== (negate === "not");
}

function told(field, what) {
  return Object.entries(field.dataset).filter(([name]) => name.startsWith(what)).map(([, value]) => value);
}

export function conditions(form) {
  const look = () => {
    for (const field of form.querySelectorAll(".field")) {
      const never = told(field, "never").some((one) => holds(form, one) === true);
      field.hidden = never && !field.classList.contains("field--wrong");
      const mark = field.querySelector(".optional");
      const need = told(field, "need");
      if (mark && need.length) mark.hidden = need.some((one) => holds(form, one) === true);
    }
  };
  form.addEventListener("change", look);
  look();
}

export function autosave(form) {
  const saved = form.querySelector("[data-saved]");
  let timer = 0;
  const save = async (how) => {
    timer = 0;
    const data = new FormData(form);
    data.set("act", "autosave");
    const answer = await post(form.dataset.autosave || location.pathname, data, how).catch(() => null);
    if (saved) saved.textContent = answer && answer.status === 204 ? form.dataset.kept : form.dataset.lost;
  };
  const later = () => {
    if (saved) saved.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  };
  form.addEventListener("input", later);
  if ([...form.elements].some((one) => one.defaultValue !== undefined && one.value !== one.defaultValue)) later();
  form.addEventListener("submit", () => { clearTimeout(timer); timer = 0; });
  beforeLeaving(form, (how) => {
    const waits = timer;
    clearTimeout(timer);
    return waits ? save(how) : undefined;
  });
}

// Identity numbers: put into their usual form, and looked at, when they are typed or pasted.
export function identity(field) {
  const look = async () => {
    if (!field.value.trim()) return;
    const data = new FormData();
    data.set("text", field.value);
    const answer = await post("/identity", data).catch(() => null);
    if (!answer || !answer.ok) return;
    const { shown, wrong, right } = await answer.json();
    field.value = shown;
    say(field, wrong || right, wrong ? "wrong" : "right");
  };
  field.addEventListener("change", look);
  field.addEventListener("paste", () => setTimeout(look));
}

// One hand on the telephone: the digit after an answer chooses it, while one stands in its group.
export function digits(form) {
  for (const group of form.querySelectorAll(".choices")) {
    const answers = [...group.querySelectorAll("input")];
    answers.slice(0, 9).forEach((one, number) => {
      const shown = document.createElement("span"); // the label's own ::after is the mark in the circle
      shown.className = "digit";
      shown.setAttribute("aria-hidden", "true");
      shown.textContent = `[${number + 1}]`;
      group.querySelector(`label[for="${CSS.escape(one.id)}"]`).append(shown);
    });
    group.addEventListener("keydown", (event) => {
      const chosen = answers[Number(event.key) - 1];
      if (!chosen || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      chosen.focus();
      chosen.click();
    });
  }
}

// The checksum of a file, worked out here: the file does not leave the browser.
export function checksum(field) {
  field.addEventListener("change", async () => {
    const file = field.files[0];
    if (!file) return;
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    document.getElementById(field.dataset.checksum).value = [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  });
}

function say(field, text, how = "wrong") {
  const told = document.getElementById(field.getAttribute("aria-describedby"));
  told.querySelectorAll(".wrong, .right").forEach((one) => one.remove());
  if (!text) return;
  const line = document.createElement("p");
  line.className = how;
  line.setAttribute("role", "status");
  line.textContent = text;
  told.append(line);
}

export function guard(form) {
  for (const area of form.querySelectorAll("textarea, input[type=text]")) {
    let timer = 0;
    const look = async () => {
      const data = new FormData();
      data.set("text", area.value);
      data.set("draft", location.pathname.split("/")[2] ?? "");  // whose person it is hangs on the thread
      const answer = await post("/guard", data).catch(() => null);
      if (!answer || !answer.ok) return;
      const { found } = await answer.json();
      say(area, found.length ? `${form.dataset.guard}: ${found.join(", ")}` : "");
    };
    area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 400); });
    if (area.value) look();  // what was typed, or pasted by the browser, before this script had come
  }
}
