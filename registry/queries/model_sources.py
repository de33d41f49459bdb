"""What a model version is made of: files of one run or logged model of this platform, and nothing else.

A source names them as ``runs:/<run id>/<path>``, ``models:/m-<id>``, ``models:/<name>/<version>`` (or
``@alias``, ``/latest``, a stage), or ``mlflow-artifacts:/…`` inside the artifacts of the run or model that
the request names. No other place is ever asked, whatever tags come with it; a prompt has a placeholder.
"""

from dataclasses import dataclass

from django.contrib.auth.models import User

from registry.artifacts.paths import checked_path
from registry.enums import Lifecycle, ModelStage
from registry.exceptions import BadInputError
from registry.models import Artifact, ExperimentPermission, LoggedModel, TrainingRun

from .model_versions import VersionRow, aliased_version_row, latest_version_rows, no_version, version_row
from .permissions import logged_model_for, run_for
from .registered_models import registered_model

EDIT = ExperimentPermission.Level.EDIT
PROMPT_TAG = "mlflow.prompt.is_prompt"
PLACEHOLDERS = ("dummy-source", "prompt-template")
FORBIDDEN = ("#", "?", "%", "\\", "..", "\x00")
DEFAULT_EXPERIMENT = ("0" * 32, "0")


@dataclass(frozen=True)
class VersionFiles:
    """Where a version's files are: in a logged model, else in a run, at a path (empty for all of them)."""

    source: str
    run: TrainingRun | None = None
    logged_model: LoggedModel | None = None
    path: str = ""


def find_files(
    *, user: User, source: str, run_id: str = "", model_id: str = "", is_prompt: bool = False
) -> VersionFiles:
    """What a source means, where the user may edit the experiment of the files.

    Args:
        model_id: 32 hexadecimal characters, of the logged model that the request names.

    Raises:
        BadInputError: the source points elsewhere, or not into the run or model that the request names.
        NotFoundError, ForbiddenError: the files are none that the user may know of, or change.
    """
    if is_prompt:
        if source not in PLACEHOLDERS:
            raise refused(source, "A prompt has no files: its source is a placeholder.")
        return VersionFiles(source)
    scheme, has_scheme, rest = source.partition(":/")
    if not has_scheme or rest.startswith("/") or any(word in source for word in FORBIDDEN):
        raise refused(source, "Name files of this platform: runs:/… or models:/…")
    asked = _Asked(user, source, run_id, model_id)
    if scheme == "runs":
        return asked.in_run(rest)
    if scheme == "models":
        return asked.in_models(rest)
    if scheme == "mlflow-artifacts":
        return asked.in_artifacts(rest)
    raise refused(source, "Name files of this platform: runs:/… or models:/…")


def refused(source: str, cure: str) -> BadInputError:
    """What is said of a source that is not taken."""
    return BadInputError(f"Invalid model version source: {source[:500]!r}. {cure}")


@dataclass(frozen=True)
class _Asked:
    user: User
    source: str
    run_id: str
    model_id: str

    def in_run(self, rest: str) -> VersionFiles:
        """``<run id>/<path>``; where the run has no such file, the logged model of that name."""
        run_id, _, path = rest.partition("/")
        self._require(run_id == self.run_id and not self.model_id, "run_id")
        return self._of_run(path)

    def in_models(self, rest: str) -> VersionFiles:
        """``m-<id>``, or a version of a registered model."""
        if "/" not in rest and "@" not in rest:
            self._require(bool(self.model_id) and rest == f"m-{self.model_id}", "model_id")
            return self._of_model("")
        version = self._version(rest)
        run = run_for(self.user, version.run_id, level=EDIT) if version.run_id else None
        model = logged_model_for(self.user, version.model_id, level=EDIT) if version.model_id else None
        is_same = self.run_id in ("", version.run_id) and self.model_id in ("", version.model_id)
        if not is_same or (run is None and model is None):
            raise refused(self.source, "run_id and model_id must be those of the version.")
        return VersionFiles(f"models:/{version.name}/{version.number}", run, model, version.artifact_path)

    def in_artifacts(self, rest: str) -> VersionFiles:
        """``<experiment>/<run>/artifacts/<path>`` or ``<experiment>/models/<model>/artifacts/<path>``."""
        parts = rest.split("/")
        if self.model_id:
            root = logged_model_for(self.user, self.model_id, level=EDIT).experiment.experiment_id
            inside = ["models", f"m-{self.model_id}", "artifacts"]
            self._require(_is_in(parts, root, inside), "model_id")
            return self._of_model("/".join(parts[4:]))
        self._require(bool(self.run_id), "run_id")
        root = run_for(self.user, self.run_id, level=EDIT).experiment.experiment_id
        self._require(_is_in(parts, root, [self.run_id, "artifacts"]), "run_id")
        return self._of_run("/".join(parts[3:]))

    def _of_run(self, path: str) -> VersionFiles:
        run = run_for(self.user, self.run_id, level=EDIT)
        path = self._checked(path)
        if not Artifact.objects.of(run).at_or_under(path).exists():
            name, _, inner = path.partition("/")
            models = LoggedModel.objects.filter(source_run=run, name=name, lifecycle=Lifecycle.ACTIVE)
            if model := models.order_by("-created_at", "-pk").first():
                return VersionFiles(self.source, run, model, inner)
        return VersionFiles(self.source, run, None, path)

    def _of_model(self, path: str) -> VersionFiles:
        model = logged_model_for(self.user, self.model_id, level=EDIT)
        return VersionFiles(self.source, model.source_run, model, self._checked(path))

    def _checked(self, path: str) -> str:
        path = path.rstrip("/")
        try:
            return checked_path(path) if path else ""
        except BadInputError as error:
            raise refused(self.source, str(error)) from error

    def _require(self, holds: bool, name: str) -> None:  # noqa: FBT001 (reads as a sentence)
        if not holds:
            raise refused(self.source, f"The request's {name} must name what contains the source.")

    def _version(self, rest: str) -> VersionRow:
        name, at, alias = rest.partition("@")
        if at:
            found = aliased_version_row(self.user, name, alias)
            if found is None:
                raise BadInputError(f"Registered model alias {alias[:255]} not found.")
            return found
        name, _, which = rest.partition("/")
        if which.isascii() and which.isdecimal() and len(which) < 11:  # noqa: PLR2004
            return version_row(self.user, name, int(which))
        return self._latest(name, which)

    def _latest(self, name: str, which: str) -> VersionRow:
        stages = {stage.lower(): stage for stage in ModelStage.values}
        if which.lower() != "latest" and which.lower() not in stages:
            raise refused(self.source, "After the name comes a version, a stage or 'latest'.")
        rows = latest_version_rows(self.user, [registered_model(name).pk])
        found = [row for row in rows if which.lower() == "latest" or row.stage == stages[which.lower()]]
        if not found:
            raise no_version(name, which)
        return max(found, key=lambda row: row.number)


def _is_in(parts: list[str], experiment: str, inside: list[str]) -> bool:
    names = DEFAULT_EXPERIMENT if experiment == DEFAULT_EXPERIMENT[0] else (experiment,)
    return parts[0] in names and parts[1 : 1 + len(inside)] == inside
