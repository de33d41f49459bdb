"""Where applications come from in numbers: CDNOW's customers, or a file."""

import csv
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from features.event_times import parsed_time
from features.seeding import cdnow
from features.seeding.places import Atlas, cities
from features.seeding.synthetic import person
from registry.exceptions import BadInputError

from .applications import LATEST, Application, checked

NEEDED = ("name", "email", "city", "country")
COLUMNS = tuple(each.name for each in fields(Application))
MOST_TOLD = 5


def cdnow_applications() -> list[Application]:
    """CDNOW's 23,570 customers as they joined, oldest first; name, email and address are made up.

    Raises:
        CdnowNotFoundError: the wheel that holds the file is not installed.
    """
    atlas = Atlas(cities())
    by_customer = groupby(cdnow.transactions(), attrgetter("customer_id"))
    joined = [(key, next(bought).purchased_at) for key, bought in by_customer]
    return [_cdnow(key, at, atlas) for key, at in sorted(joined, key=lambda each: each[1])]


def file_applications(path: Path) -> list[Application]:
    """A CSV file's rows under their headings, oldest first: all of them, or none where one is wrong.

    Raises:
        BadInputError: the file can't be read, or rows are wrong; the message names the first few.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            read = list(_rows(csv.DictReader(lines)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{path.name} can't be read: {error}.") from error
    wrong = [str(each) for each in read if isinstance(each, BadInputError)]
    if wrong:
        more = f" and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
        raise BadInputError(f"Nobody was taken on: {' '.join(wrong[:MOST_TOLD])}{more}")
    found = [each for each in read if isinstance(each, Application)]
    return sorted(found, key=lambda each: each.joined_at or LATEST)


def _cdnow(customer_id: str, joined_at: dt.datetime, atlas: Atlas) -> Application:
    someone = person(customer_id, atlas)
    return Application(
        name=someone.name,
        email=someone.email,
        city=someone.place.name,
        country=someone.place.country_code,
        street=someone.street,
        postal_code=someone.postal_code,
        customer_id=customer_id,
        joined_at=joined_at,
        is_synthetic=True,
    )


def _rows(reader: "csv.DictReader[str]") -> Iterator[Application | BadInputError]:
    headings: Sequence[str] = reader.fieldnames or ()
    if missing := [name for name in NEEDED if name not in headings]:
        raise BadInputError(f"The file has no column {missing[0]!r}. It takes {', '.join(COLUMNS)}.")
    if unknown := [name for name in headings if name not in COLUMNS]:
        raise BadInputError(f"The file has an unknown column {unknown[0]!r}. It takes {', '.join(COLUMNS)}.")
    for row in reader:
        try:
            yield checked(_from_row(row))
        except BadInputError as error:
            yield BadInputError(f"Line {reader.line_num}: {error}")


def _from_row(row: Mapping[str, Any]) -> Application:
    if None in row or None in row.values():
        raise BadInputError("It has another number of cells than the heading.")
    texts = {name: value for name, value in row.items() if name not in ("joined_at", "is_synthetic")}
    return Application(
        **texts,
        joined_at=_moment(row["joined_at"]) if row.get("joined_at") else None,
        is_synthetic=row.get("is_synthetic", "").lower() in ("1", "true", "yes"),
    )


def _moment(text: str) -> dt.datetime:
    found = parsed_time(text)
    if found is None:
        raise BadInputError(f"{text[:50]!r} is no time in ISO 8601, such as 2026-11-22T10:00:00Z.")
    return found
