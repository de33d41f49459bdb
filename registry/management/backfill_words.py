"""What a backfill did, in words and for programs."""

from typing import Any

from registry.models import Backfill
from registry.sync.backfill_check import Verification
from registry.sync.backfill_choice import Foreseen
from registry.sync.backfill_runs import Migrated

Outcome = Foreseen | Migrated | Verification
COUNTS = ("looked_at", "made", "sent_again", "waiting", "refused", "refusals", "is_verified")


def foreseen_words(found: Foreseen) -> str:
    """What would be done."""
    known = (
        "; MongoDB does not answer"
        if found.in_mongodb is None
        else f", {found.in_mongodb:,} of them in MongoDB"
    )
    again = f" {found.again:,} bodies would be sent anew." if found.again else ""
    begun = f" It would go on after {found.looked_at:,} runs." if found.looked_at else ""
    return (
        f"{found.runs:,} runs chosen: {found.without_body:,} without a body{known}."
        f"{again}{begun} Nothing was written."
    )


def done_words(backfill: Backfill, runs_per_second: float) -> str:
    """What was done."""
    again = f", {backfill.sent_again:,} documents sent anew" if backfill.is_again else ""
    return (
        f"{backfill.looked_at:,} runs looked at, {backfill.made:,} bodies made{again}"
        f" ({runs_per_second:,.0f} runs a second)."
    )


def trouble_of(outcome: Outcome) -> str:
    """What is left to do, and how; empty where all is well."""
    if isinstance(outcome, Foreseen):
        return ""
    found = outcome.verification if isinstance(outcome, Migrated) else outcome
    said = []
    if isinstance(outcome, Migrated) and outcome.backfill.waiting:
        said.append(
            f"{outcome.backfill.waiting:,} runs wait for MongoDB, which may have their only copy: repeat."
        )
    if isinstance(outcome, Migrated) and outcome.backfill.refused:
        said.append(f"{outcome.backfill.refused:,} runs can't have a body; the lines above say why.")
    if found.problem:
        said.append(
            f"Nothing was compared: {found.problem} What is promised is delivered by the relay;"
            " compare then with --verify-only."
        )
    if found.findings:
        said.append(f"{len(found.findings):,} have come apart. Mend them with: manage.py reconcile --repair")
    return " ".join(said)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome for programs."""
    if isinstance(outcome, Foreseen):
        return vars(outcome)
    found = outcome.verification if isinstance(outcome, Migrated) else outcome
    told = {
        "documents": found.documents,
        "ranges": found.ranges,
        "one_by_one": found.one_by_one,
        "is_good": found.is_good,
        "problem": found.problem,
        "differing": [vars(line) for line in found.lines],
        "findings": [vars(each) for each in found.findings],
    }
    if isinstance(outcome, Verification):
        return {"verification": told}
    counts = {name: getattr(outcome.backfill, name) for name in COUNTS}
    return {**counts, "runs_per_second": outcome.runs_per_second, "verification": told}
