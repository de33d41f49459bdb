// Asks for the page again while its answer is being computed, and once that is there puts it in its place.
// Nothing moves before; without JavaScript the page has a link.

const place = document.querySelector("[data-again-seconds]");
const again = () => setTimeout(look, Number(place.dataset.againSeconds) * 1_000);

async function look() {
  if (document.hidden) return again();
  const answer = await fetch(location.href).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const there = page?.getElementById(place.id);
  if (!there || there.dataset.againSeconds) return again();
  const held = place.contains(document.activeElement);
  place.innerHTML = there.innerHTML;
  if (held) place.focus({ preventScroll: true });
}

again();
