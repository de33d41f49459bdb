"""``manage.py import_hdf5``: an HDF5 file as a data set whose windows are served."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.services.hdf5_import import import_hdf5
from registry.acting import acting_as
from registry.exceptions import RegistryError
from registry.queries.users import user_named


def rate(text: str) -> tuple[str, float]:
    """A series and its samples a second, as in ``ecg=360``.

    Raises:
        ArgumentTypeError: it is none.
    """
    key, sign, number = text.rpartition("=")
    try:
        return key, float(number if sign and key else "none")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:100]!r} is no rate such as ecg=360.") from None


class Command(BaseCommand):
    help = "Register an HDF5 file as one data set, each of its datasets a series that windows are read of."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--name", default="", help="of the data set (the file's)")
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--copy", action="store_true", help="copy the file to DATA_ROOT (the usual)")
        place.add_argument("--in-place", action="store_true", help="the file lies in DATA_ROOT already")
        parser.add_argument(
            "--rate", action="append", default=[], type=rate, metavar="SERIES=HZ", help="samples a second"
        )
        parser.add_argument("--skip", action="store_true", help="leave out what can't be a series")
        parser.add_argument("--user", default="", help="who owns the data set")
        parser.add_argument("--dry-run", action="store_true", help="read everything, register nothing")

    def handle(self, *args: object, **options: Any) -> None:
        asked = {name: options[name] for name in ("name", "in_place", "skip", "dry_run")}
        try:
            user = user_named(options["user"]) if options["user"] else None
            with acting_as(user=user, channel="command"):
                found = import_hdf5(path=options["file"], rates=dict(options["rate"]), user=user, **asked)
        except RegistryError as error:
            raise CommandError(str(error)) from error
        for each in found.series:
            shape = " by ".join(f"{size:,}" for size in (each.length, *each.item_shape))
            of_time = f", {each.rate_hz:g} Hz" if each.rate_hz else ""
            self.stdout.write(f"{each.name}: {shape} of {each.dtype}{of_time}")
        for refused in found.left_out:
            self.stdout.write(f"Left out: {refused.name} {refused.reason}.")
        self.stdout.write(self._told(found.dataset.name if found.dataset else "", is_new=found.is_new))

    def _told(self, name: str, *, is_new: bool) -> str:
        if not name:
            return "It could be registered; nothing was."
        return f"Registered as {name}." if is_new else f"{name} was registered before, with the same data."
