// Where the focus stands in a part of the page that is about to be exchanged, told so that it is found again: by its id, by
// where it leads (the words may hold a number that has changed), or by its words. Who works with the keyboard alone stays
// where she was.
export function place(here) {
  const focused = document.activeElement;
  if (!here.contains(focused)) return () => null;
  if (focused.id) return (fresh) => fresh.querySelector(`#${CSS.escape(focused.id)}`);
  const told = (one) => one.getAttribute("href") ?? [one.textContent, one.name, one.value].join("\n");
  const alike = (part) => [...part.querySelectorAll(focused.tagName)].filter((one) => told(one) === told(focused));
  const number = alike(here).indexOf(focused);
  return (fresh) => alike(fresh)[number] ?? document.getElementById("main");
}
