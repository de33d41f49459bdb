"""How a page is looked at: on which screens, by axe, by the keyboard alone."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
LIGHT, DARK = {"color_scheme": "light"}, {"color_scheme": "dark"}

# Everything the Tab key is expected to stop at, in a form that survives the questions asked in between.
# Of a group of radio buttons Tab stops at one.
MARK_STOPS = """() => {
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const isSeen = (each) => each.checkVisibility({ visibilityProperty: true })
    && !each.disabled && each.getClientRects().length > 0;
  const groups = new Set();
  const isFirst = (each) => {
    if (each.type !== "radio") return true;
    const chosen = each.form?.querySelector(`input[type=radio][name="${each.name}"]:checked`);
    if (chosen) return chosen === each;
    const isNew = !groups.has(each.name);
    groups.add(each.name);
    return isNew;
  };
  const stops = [...document.querySelectorAll(kinds)].filter(isSeen).filter(isFirst);
  stops.forEach((each, place) => { each.dataset.stop = place; });
  document.activeElement?.blur();
  return stops.length;
}"""
STOPPED_AT = """() => {
  const at = document.activeElement;
  const look = getComputedStyle(at);
  const isOutlined = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
  return [at.dataset?.stop ?? "", isOutlined, at.outerHTML.slice(0, 160)];
}"""
LOST = """(reached) => [...document.querySelectorAll("[data-stop]")]
  .filter((each) => !reached.includes(each.dataset.stop)).map((each) => each.outerHTML.slice(0, 160))"""


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, with the nodes."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", WCAG)
    return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def out_of_reach(page: Page) -> list[str]:
    """What Tab does not stop at although a mouse can use it, and where the focus can't be seen."""
    count = int(page.evaluate(MARK_STOPS))
    reached: list[str] = []
    unseen: list[str] = []
    for _ in range(count + 3):
        page.keyboard.press("Tab")
        stop, is_outlined, html = page.evaluate(STOPPED_AT)
        reached.append(stop)
        if stop and not is_outlined:
            unseen.append(f"no outline: {html}")
    return [*unseen, *page.evaluate(LOST, reached)]
