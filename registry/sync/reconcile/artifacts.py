"""Looking after the artifact folder: a file of the right size for every row, and no file without a row."""

import os
import re
import time
from collections.abc import Iterator, Sequence

from django.db import transaction

from registry.artifacts import storage
from registry.models import Artifact
from registry.sync.artifact_target import promise_sweep

from .drift import Check, Finding, Kind, Mending, Step, Terms

FOLDERS = 256
CHUNK = 20_000
LOST = "no copy is kept anywhere: restore the file from a backup, or log it again"
DIGEST = re.compile("[0-9a-f]{64}")
NOTHING = (None, 0.0)
Used = dict[str, int]


class ArtifactCheck(Check):
    """Compares sizes, folder by folder; the bytes' digests are compared whenever a file is read."""

    place = "artifacts"
    store = "Artifact store"

    def look(self, *, deep: bool) -> Iterator[Step]:  # noqa: ARG002 (a digest is checked by reading)
        """Compare each of the 256 folders with the rows."""
        used = _used()
        for number in range(FOLDERS):
            prefix = f"{number:02x}"
            yield Step(number + 1, FOLDERS, list(self._compared(prefix, used.get(prefix, {}))))

    def mend(self, findings: Sequence[Finding], terms: Terms) -> Mending:  # noqa: ARG002 (nothing to choose)
        """Promise a sweep of unused files, which asks again under a lock; the rest can't be mended."""
        with transaction.atomic():
            promise_sweep([each.subject for each in findings if each.kind == Kind.UNUSED])
        return Mending([(each, LOST) for each in findings if each.kind != Kind.UNUSED])

    def still(self, findings: Sequence[Finding]) -> set[str]:
        """Each looked at again."""
        rows = dict(
            Artifact.objects.filter(sha256__in=[each.subject for each in findings])
            .order_by()
            .values_list("sha256", "size_bytes")
        )
        left = set()
        for each in findings:
            size = storage.size_of(each.subject)
            if size != rows.get(each.subject):
                left.add(each.subject)
        return left

    def _compared(self, prefix: str, used: Used) -> Iterator[Finding]:
        there = dict(_files(prefix))
        for digest, size in used.items():
            if there.get(digest, NOTHING)[0] != size and (trouble := _trouble(digest, size)):
                yield self._finding(*trouble)
        oldest = time.time() - storage.KEEP_UNUSED_SECONDS
        for digest, (size, changed) in there.items():
            # Asked again, since the rows were read before: a file is used from one moment to the next.
            if digest not in used and changed < oldest and _first_use(digest) is None:
                yield self._finding(Kind.UNUSED, digest, f"{size:,} bytes")

    def _finding(self, kind: Kind, digest: str, detail: str) -> Finding:
        return Finding(self.place, kind, digest, "", detail)


def _used() -> dict[str, Used]:
    """Every digest that a row uses, with its size, by its first two digits (one statement)."""
    used: dict[str, Used] = {}
    rows = Artifact.objects.order_by().values_list("sha256", "size_bytes").distinct()
    for digest, size in rows.iterator(chunk_size=CHUNK):
        used.setdefault(digest[:2], {})[digest] = size
    return used


def _files(prefix: str) -> Iterator[tuple[str, tuple[int, float]]]:
    """The files in a folder: digest, bytes, time of the last change."""
    folder = storage.path_of(prefix).parent
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if DIGEST.fullmatch(entry.name):
                    found = entry.stat(follow_symlinks=False)
                    yield entry.name, (found.st_size, found.st_mtime)
    except FileNotFoundError:
        return


def _trouble(digest: str, size: int) -> tuple[Kind, str, str] | None:
    """What is wrong with a file, looked at again between two looks at its row."""
    before, actual, after = _first_use(digest), storage.size_of(digest), _first_use(digest)
    if before is None or after is None or actual == size:
        return None
    where = f"{after.owner_id}/{after.path}"
    if actual is None:
        return Kind.MISSING, digest, f"{where}, {size:,} bytes"
    return Kind.OTHER_SIZE, digest, f"{where}: {actual:,} bytes, not {size:,}"


def _first_use(digest: str) -> Artifact | None:
    return Artifact.objects.filter(sha256=digest).select_related("run", "logged_model").order_by("pk").first()
