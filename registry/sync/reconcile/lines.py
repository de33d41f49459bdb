"""A report as lines: one a place and kind of drift."""

from dataclasses import dataclass

from registry.models import ReconcileReport


@dataclass(frozen=True)
class DriftLine:
    """A place, with one kind of drift there; the kind is empty where all is well."""

    place: str
    store: str
    drift: str
    found: int
    mended: int
    seconds: float


def drift_lines(report: ReconcileReport) -> list[DriftLine]:
    """The lines of a report, places in the order of their look."""
    lines = []
    for place in report.result["places"]:
        rows = [row for row in report.result["drift"] if row["place"] == place["place"]]
        head, seconds = (place["place"], place["store"]), place["seconds"]
        if place["problem"]:
            lines.append(DriftLine(*head, "not checked", 0, 0, seconds))
        elif not rows:
            lines.append(DriftLine(*head, "none", 0, 0, seconds))
        lines += [DriftLine(*head, row["kind"], row["found"], row["mended"], seconds) for row in rows]
    return lines
