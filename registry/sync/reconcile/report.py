"""What a look found, as it is kept and shown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.models import ReconcileReport

from .drift import Finding

SHOWN = 500
KEPT_REPORTS = 100
HEX = set("0123456789abcdef")


@dataclass
class Looked:
    """A place after the look: what was found, left alone (and why), not mended; why it was not looked at."""

    place: str
    store: str
    findings: list[Finding] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    unmended: set[str] = field(default_factory=set)
    seconds: float = 0.0
    problem: str = ""

    def is_mended(self, finding: Finding) -> bool:
        """Whether the look after mending no longer found it."""
        return finding.subject not in self.unmended


def store_report(report: ReconcileReport, looked: Sequence[Looked]) -> None:
    """Keep a report with its first 500 findings, and the last 100 reports."""
    if not report.is_repair:
        for place in looked:
            place.unmended = {each.subject for each in place.findings}
    report.found = sum(len(place.findings) for place in looked)
    report.mended = sum(place.is_mended(each) for place in looked for each in place.findings)
    report.unchecked = sum(bool(place.problem) for place in looked)
    findings = [_told(place, each) for place in looked for each in sorted(place.findings, key=_by_kind_first)]
    report.result = {
        "places": [_summed(place) for place in looked],
        "drift": [row for place in looked for row in _by_kind(place)],
        "findings": findings[:SHOWN],
    }
    report.save()
    kept = ReconcileReport.objects.order_by("-pk").values("pk")[:KEPT_REPORTS]
    ReconcileReport.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def _summed(place: Looked) -> dict[str, Any]:
    ranges = Counter(each.subject[:2] for each in place.findings if set(each.subject[:2]) <= HEX)
    return {
        "place": place.place,
        "store": place.store,
        "found": len(place.findings),
        "mended": sum(map(place.is_mended, place.findings)),
        "seconds": round(place.seconds, 3),
        "problem": place.problem,
        "ranges": dict(ranges),
    }


def _by_kind(place: Looked) -> list[dict[str, Any]]:
    found = Counter(each.kind for each in place.findings)
    mended = Counter(each.kind for each in place.findings if place.is_mended(each))
    return [
        {"place": place.place, "kind": kind, "found": count, "mended": mended[kind]}
        for kind, count in sorted(found.items())
    ]


def _by_kind_first(finding: Finding) -> tuple[str, str]:
    return finding.kind, finding.subject


def _told(place: Looked, finding: Finding) -> dict[str, Any]:
    return {
        "place": finding.place,
        "kind": finding.kind,
        "subject": finding.subject,
        "owner_id": finding.owner_id,
        "detail": finding.detail,
        "is_mended": place.is_mended(finding),
        "left": place.left.get(finding.subject, ""),
    }
