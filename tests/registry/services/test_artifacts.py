import io
import os
import subprocess
from pathlib import Path

import pytest
from django.test import override_settings

from registry.artifacts import storage
from registry.exceptions import ArtifactError, BadInputError, NotFoundError
from registry.models import Artifact
from registry.services.artifacts import log_artifact
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: object) -> Path:
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    return tmp_path / "artifacts"


@pytest.fixture
def run_id() -> str:
    return str(RunFactory().run_id)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def content(artifact: Artifact) -> bytes:
    return b"".join(storage.read(artifact.sha256, size_bytes=artifact.size_bytes))


@pytest.mark.parametrize("data", [b"", b"x", os.urandom(3 * 1024 * 1024 + 1)])
def test_a_file_comes_back_as_it_went(run_id: str, data: bytes) -> None:
    artifact = log_artifact(run_id=run_id, path="модель/ünï ✓.bin", content=data)
    assert content(artifact) == data
    assert artifact.size_bytes == len(data)
    assert storage.verify(artifact.sha256)


def test_a_path_and_an_open_file_can_be_logged(run_id: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    from_path = log_artifact(run_id=run_id, path="a.json", content=tmp_path / "a.json")
    from_file = log_artifact(run_id=run_id, path="b.png", content=io.BytesIO(b"png"))
    assert (from_path.media_type, from_file.media_type) == ("application/json", "image/png")


def test_the_same_content_is_kept_once(run_id: str, root: Path) -> None:
    log_artifact(run_id=run_id, path="a", content=b"same")
    log_artifact(run_id=run_id, path="b", content=b"same")
    assert len(files(root)) == 1


def test_a_path_takes_new_content(run_id: str) -> None:
    log_artifact(run_id=run_id, path="a", content=b"old")
    log_artifact(run_id=run_id, path="a", content=b"newer")
    assert content(Artifact.objects.get()) == b"newer"


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/./b", "a\\b", "~x", "C:x", "a/%2e%2e/b", "a/%252e%252e/b",
     "a\x00b", "a\nb", "a\u202eb", "x" * 501, "a/" + "y" * 256, "..", "a/..", "a/"],
)  # fmt: skip
def test_a_path_that_could_leave_the_run_is_refused(run_id: str, path: str, root: Path) -> None:
    with pytest.raises(BadInputError, match="can't be an artifact's path"):
        log_artifact(run_id=run_id, path=path, content=b"x")
    assert not root.exists()


def test_a_file_of_no_run_is_refused_before_it_is_stored(root: Path) -> None:
    with pytest.raises(NotFoundError):
        log_artifact(run_id="f" * 32, path="a", content=b"x")
    assert not root.exists()


class HalfWritten(io.RawIOBase):
    """A source that breaks in the middle."""

    def read(self, size: int = -1) -> bytes:
        if self.tell_reads():
            raise OSError(5, "Input/output error")
        return b"first half"

    def tell_reads(self, seen: list[int] = []) -> bool:  # noqa: B006
        seen.append(1)
        return len(seen) > 1


def test_a_source_that_breaks_leaves_nothing(run_id: str, root: Path) -> None:
    with pytest.raises(ArtifactError, match="could not be stored"):
        log_artifact(run_id=run_id, path="a", content=HalfWritten())
    assert files(root) == []
    assert Artifact.objects.count() == 0


def test_a_source_shorter_than_promised_leaves_nothing(root: Path) -> None:
    with pytest.raises(ArtifactError, match="changed while it was read"):
        storage.stage(io.BytesIO(b"half"), expected_bytes=8)
    assert files(root) == []


def test_a_missing_file_is_told_plainly(run_id: str, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="can't be read: No such file"):
        log_artifact(run_id=run_id, path="a", content=tmp_path / "none")


def test_a_file_cut_short_on_disk_is_noticed(run_id: str) -> None:
    artifact = log_artifact(run_id=run_id, path="a", content=b"whole content")
    storage.path_of(artifact.sha256).write_bytes(b"whole")
    with pytest.raises(ArtifactError, match="5 bytes instead of 13"):
        content(artifact)
    assert not storage.verify(artifact.sha256)


def test_a_file_gone_from_disk_is_noticed(run_id: str) -> None:
    artifact = log_artifact(run_id=run_id, path="a", content=b"x")
    storage.path_of(artifact.sha256).unlink()
    with pytest.raises(ArtifactError, match="missing"):
        content(artifact)
    assert not storage.verify(artifact.sha256)


def test_what_a_crash_left_is_swept(root: Path) -> None:
    (root / "tmp").mkdir(parents=True)
    (root / "tmp" / "old").write_bytes(b"x")
    os.utime(root / "tmp" / "old", (0, 0))
    (root / "tmp" / "young").write_bytes(b"x")
    assert storage.sweep_temporary() == 1
    assert [path.name for path in files(root)] == ["young"]


@pytest.mark.skipif(os.geteuid() != 0, reason="a full disk is made with a small tmpfs, which takes root")
def test_a_full_disk_is_told_plainly_and_leaves_nothing(run_id: str, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a tmpfs is refused here")
    try:
        with override_settings(ARTIFACT_ROOT=small):
            with pytest.raises(ArtifactError, match="No space left on device.*disk's space"):
                log_artifact(run_id=run_id, path="a", content=os.urandom(1024 * 1024))
            assert files(small) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
