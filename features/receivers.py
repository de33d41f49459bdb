"""What follows in Redis from what the record tells (registry/signals.py)."""

import os
import socket
from functools import cache, partial
from typing import Any

from django.db.models.signals import post_delete, post_save

from features.activity.rules import tell_of_change
from features.models import AlertRule
from features.online import doorbells, heartbeats
from features.online.heartbeats import Beat
from registry import signals
from registry.acting import Actor, actor

AT_WORK = ("tracker", "api")
MLFLOW = "mlflow"


def connect() -> None:
    """Listen; more than once is no different."""
    signals.run_logged.connect(_at_work, dispatch_uid="doorbell")
    signals.run_beat.connect(_alive, dispatch_uid="doorbell")
    signals.run_changed.connect(_changed, dispatch_uid="doorbell")
    for changed in (post_save, post_delete):
        changed.connect(tell_of_change, sender=AlertRule, dispatch_uid="alert rules")


def _changed(run_id: str, **_: Any) -> None:
    doorbells.ring(run_id)


def _at_work(run_id: str, **_: Any) -> None:
    if not doorbells.may_ring(run_id):  # nearly always, while much is logged
        return
    if not _beat_if_due(run_id):
        doorbells.ring(run_id)


def _alive(run_id: str, **_: Any) -> None:
    """Nothing changed, so nothing is told between two beats."""
    if doorbells.may_ring(run_id):
        _beat_if_due(run_id)


def _beat_if_due(run_id: str) -> bool:
    who = actor()
    if who.channel not in AT_WORK or not heartbeats.is_due(run_id):
        return False
    host, pid = (_host(), os.getpid()) if who.channel == "tracker" else ("", 0)
    beat = Beat(run_id, who.username, _source(who), host, pid)
    doorbells.ring(run_id, beside=partial(heartbeats.add, beat=beat))
    return True


def _source(who: Actor) -> str:
    return MLFLOW if who.client == MLFLOW else who.channel


@cache
def _host() -> str:
    return socket.gethostname()
