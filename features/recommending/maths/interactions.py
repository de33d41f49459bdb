"""Who rated what, and when."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Ratings, one a row, each viewer's together and in order of time.

    Attributes:
        viewer_ids: the viewers' ids, by their number.
        film_ids: the films' ids, by their number.
        viewers, films: numbers from 0, shape ``(n,)``.
        stars: 1 to 5, shape ``(n,)``.
    """

    viewer_ids: tuple[str, ...]
    film_ids: tuple[int, ...]
    viewers: Ints
    films: Ints
    stars: Ints

    @property
    def shape(self) -> tuple[int, int]:
        """How many viewers and films there are."""
        return len(self.viewer_ids), len(self.film_ids)

    @property
    def digest(self) -> str:
        """SHA-256 over all of it."""
        parts = [repr((self.viewer_ids, self.film_ids)).encode()]
        parts += [column.astype("<i8").tobytes() for column in (self.viewers, self.films, self.stars)]
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def chosen(self, rows: Booleans) -> "Interactions":
        """These rows alone, of the same viewers and films."""
        columns = (self.viewers[rows], self.films[rows], self.stars[rows])
        return Interactions(self.viewer_ids, self.film_ids, *columns)

    def age(self) -> Ints:
        """How many ratings the same viewer gave after each one: 0 for the last."""
        counts = np.bincount(self.viewers, minlength=len(self.viewer_ids))
        ends = np.cumsum(counts)
        return ends[self.viewers] - 1 - np.arange(len(self.viewers))


def leave_last_out(known: Interactions) -> tuple[Interactions, Interactions]:
    """What is learnt from, and each viewer's last rating."""
    is_last = known.age() == 0
    return known.chosen(~is_last), known.chosen(is_last)
