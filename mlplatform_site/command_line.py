"""What ``manage.py`` runs: a command, with a store that is away told in a line."""

import sys
from collections.abc import Sequence

import psycopg2
from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError

from registry.acting import acting_as
from registry.exceptions import StoreUnavailableError

POSTGRES_AWAY = (OperationalError, InterfaceError, psycopg2.OperationalError, psycopg2.InterfaceError)
CURE = "Run `manage.py doctor` to see why; --traceback shows where it happened."


def run(argv: Sequence[str]) -> None:
    """Run the command named in the arguments; exits with 1 where a store it needs is away.

    Commands that know more (what was done, how to go on) say so themselves.
    """
    try:
        with acting_as(channel="command"):
            execute_from_command_line(list(argv))
    except (*POSTGRES_AWAY, StoreUnavailableError) as error:
        if "--traceback" in argv:
            raise
        said = str(error).strip().partition("\n")[0]
        if isinstance(error, StoreUnavailableError):
            sys.exit(f"CommandError: {said}")
        sys.exit(f"CommandError: PostgreSQL: {said}\n{CURE}")
