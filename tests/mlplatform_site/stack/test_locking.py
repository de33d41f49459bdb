import shutil
import threading
from pathlib import Path

import pytest

from mlplatform_site.stack import locking
from mlplatform_site.stack.errors import StackError
from mlplatform_site.stack.layout import Layout


def test_a_lock_held_for_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "SECONDS", 0.1)
    where = Layout(tmp_path)
    with locking.locked(where):
        with pytest.raises(StackError, match="Another process has held"), locking.locked(where):
            pass


def test_whoever_waited_while_the_folder_was_deleted_locks_the_new_one(tmp_path: Path) -> None:
    where = Layout(tmp_path / "stack")
    waiting, held = threading.Event(), []

    def wait_for_it() -> None:
        waiting.set()
        with locking.locked(where):
            held.append(where.lock.exists())

    waiter = threading.Thread(target=wait_for_it)
    with locking.locked(where):
        waiter.start()
        waiting.wait()
        threading.Event().wait(0.2)
        shutil.rmtree(where.root)
    waiter.join(60)
    assert held == [True]


def test_a_lock_that_cannot_be_opened_is_told_with_its_cure(tmp_path: Path) -> None:
    Layout(tmp_path).lock.mkdir()
    with pytest.raises(StackError, match="can't be opened: Is a directory") as caught:
        with locking.locked(Layout(tmp_path)):
            pass
    assert "permissions" in caught.value.cure
