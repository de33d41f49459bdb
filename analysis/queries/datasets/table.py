"""One page of the datasets' table."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from analysis.queries.datasets.figures import DatasetFigures, dataset_figures
from analysis.queries.forward import rows_forward
from analysis.queries.keyset import Order
from registry.enums import Lifecycle
from registry.models import Dataset

PAGE_SIZE = 50
SORTS = {
    "name": [Order("name", is_descending=False)],
    "newest": [Order("pk", is_descending=True)],
    "largest": [Order("row_count", is_descending=True, is_nullable=True), Order("pk", is_descending=True)],
}


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A dataset, and what its runs say of it."""

    dataset: Dataset
    figures: DatasetFigures


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """A page of datasets, and the cursor of the next one (empty where there is none)."""

    rows: list[DatasetRow]
    next_cursor: str = ""


def dataset_page(
    *, viewer: User, text: str = "", sort: str = "name", cursor: str = "", size: int = PAGE_SIZE
) -> DatasetPage:
    """Datasets from the cursor on (two statements).

    Args:
        text: A part of the name, or how the digest begins.
        sort: ``name``, ``newest`` or ``largest``.
    """
    found = _found(text).defer("schema", "profile")
    shown, following = rows_forward(found, SORTS[sort], cursor=cursor, name=f"datasets:{sort}", size=size)
    figures = dataset_figures([each.pk for each in shown], viewer=viewer)
    return DatasetPage([DatasetRow(each, figures[each.pk]) for each in shown], following)


def _found(text: str) -> QuerySet[Dataset]:
    rows = Dataset.objects.filter(lifecycle=Lifecycle.ACTIVE)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(digest__istartswith=text))
    return rows
