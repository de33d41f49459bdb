"""Registering an HDF5 file as a data set whose windows are served."""

import dataclasses
import math
import os
import shutil
import zlib
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from features.window_examination import Examined, Refusal, examined
from features.window_files import FILE_NAME, SOURCE, Series, digest_of, path_of
from registry.crash_points import crash_point
from registry.exceptions import BadInputError, DuplicateNameError, NotFoundError
from registry.models import Dataset
from registry.parquet.folders import sync_folder
from registry.postgres.one_at_a_time import one_at_a_time
from registry.services.datasets import create_dataset

LOCK = 0x68646635  # "hdf5"
UNFINISHED = ".import-"
REFUSALS_TOLD = 10


@dataclass(frozen=True)
class Hdf5Import:
    """What became of a file; ``dataset`` is None in a rehearsal.

    Attributes:
        is_new: False where the same file was registered under this name before.
    """

    dataset: Dataset | None
    series: list[Series]
    left_out: list[Refusal]
    is_new: bool


def import_hdf5(
    *,
    path: Path,
    name: str = "",
    in_place: bool = False,
    rates: Mapping[str, float] | None = None,
    skip: bool = False,
    dry_run: bool = False,
    user: User | None = None,
) -> Hdf5Import:
    """Register a file as one data set, each of its datasets a series; groups are part of a series' name.

    The file is read whole first, a copy of it where it is copied, so that what is registered is what was
    read. What is refused leaves nothing, in the table or in ``DATA_ROOT``. The same file again
    changes nothing.

    Args:
        name: of the data set, and of the file in ``DATA_ROOT``; by default the file's.
        in_place: the file lies in ``DATA_ROOT`` already and stays as it is.
        rates: series → samples a second, where the file's ``rate_hz`` does not tell.
        skip: leave out what can't be a series, instead of refusing the file.

    Raises:
        NotFoundError: there is no such file.
        BadInputError: something in it can't be a series, or it is no HDF5 file; nothing is registered.
        DuplicateNameError: the name has other data, or DATA_ROOT another file of this name.
        ConflictError: another import of this name is under way.
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.")
    name = name or path.stem
    if not FILE_NAME.fullmatch(f"{name}.h5"):
        raise BadInputError(
            f"{name[:100]!r} can't be a file's name in DATA_ROOT: letters, digits, '.', '_' and '-', up to"
            " 100. Say another: --name"
        )
    if dry_run:
        found = _accepted(path, rates or {}, skip=skip)
        return Hdf5Import(None, found.series, found.refused, is_new=True)
    final = _in_data_root(path) if in_place else path_of(f"{SOURCE}{name}.h5")
    with alone(final.name):
        if in_place:
            return _registered(final, path, name, rates or {}, skip=skip, user=user)
        copy = _copied(path, final)
        try:
            return _registered(final, copy, name, rates or {}, skip=skip, user=user)
        finally:
            copy.unlink(missing_ok=True)


def alone(file_name: str) -> AbstractContextManager[None]:
    """One import of a file of ``DATA_ROOT`` at a time: its hidden copy has one writer."""
    lock = (LOCK, zlib.crc32(file_name.encode()) - 2**31)
    otherwise = f"Another import of {file_name} is under way. Wait until it has ended."
    return one_at_a_time(lock, otherwise=otherwise)


def _registered(
    final: Path, read: Path, name: str, rates: Mapping[str, float], *, skip: bool, user: User | None
) -> Hdf5Import:
    """``read`` becomes ``final`` in the transaction that makes the data set."""
    found, digest = _accepted(read, rates, skip=skip), digest_of(read)
    known = Dataset.objects.filter(name=name).first()
    source = f"{SOURCE}{final.name}"
    if known and (known.digest, known.source) == (digest, source) and final.is_file():
        return Hdf5Import(known, found.series, found.refused, is_new=False)
    if read != final and final.exists() and digest_of(final) != digest:
        raise DuplicateNameError(_whose(final.name, source))
    with transaction.atomic():
        dataset = create_dataset(
            name=name,
            digest=digest,
            row_count=found.series[0].length,
            feature_count=math.prod(found.series[0].item_shape),
            source=source,
            description=f"{len(found.series)} series of {final.name}.",
            schema={"series": [dataclasses.asdict(each) for each in found.series]},
            user=user,
        )
        read.replace(final)
        sync_folder(final.parent)
        crash_point("hdf5.before_commit")
    return Hdf5Import(dataset, found.series, found.refused, is_new=True)


def _accepted(path: Path, rates: Mapping[str, float], *, skip: bool) -> Examined:
    found = examined(path)
    if found.refused and not skip:
        told = "; ".join(f"{each.name[:100]} {each.reason}" for each in found.refused[:REFUSALS_TOLD])
        more = len(found.refused) - REFUSALS_TOLD
        raise BadInputError(
            f"Nothing was registered. {told}{f'; and {more} more' if more > 0 else ''}."
            " To register the rest without them: --skip"
        )
    if not found.series:
        raise BadInputError("Nothing was registered: the file has no series.")
    if unknown := rates.keys() - {each.name for each in found.series}:
        raise BadInputError(f"--rate names no series of the file: {', '.join(sorted(unknown))}.")
    if wrong := [key for key, rate in rates.items() if not 0 < rate < math.inf]:
        raise BadInputError(f"A rate is a number of samples a second above 0: {', '.join(sorted(wrong))}.")
    told_rates = [
        dataclasses.replace(each, rate_hz=rates.get(each.name, each.rate_hz)) for each in found.series
    ]
    return Examined(told_rates, found.refused)


def _in_data_root(path: Path) -> Path:
    root = Path(settings.DATA_ROOT).resolve()
    if path.resolve().parent != root or path.is_symlink() or not FILE_NAME.fullmatch(path.name):
        raise BadInputError(
            f"{path.name[:100]} does not lie in DATA_ROOT under a name such as ecg.h5."
            " Leave --in-place away to copy it."
        )
    return path


def _copied(path: Path, final: Path) -> Path:
    """A synced copy under a hidden name; what an earlier try left there goes.

    Raises:
        BadInputError: the disk refused; nothing is left.
    """
    copy = final.with_name(f"{UNFINISHED}{final.name}")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        with suppress(OSError):
            copy.unlink(missing_ok=True)
        raise BadInputError(
            f"{path.name} can't be copied to DATA_ROOT: {error.strerror or error}."
        ) from error
    return copy


def _whose(file_name: str, source: str) -> str:
    if Dataset.objects.filter(source=source).exists():
        return f"{file_name} in DATA_ROOT is another data set's. Say another: --name"
    return (
        f"Another file {file_name} lies in DATA_ROOT, of no data set. Register it with --in-place,"
        " take it away, or say another name: --name"
    )
