// Keys that lead through the site: "/" searches, "g" and a letter goes to a page, "?" shows which letters.
// The header's links say the letters (data-key); everything works without this, and it can be switched off.

const OFF = "mlplatform.keys.off";
const PATIENCE_MS = 1_500;
const FIELDS = "input, textarea, select, [contenteditable]";

const links = new Map(
  [...document.querySelectorAll(".site-header a[data-key]")].map((link) => [link.dataset.key, link]),
);
const search = document.querySelector(".site-search input");
let leaderAt = -Infinity;
let dialog = null;

function isOff() {
  return localStorage.getItem(OFF) === "1";
}

function element(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function line(keys, what) {
  const shown = keys.map((key) => element("kbd", { textContent: key }));
  return [element("dt", {}, shown), element("dd", { textContent: what })];
}

function built() {
  const lines = [line(["/"], "Search"), line(["?"], "This list"), line(["Esc"], "Close")];
  for (const [key, link] of links) lines.push(line(["g", key], link.textContent.trim()));
  const toggle = element("input", { type: "checkbox", checked: !isOff() });
  toggle.addEventListener("change", () => localStorage.setItem(OFF, toggle.checked ? "0" : "1"));
  const close = element("button", { className: "button button-primary", textContent: "Close" });
  close.autofocus = true;
  return element("dialog", { className: "keys", id: "keys" }, [
    element("h2", { textContent: "Keyboard shortcuts", id: "keys-title" }),
    element("dl", { className: "keys-list" }, lines.flat()),
    element("form", { className: "keys-foot", method: "dialog" }, [
      element("label", {}, [toggle, " Shortcuts are on"]),
      close,
    ]),
  ]);
}

function open() {
  if (!dialog) {
    dialog = built();
    dialog.setAttribute("aria-labelledby", "keys-title");
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
  }
  if (!dialog.open) dialog.showModal();
}

function pressed(event) {
  const isTyping = event.target instanceof Element && event.target.closest(FIELDS);
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || isOff() || dialog?.open) return;
  const isLed = event.timeStamp - leaderAt < PATIENCE_MS;
  leaderAt = -Infinity;
  if (isLed && links.has(event.key)) links.get(event.key).click();
  else if (event.key === "g") leaderAt = event.timeStamp;
  else if (event.key === "?") open();
  else if (event.key === "/" && search) search.select();
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", pressed);
for (const button of document.querySelectorAll("[data-keys-open]")) {
  button.hidden = false;
  button.addEventListener("click", open);
}
