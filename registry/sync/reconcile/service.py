"""Looking at every place, mending, and looking again at what was mended."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from registry.exceptions import RegistryError, StoreUnavailableError
from registry.models import ReconcileReport
from registry.postgres.one_at_a_time import one_at_a_time
from registry.sync import relay
from registry.sync.targets import TargetUnavailableError

from .drift import CHECKS, Check, Terms
from .report import Looked, store_report
from .sightings import note_orphans

LOCK = 0x7265636F  # "reco": one look at a time
AWAY = (StoreUnavailableError, TargetUnavailableError)


@dataclass(frozen=True)
class Progress:
    """How far the look at a place is, in steps of its own."""

    place: str
    done: int
    total: int


def reconcile(
    *, repair: bool = False, deep: bool = False, terms: Terms | None = None, user: User | None = None
) -> Iterator[Progress | ReconcileReport]:
    """Look for drift in every place, mend it where asked to, look again; yields progress, then the report.

    A store that is away leaves its places unchecked, and the report says so.

    Args:
        repair: mend what was found, by rows of the outbox where delivery can do it.
        deep: compare documents byte by byte too.

    Raises:
        ConflictError: another reconcile is at work.
    """
    with one_at_a_time(LOCK, otherwise="Another reconcile is at work. Wait until it has ended."):
        report = ReconcileReport.objects.create(is_deep=deep, is_repair=repair, created_by=user)
        looked = []
        for check in CHECKS:
            place = Looked(check.place, check.store)
            looked.append(place)
            yield from _look(check, place, deep=deep)
        if repair:
            _mend(looked, terms or Terms())
        report.ended_at = timezone.now()
        store_report(report, looked)
        yield report


def is_running() -> bool:
    """Whether a reconcile is at work, here or elsewhere (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [LOCK],
        )
        return bool(cursor.fetchone()[0])


def _look(check: Check, place: Looked, *, deep: bool) -> Iterator[Progress]:
    began = time.perf_counter()
    try:
        for step in check.look(deep=deep):
            known = {(each.kind, each.subject) for each in place.findings}
            place.findings += [each for each in step.found if (each.kind, each.subject) not in known]
            yield Progress(check.place, step.done, step.total)
        note_orphans(check.place, place.findings)
    except AWAY as error:
        place.problem = str(error)
    place.seconds = time.perf_counter() - began


def _mend(looked: list[Looked], terms: Terms) -> None:
    pairs = [(check, place) for check, place in zip(CHECKS, looked, strict=True) if place.findings]
    for check, place in pairs:
        place.unmended = {each.subject for each in place.findings}
        try:
            mending = check.mend(place.findings, terms)
            place.left = {finding.subject: reason for finding, reason in mending.left}
        except (*AWAY, RegistryError) as error:
            place.problem = place.problem or str(error)
    relay.drain()
    for check, place in pairs:
        try:
            place.unmended = check.still(place.findings)
        except AWAY as error:
            place.problem = place.problem or str(error)
