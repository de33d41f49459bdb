"""What a page shows of an artifact without downloading it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.charts.matrix import Matrix
from registry.artifacts import storage
from registry.exceptions import ArtifactError
from registry.models import Artifact

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
TEXTS = ("text/plain", "text/csv", "text/markdown", "text/x-python", "application/json", "application/yaml")
LONGEST_PREVIEW = 16_000
LARGEST_JSON = 256_000
MOST_PREVIEWS = 12
MOST_CLASSES = 30


@dataclass(frozen=True, slots=True)
class ArtifactView:
    """A file and how it shows.

    Attributes:
        kind: ``image``, ``matrix``, ``text``, ``broken`` or ``file`` (no preview).
        text: Of ``text`` the content, of ``broken`` the cause.
        is_cut: Whether the text goes on in the file.
    """

    path: str
    size_bytes: int
    sha256: str
    media_type: str
    kind: str = "file"
    text: str = ""
    matrix: Matrix | None = None
    is_cut: bool = False


def artifact_views(artifacts: Iterable[Artifact]) -> list[ArtifactView]:
    """Every file, the first twelve of them that can be shown with a preview; reads from disk."""
    views, previews = [], 0
    for artifact in artifacts:
        view = _preview(artifact) if previews < MOST_PREVIEWS else None
        previews += view is not None
        views.append(view or _plain(artifact))
    return views


def _plain(artifact: Artifact, **shown: object) -> ArtifactView:
    return ArtifactView(
        artifact.path,
        artifact.size_bytes,
        artifact.sha256,
        artifact.media_type,
        **shown,  # type: ignore[arg-type]
    )


def _preview(artifact: Artifact) -> ArtifactView | None:
    if artifact.media_type in IMAGES:
        return _plain(artifact, kind="image")
    if not artifact.media_type.startswith(TEXTS):
        return None
    is_json = artifact.media_type == "application/json" and artifact.size_bytes <= LARGEST_JSON
    try:
        text = _read(artifact, LARGEST_JSON if is_json else LONGEST_PREVIEW)
    except ArtifactError as error:
        return _plain(artifact, kind="broken", text=str(error))
    return _json_preview(artifact, text) if is_json else _text_preview(artifact, text)


def _read(artifact: Artifact, most: int) -> str:
    """The beginning of the file; a character cut in two at its end is left out."""
    head = b""
    for piece in storage.read(artifact.sha256, size_bytes=artifact.size_bytes):
        head += piece
        if len(head) >= most:
            break
    return head[:most].decode("utf-8", errors="replace")


def _text_preview(artifact: Artifact, text: str) -> ArtifactView:
    is_cut = len(text) > LONGEST_PREVIEW or artifact.size_bytes > len(text.encode())
    return _plain(artifact, kind="text", text=text[:LONGEST_PREVIEW], is_cut=is_cut)


def _json_preview(artifact: Artifact, text: str) -> ArtifactView:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return _text_preview(artifact, text)
    matrix = confusion_matrix(content)
    if matrix is not None:
        return _plain(artifact, kind="matrix", matrix=matrix)
    pretty = json.dumps(content, indent=2, ensure_ascii=False)
    is_cut = len(pretty) > LONGEST_PREVIEW
    return _plain(artifact, kind="text", text=pretty[:LONGEST_PREVIEW], is_cut=is_cut)


def confusion_matrix(content: object) -> Matrix | None:
    """The matrix in ``{"labels": [...], "counts": [[...], ...]}``; None where there is none."""
    if not isinstance(content, dict):
        return None
    labels, counts = content.get("labels"), content.get("counts")
    if not (isinstance(labels, list) and isinstance(counts, list) and 1 < len(labels) <= MOST_CLASSES):
        return None
    try:
        return Matrix([str(label) for label in labels], [[float(n) for n in row] for row in counts])
    except (TypeError, ValueError):
        return None
