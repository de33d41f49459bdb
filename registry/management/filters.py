"""Arguments that narrow what a command reads, and what is said when nothing fits."""

import argparse
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from django.core.management.base import CommandError, CommandParser

from registry.models import Dataset, Experiment
from registry.queries.frameworks import frameworks_in_use

MOST_ROWS = 100_000
NAMES_SHOWN = 20

KNOWN_NAMES: dict[str, Callable[[], list[str]]] = {
    "experiment": lambda: list(Experiment.objects.values_list("name", flat=True)[: NAMES_SHOWN + 1]),
    "dataset": lambda: list(Dataset.objects.values_list("name", flat=True)[: NAMES_SHOWN + 1]),
    "framework": lambda: frameworks_in_use(limit=NAMES_SHOWN + 1),
}
IS_KNOWN: dict[str, Callable[[str], bool]] = {
    "experiment": lambda name: Experiment.objects.filter(name=name).exists(),
    "dataset": lambda name: Dataset.objects.filter(name=name).exists(),
    "framework": lambda name: name in frameworks_in_use(),
}


def row_count(text: str) -> int:
    """A number of rows from 1 to 100,000.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not re.fullmatch("[1-9][0-9]{0,5}", text) or int(text) > MOST_ROWS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST_ROWS:,}.")
    return int(text)


def add_filters(parser: CommandParser, *names: str, limit: int) -> None:
    """Add ``--experiment``, ``--dataset`` or ``--framework``, then ``--limit`` and ``--json``."""
    for name in names:
        parser.add_argument(f"--{name}", default="", help=f"only those of this {name}")
    parser.add_argument("--limit", type=row_count, default=limit, help=f"how many rows at most ({limit})")
    parser.add_argument("--json", action="store_true", help="a JSON list, for programs")


def chosen(options: dict[str, Any], *names: str) -> dict[str, str]:
    """The filters that were given.

    Raises:
        CommandError: one names a thing that is not there; says which are.
    """
    filters = {name: str(options[name]) for name in names if options[name]}
    for what, name in filters.items():
        if not IS_KNOWN[what](name):
            raise CommandError(f"There is no {what} named {name!r}. There are: {_listed(what)}.")
    return filters


def _listed(what: str) -> str:
    names = KNOWN_NAMES[what]()
    more = ", …" if len(names) > NAMES_SHOWN else ""
    return ", ".join(islice(names, NAMES_SHOWN)) + more if names else "none"
