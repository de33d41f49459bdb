"""Reconcile beside writers: what is on its way is never taken for drift."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from registry.models import ReconcileReport
from registry.services.experiments import create_experiment
from registry.services.run_log import add_note, log_epoch
from registry.services.runs import end_run, start_run
from registry.services.tags import set_run_tags
from registry.sync.reconcile.service import reconcile

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
WRITERS, LOOKS = 3, 12


def write(seed: int, stop: threading.Event) -> int:
    """Start, change and end runs until told to stop; returns how many."""
    chance, written = random.Random(seed), 0
    try:
        while not stop.is_set():
            run_id = start_run(experiment="e", config={"lr": chance.random()}).run_id
            for number in range(chance.randrange(6)):
                set_run_tags(run_id=run_id, tags={"n": str(number)})
                log_epoch(run_id=run_id, epoch=number, metrics={"accuracy": chance.random()})
            add_note(run_id=run_id, text="good")
            if chance.random() < 0.7:
                end_run(run_id=run_id)
            written += 1
    finally:
        connection.close()
    return written


def test_beside_writers_nothing_is_found_and_a_repair_changes_nothing(mongo: Any, redis_keys: None) -> None:
    create_experiment(name="e")
    stop = threading.Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, seed, stop) for seed in range(WRITERS)]
        found = []
        try:
            for number in range(LOOKS):
                *_, report = reconcile(deep=number % 3 == 0, repair=number % 2 == 0)
                assert isinstance(report, ReconcileReport)
                found += report.result["findings"]
        finally:
            stop.set()
        written = sum(writer.result() for writer in writers)
    assert found == []
    assert written > WRITERS
