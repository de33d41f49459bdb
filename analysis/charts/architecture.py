"""The architecture as a picture: boxes, and the arrows that docs/architecture.md has as well (tested)."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

HEIGHT, LINE = 46, 15
WIDTH, TALL = 1020, 800
LEFT, ENTRY, CALLED, KEEPER, STORE = 20, 180, 400, 590, 830


@dataclass(frozen=True)
class Box:
    """A box: its names, one a line, and where it stands; ``look`` is a store or nothing."""

    names: tuple[str, ...]
    x: int
    y: int
    width: int
    look: str = ""
    height: int = HEIGHT

    @property
    def middle(self) -> int:
        """The height at which arrows come and go."""
        return self.y + self.height // 2


BOXES = {
    "client": Box(("client",), LEFT, 40, 110),
    "entries": Box(("registry.mlflow_api", "registry.api", "registry.tracking"), ENTRY, 30, 170, height=66),
    "services": Box(("registry.services",), CALLED, 40, 140),
    "record": Box(("PostgreSQL + outbox",), KEEPER, 40, 180, "postgresql"),
    "sync": Box(("registry.sync",), KEEPER, 150, 180),
    "bodies": Box(("MongoDB",), STORE, 125, 160, "mongodb"),
    "files": Box(("artifact folder",), STORE, 185, 160, "files"),
    "online": Box(("features.online",), KEEPER, 250, 180),
    "redis": Box(("Redis",), STORE, 250, 160, "redis"),
    "signals": Box(("registry.signals",), CALLED, 330, 140),
    "receivers": Box(("features.receivers",), KEEPER, 330, 180),
    "bells": Box(("Redis: bells", "heartbeats"), STORE, 325, 160, "redis", 56),
    "queries": Box(("analysis.queries",), KEEPER, 405, 180),
    "pages": Box(("pages",), STORE, 405, 160),
    "log": Box(("PostgreSQL's log",), CALLED, 510, 140, "postgresql"),
    "capture": Box(("registry.sync.capture",), KEEPER, 510, 180),
    "copies": Box(("MongoDB: copies",), STORE, 480, 160, "mongodb"),
    "forgotten": Box(("Redis: cached runs",), STORE, 540, 160, "redis"),
    "causes": Box(
        ("features.activity", "features.onboarding", "features.personalisation", "features.recommending"),
        ENTRY - 15,
        620,
        195,
        height=80,
    ),
    "messaging": Box(("registry.messaging",), CALLED, 637, 140),
    "owed": Box(("PostgreSQL: messages",), KEEPER, 637, 180, "postgresql"),
    "broker": Box(("RabbitMQ or Redis",), KEEPER, 730, 180, "broker"),
    "workers": Box(("workers", "consumers"), STORE, 725, 160, height=56),
}
CALLS = (
    ("client", "entries"),
    ("entries", "services"),
    ("services", "record"),
    ("sync", "bodies"),
    ("sync", "files"),
    ("online", "redis"),
    ("signals", "receivers"),
    ("receivers", "bells"),
    ("queries", "pages"),
    ("log", "capture"),
    ("capture", "copies"),
    ("capture", "forgotten"),
    ("causes", "messaging"),
    ("messaging", "owed"),
    ("broker", "workers"),
)
AFTER_COMMIT = (
    ("M680 86V148", 695, 105, "after commit: the writer,"),
    ("M680 118H565V273H588", 695, 120, "then the relay"),
    ("M470 86V328", 480, 215, "ids alone"),
    ("M680 683V728", 695, 710, "after commit: the relay"),
)
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#14181f}.small{font-size:11.5px;fill:#57606c}"
    "rect{fill:#fff;stroke:#868f9b}path{fill:none;stroke:#57606c;stroke-width:1.5}"
    ".after{stroke-dasharray:5 4}"
    ".page{fill:#f6f7f9;stroke:none}.postgresql{stroke:#3263cf;stroke-width:2.5}"
    ".mongodb{stroke:#157f56;stroke-width:2.5}.redis{stroke:#c73a32;stroke-width:2.5}.files,.broker{stroke-width:2.5}"
    "marker path{fill:#57606c;stroke:none}"
)

TIP = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8Z"/></marker>'
)


def architecture() -> str:
    """The picture as an SVG document that needs nothing around it."""
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {TALL}" role="img">',
            "<title>How a write travels, and who reads</title>",
            f"<style>{STYLE}</style>",
            f"<defs>{TIP}</defs>",
            f'<rect class="page" width="{WIDTH}" height="{TALL}"/>',
            *(_call(BOXES[begin], BOXES[end]) for begin, end in CALLS),
            *(line for after in AFTER_COMMIT for line in _after(*after)),
            *(line for box in BOXES.values() for line in _box(box)),
            f'<text class="small" x="{CALLED}" y="432">all stores are read by</text>',
            f'<text class="small" x="{ENTRY}" y="537">whoever wrote, also plain SQL</text>',
            f'<text class="small" x="{ENTRY}" y="757">each message takes effect once: done in the</text>',
            f'<text class="small" x="{ENTRY}" y="774">transaction that writes what it brought about</text>',
            "</svg>\n",
        )
    )


def _call(begin: Box, end: Box) -> str:
    start, goal = begin.x + begin.width, end.x - 2
    if begin.middle == end.middle:
        return f'<path d="M{start} {begin.middle}H{goal}" marker-end="url(#tip)"/>'
    turn = (start + goal) // 2
    return f'<path d="M{start} {begin.middle}H{turn}V{end.middle}H{goal}" marker-end="url(#tip)"/>'


def _after(path: str, x: int, y: int, words: str) -> Iterator[str]:
    yield f'<path class="after" d="{path}" marker-end="url(#tip)"/>'
    yield f'<text class="small" x="{x}" y="{y}">{escape(words)}</text>'


def _box(box: Box) -> Iterator[str]:
    look = f' class="{box.look}"' if box.look else ""
    yield f'<rect{look} x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"/>'
    first = box.middle + 5 - (len(box.names) - 1) * (LINE + 1) // 2
    for place, name in enumerate(box.names):
        yield f'<text x="{box.x + 12}" y="{first + place * (LINE + 1)}">{escape(name)}</text>'
