"""One search over everything on record."""

from dataclasses import dataclass, field

from django.contrib.auth.models import User

from analysis.queries.search.asked import LEAST_ID, WHOLE_ID, Asked
from analysis.queries.search.found import SHOWN, Group, Hit, grouped
from analysis.queries.search.nouns import found_nouns
from analysis.queries.search.runs import found_runs
from features.models import Customer
from registry.filters import RUNS_TABLE, FilterError, parse_filter

KINDS = ("run", "experiment", "dataset", "model", "alias", "deployment", "view", "customer")


@dataclass(frozen=True, slots=True)
class Found:
    """What was asked and what there is.

    Attributes:
        exact: The run or experiment whose whole id was typed.
        is_filter: Whether the text can be read as a filter of runs.
    """

    asked: Asked
    groups: list[Group] = field(default_factory=list)
    exact: Hit | None = None
    is_filter: bool = False


def search_everything(asked: Asked, *, viewer: User) -> Found:
    """What the viewer may know of, by kind (two statements, up to three more for who may see customers).

    MongoDB is not asked: bodies have no index for texts anywhere in them. ``manage.py find_models`` and
    ``search_experiments`` search them field by field.
    """
    if not asked.text:
        return Found(asked)
    hits = [
        *found_runs(asked, viewer=viewer),
        *found_nouns(asked, viewer=viewer),
        *_customers(asked, viewer),
    ]
    is_whole = len(asked.hex_id) == WHOLE_ID
    exact = next((hit for hit in hits if hit.kind in ("run", "experiment") and hit.key == asked.hex_id), None)
    return Found(asked, grouped(KINDS, hits), exact if is_whole else None, _is_filter(asked.text))


def _customers(asked: Asked, viewer: User) -> list[Hit]:
    """By the beginning of their id, for those who see them in the admin."""
    is_asked = len(asked.text) >= LEAST_ID and viewer.is_staff
    if not is_asked or not viewer.has_perm("features.view_customer"):
        return []
    rows = Customer.objects.filter(customer_id__startswith=asked.text).order_by("customer_id")
    return [Hit("customer", str(each.pk), each.name, "", each.customer_id) for each in rows[: SHOWN + 1]]


def _is_filter(text: str) -> bool:
    try:
        return parse_filter(text, RUNS_TABLE) is not None
    except FilterError:
        return False
