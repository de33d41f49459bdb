"""Arguments of the feature commands."""

import datetime as dt
import math
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class VersionedCommand(BaseCommand):
    """A command whose ``--version`` is a feature view's, not Django's."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Ours replaces Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)


def moment(text: str) -> dt.datetime:
    """A day or a time in ISO 8601; UTC where it has no zone, a day from its first moment.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date such as 1998-03-31 or 1998-03-31T12:00") from None
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def positive(text: str) -> int:
    """A whole number of at least 1.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def speed(text: str) -> float:
    """How many times as fast as it happened: ``1000x``, or a number; infinity for ``max``.

    Raises:
        ArgumentTypeError: it is none above 0.
    """
    try:
        value = math.inf if text == "max" else float(text.removesuffix("x").replace(",", ""))
    except ValueError:
        value = 0.0
    if not value > 0:
        raise ArgumentTypeError(f"{text!r} is no speed such as 1000x, and not max.")
    return value
