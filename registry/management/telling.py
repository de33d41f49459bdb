"""How far a command is, said on standard error."""

from django.core.management.base import BaseCommand


def tell(command: BaseCommand, line: str) -> None:
    """Say a line in plain text: what Django writes to standard error is red unless told otherwise."""
    command.stderr.write(line, str)
