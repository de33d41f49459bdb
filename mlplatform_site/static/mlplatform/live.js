// Follows a page: opens its stream of server-sent events and puts what changed in its place (docs/live.md).
// Every event is the present state, so that whatever was missed does not matter.

const AGAIN_MS = 5_000;
const HIDDEN_MS = 3_000;
const PATIENCE_MS = 2_500;
const WORDS = { live: "Live", waiting: "Reconnecting…", paused: "Paused", over: "Ended" };

const sign = document.querySelector("[data-live-url]");
let mark = sign.dataset.liveMark;
let stream = null;
let timer = 0;
let isOver = false;
let openedAt = 0;

function say(state, word = WORDS[state]) {
  sign.hidden = false;
  sign.dataset.state = state;
  if (sign.textContent !== word) sign.textContent = word;
}

function connect() {
  clearTimeout(timer);
  if (stream || isOver || document.hidden) return;
  const url = new URL(sign.dataset.liveUrl, location.href);
  if (!url.search) url.search = location.search;
  url.searchParams.set("seen", mark);
  stream = new EventSource(url);
  stream.addEventListener("open", () => {
    openedAt = Date.now();
    say("live");
  });
  stream.addEventListener("scene", (event) => show(event.lastEventId, JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    if (isOver) return;
    // A stream that is over and one that broke look alike; the browser comes back by itself unless refused.
    if (stream.readyState === EventSource.CLOSED) {
      disconnect();
      timer = setTimeout(connect, AGAIN_MS);
    }
    setTimeout(doubt, PATIENCE_MS);
  });
}

function doubt() {
  const isOpen = stream?.readyState === EventSource.OPEN || Date.now() - openedAt < PATIENCE_MS;
  if (!isOver && !isOpen && !document.hidden) say("waiting");
}

function disconnect() {
  clearTimeout(timer);
  stream?.close();
  stream = null;
}

function show(seen, scene) {
  mark = seen || mark;
  for (const [name, html] of Object.entries(scene.parts)) {
    const place = document.querySelector(`[data-live="${name}"]`);
    if (place) replace(place, html);
  }
  if (scene.over) end(scene.status);
}

// What the reader has opened, focused or scrolled in there stays so.
function replace(place, html) {
  const held = place.contains(document.activeElement) ? pathOf(place, document.activeElement) : null;
  const opened = [...place.querySelectorAll("details")].map((each) => each.open);
  const scrolled = [...place.querySelectorAll(".table-scroll")].map((each) => [each.scrollLeft, each.scrollTop]);
  place.innerHTML = html;
  [...place.querySelectorAll("details")].forEach((each, i) => (each.open = opened[i] ?? each.open));
  [...place.querySelectorAll(".table-scroll")].forEach((each, i) => {
    [each.scrollLeft, each.scrollTop] = scrolled[i] ?? [0, 0];
  });
  if (held) held.reduce((node, i) => node?.children[i], place)?.focus({ preventScroll: true });
}

function pathOf(root, node) {
  const path = [];
  for (let each = node; each !== root; each = each.parentElement) {
    path.unshift([...each.parentElement.children].indexOf(each));
  }
  return path;
}

// The page's other parts do not follow; at the end they are fetched once.
async function end(status) {
  isOver = true;
  disconnect();
  say("over", status ? `${WORDS.over}: ${status.toLowerCase()}` : WORDS.over);
  const rest = sign.dataset.liveRest.split(" ").filter(Boolean);
  if (!rest.length) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of rest) {
    const [here, there] = [document.getElementById(id), page.getElementById(id)];
    if (here && there) replace(here, there.innerHTML);
  }
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) connect();
  else if (!isOver) {
    timer = setTimeout(() => {
      disconnect();
      say("paused");
    }, HIDDEN_MS);
  }
});
addEventListener("pagehide", disconnect);
addEventListener("pageshow", connect);
connect();
