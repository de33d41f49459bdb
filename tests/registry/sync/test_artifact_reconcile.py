"""Files that are gone, cut or left over: found exactly, and only what nobody uses is deleted."""

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from registry.artifacts import storage
from registry.models import Artifact, ReconcileReport
from registry.services.artifacts import log_artifact
from registry.sync import relay
from registry.sync.reconcile.drift import Kind
from registry.sync.reconcile.service import reconcile
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _own_folder(settings: LazySettings, tmp_path: Path, mongo: Any, redis_keys: None) -> None:
    settings.ARTIFACT_ROOT = tmp_path
    run = RunFactory(status="RUNNING")
    for name in ("a", "b", "c"):
        log_artifact(run_id=run.run_id, path=name, content=name.encode())
    *_, _report = reconcile(repair=True)


def look(**named: Any) -> ReconcileReport:
    *_, report = reconcile(**named)
    assert isinstance(report, ReconcileReport)
    return report


def drift(report: ReconcileReport) -> set[tuple[str, str, str]]:
    return {(each["place"], each["kind"], each["subject"]) for each in report.result["findings"]}


def digest_of(path: str) -> str:
    return str(Artifact.objects.get(path=path).sha256)


def leave(content: bytes, *, age: int) -> str:
    """A file without a row, changed so many seconds ago."""
    digest = hashlib.sha256(content).hexdigest()
    path = storage.path_of(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - age,) * 2)
    return digest


def test_files_that_are_gone_or_cut_are_told_and_stay_so() -> None:
    storage.path_of(digest_of("a")).unlink()
    storage.path_of(digest_of("b")).write_bytes(b"")
    expected = {
        ("artifacts", Kind.MISSING, digest_of("a")),
        ("artifacts", Kind.OTHER_SIZE, digest_of("b")),
    }
    assert drift(look()) == expected
    report = look(repair=True)
    assert (drift(report), report.mended, report.is_clean) == (expected, 0, False)
    assert all("log it again" in each["left"] for each in report.result["findings"])
    storage.path_of(digest_of("a")).write_bytes(b"a")
    storage.path_of(digest_of("b")).write_bytes(b"b")
    assert look().is_clean


def test_only_old_files_that_no_row_uses_are_deleted() -> None:
    old, young = leave(b"old", age=DAY + 60), leave(b"young", age=DAY - 60)
    for name in ("a", "b", "c"):
        os.utime(storage.path_of(digest_of(name)), (0, 0))
    assert drift(look()) == {("artifacts", Kind.UNUSED, old)}
    assert look(repair=True).mended == 1
    assert (storage.size_of(old), storage.size_of(young)) == (None, 5)
    assert [storage.size_of(digest_of(name)) for name in ("a", "b", "c")] == [1, 1, 1]
    assert look().is_clean


def test_a_file_that_is_used_again_stays() -> None:
    old = leave(b"old", age=DAY + 60)
    run = RunFactory(status="RUNNING")
    relay.drain()
    log_artifact(run_id=run.run_id, path="again", content=b"old")
    report = look(repair=True)
    assert not any(each["place"] == "artifacts" for each in report.result["findings"])
    assert storage.size_of(old) == 3


def test_what_is_no_digest_is_nobodys_business(tmp_path: Path) -> None:
    (tmp_path / "sha256" / "aa").mkdir(parents=True, exist_ok=True)
    (tmp_path / "sha256" / "aa" / "README").write_text("x")
    assert look(repair=True).is_clean
    assert (tmp_path / "sha256" / "aa" / "README").exists()
