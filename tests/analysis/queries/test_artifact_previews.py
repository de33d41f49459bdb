import json

import pytest

from analysis.queries.artifact_previews import ArtifactView, artifact_views, confusion_matrix
from registry.models import Artifact, TrainingRun
from registry.services.artifacts import log_artifact
from tests.factories import ArtifactFactory, RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> TrainingRun:
    return RunFactory.create()


def view(run: TrainingRun, path: str, content: bytes, media_type: str = "") -> ArtifactView:
    log_artifact(run_id=run.run_id, path=path, content=content, media_type=media_type)
    (shown,) = artifact_views(Artifact.objects.filter(run=run, path=path))
    return shown


def test_a_picture_is_shown_and_a_drawing_with_scripts_is_not(run: TrainingRun) -> None:
    assert view(run, "plot.png", b"png").kind == "image"
    assert view(run, "plot.svg", b"<svg/>").kind == "file"
    assert view(run, "page.html", b"<html>").kind == "file"


def test_text_shows_its_beginning(run: TrainingRun) -> None:
    assert view(run, "log.txt", "eins ä".encode()).text == "eins ä"
    long = view(run, "long.txt", b"x" * 20_000)
    assert (len(long.text), long.is_cut) == (16_000, True)


def test_bytes_that_are_no_text_do_not_break_the_page(run: TrainingRun) -> None:
    assert view(run, "odd.txt", b"a\xff").text == "a�"


def test_json_is_indented(run: TrainingRun) -> None:
    assert view(run, "scores.json", b'{"a":[1]}').text == '{\n  "a": [\n    1\n  ]\n}'


@pytest.mark.parametrize("content", [b"{half", b"[" * 100_000])
def test_json_that_cannot_be_read_shows_as_it_is(run: TrainingRun, content: bytes) -> None:
    assert view(run, "half.json", content).text == content.decode()[:16_000]


def test_long_json_is_cut_and_huge_json_is_not_parsed(run: TrainingRun) -> None:
    assert view(run, "long.json", json.dumps(list(range(9_000))).encode()).is_cut
    huge = view(run, "huge.json", json.dumps("x" * 300_000).encode())
    assert (huge.text[:2], huge.is_cut) == ('"x', True)


def test_a_confusion_matrix_becomes_one(run: TrainingRun) -> None:
    shown = view(run, "evaluation/confusion_matrix.json", b'{"labels": ["a", 1], "counts": [[3, 0], [1, 2]]}')
    assert shown.kind == "matrix"
    assert shown.matrix is not None
    assert (shown.matrix.labels, shown.matrix.counts) == (["a", "1"], [[3, 0], [1, 2]])


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"labels": ["a", "b"]},
        {"labels": ["a"], "counts": [[1]]},
        {"labels": ["a", "b"], "counts": [[1, 2], [3]]},
        {"labels": ["a", "b"], "counts": [[1, 2], None]},
        {"labels": ["a", "b"], "counts": [["x", 2], [3, 4]]},
    ],
)
def test_other_json_is_no_confusion_matrix(content: object) -> None:
    assert confusion_matrix(content) is None


def test_a_file_that_is_gone_says_so(run: TrainingRun) -> None:
    ArtifactFactory(run=run, path="lost.txt")
    (shown,) = artifact_views(run.artifacts.all())
    assert shown.kind == "broken"
    assert shown.text.endswith("is missing from the artifact store.")


def test_only_the_first_files_have_a_preview(run: TrainingRun) -> None:
    for n in range(15):
        ArtifactFactory(run=run, path=f"{n:02}.png", media_type="image/png")
    assert [each.kind for each in artifact_views(run.artifacts.all())] == ["image"] * 12 + ["file"] * 3
