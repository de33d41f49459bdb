"""The page of the decision matrix."""

from dataclasses import dataclass

from analysis.choosing.catalog import STORES
from analysis.choosing.conditions import caution
from analysis.choosing.figures import Figures
from analysis.choosing.matrix import MatrixRow, matrix_rows
from analysis.choosing.stores import Store


@dataclass(frozen=True)
class Heap:
    """The use cases that one store is best for."""

    store: Store
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True)
class MatrixPage:
    """Everything ``/stores/`` shows; ``recorded_at`` is empty where no benchmark is recorded."""

    rows: tuple[MatrixRow, ...]
    heaps: tuple[Heap, ...]
    run_here: tuple[Store, ...]
    elsewhere: tuple[Store, ...]
    recorded_at: str
    trouble: str
    caution: str


def matrix_page(figures: Figures) -> MatrixPage:
    """The matrix with these figures beside it; asks no store."""
    rows = matrix_rows(figures)
    heaps = (Heap(store, tuple(row for row in rows if row.best is store)) for store in STORES.values())
    return MatrixPage(
        rows=rows,
        heaps=tuple(heap for heap in heaps if heap.rows),
        run_here=tuple(store for store in STORES.values() if store.is_run),
        elsewhere=tuple(store for store in STORES.values() if not store.is_run),
        recorded_at=figures.benchmark.recorded_at[:10] if figures.benchmark else "",
        trouble=figures.trouble,
        caution=caution(figures.benchmark) if figures.benchmark else "",
    )
