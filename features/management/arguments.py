"""Arguments of the feature commands."""

import datetime as dt
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
