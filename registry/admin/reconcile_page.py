"""A report of reconcile shaped for its page."""

from dataclasses import dataclass
from typing import Any

from registry.models import ReconcileReport
from registry.models.body_part import COLLECTIONS
from registry.sync.reconcile.drift import MEANINGS, Kind

from .base import link

DOCUMENTS = {
    "runs": "admin:registry_rundocument_change",
    "experiments": "admin:registry_experimentdocument_change",
    "model_configs": "admin:registry_modelconfigdocument_change",
}
OF_RUNS = ("runs", "run_logs", "leaderboards", "run-info")


@dataclass(frozen=True)
class Cell:
    """One of the 256 ranges of a collection, with how many of its documents have come apart."""

    digits: str
    found: int


@dataclass(frozen=True)
class PlaceRow:
    """A place with its drift by kind; ``cells`` only for what is compared by ranges."""

    place: str
    store: str
    problem: str
    seconds: float
    found: int
    mended: int
    kinds: list[dict[str, Any]]
    cells: list[Cell]

    @property
    def state(self) -> tuple[str, str]:
        """A chip's class and words."""
        if self.problem:
            return "failed", "Not checked"
        if not self.found:
            return "finished", "As it should be"
        if self.found == self.mended:
            return "finished", "Mended"
        return "failed", "Has come apart"

    @property
    def differing(self) -> list[Cell]:
        """The ranges with drift."""
        return [cell for cell in self.cells if cell.found]


def page_of(report: ReconcileReport) -> list[PlaceRow]:
    """The places of a report; also gives each finding its links."""
    for finding in report.result.get("findings", []):
        finding["links"] = _links(finding)
    drift = report.result.get("drift", [])
    return [_row(place, drift) for place in report.result.get("places", [])]


def _row(place: dict[str, Any], drift: list[dict[str, Any]]) -> PlaceRow:
    kinds = [
        row | {"meaning": MEANINGS[Kind(row["kind"])]} for row in drift if row["place"] == place["place"]
    ]
    is_by_range = place["place"] in COLLECTIONS and not place["problem"]
    told = {key: value for key, value in place.items() if key != "ranges"}
    return PlaceRow(**told, kinds=kinds, cells=_cells(place["ranges"]) if is_by_range else [])


def _cells(ranges: dict[str, int]) -> list[Cell]:
    return [Cell(f"{number:02x}", ranges.get(f"{number:02x}", 0)) for number in range(256)]


def _links(finding: dict[str, Any]) -> list[Any]:
    links = []
    if finding["place"] in DOCUMENTS and finding["kind"] != Kind.MISSING:
        links.append(link("document", DOCUMENTS[finding["place"]], finding["subject"]))
    if finding["place"] in OF_RUNS and finding["kind"] not in (Kind.ORPHAN, Kind.EXTRA):
        links.append(link("run", "analysis:run-detail", finding["owner_id"]))
    return links
