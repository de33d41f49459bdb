import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from features.seeding.pool import workers
from features.seeding.sweep import declared_runs

PROJECT = Path(__file__).resolve().parents[3]
RUN = next(run for run in declared_runs() if run.name == "knn-9")
WITH_A_WORKER = """
import multiprocessing, time
from features.seeding.pool import workers
if __name__ == "__main__":
    with workers(1) as pool:
        print(next(pool.describe(["wine"])).name, multiprocessing.active_children()[0].pid, flush=True)
        time.sleep(60)
"""


def test_answers_come_in_the_order_asked() -> None:
    names = ["wine", "diabetes", "digits", "breast-cancer"] * 3
    with workers(2) as pool:
        assert [facts.name for facts in pool.describe(names)] == names


@pytest.mark.fault
def test_an_error_of_a_training_is_raised_where_its_result_is_asked_for() -> None:
    broken = type(RUN)(name="x", family="oracle", dataset="wine", task="classification", config={})
    with workers(1) as pool, pytest.raises(KeyError, match="oracle"):
        list(pool.train([broken]))


@pytest.mark.fault
def test_a_worker_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(WITH_A_WORKER)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen([sys.executable, script], env=environment, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        name, pid = parent.stdout.readline().decode().split()
        assert name == "wine"
        parent.send_signal(signal.SIGKILL)
    assert is_gone_within(seconds=20, pid=int(pid))


def is_gone_within(*, seconds: float, pid: int) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False
