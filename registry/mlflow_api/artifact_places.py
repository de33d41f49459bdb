"""Paths of the proxy: ``<experiment>/<run>/artifacts/…``, ``<experiment>/models/<model>/artifacts/…``.

Nothing of such a path ever reaches the file system: it names a row, whose file lies under its digest.
"""

import re
from dataclasses import dataclass

from django.contrib.auth.models import User

from registry.artifacts.paths import checked_path
from registry.exceptions import BadInputError, NotFoundError
from registry.models import ArtifactOwner, ExperimentPermission
from registry.queries.permissions import logged_model_for, run_for

from .ids import experiment_id

Level = ExperimentPermission.Level
PLACE = re.compile(
    r"(?P<experiment>0|[0-9a-f]{32})/(?:(?P<run>[0-9a-f]{32})|models/m-(?P<model>[0-9a-f]{32}))"
    r"/artifacts(?:/(?P<path>(?s:.+)))?"
)


@dataclass(frozen=True)
class Place:
    """Whose files, and the path among them; an empty path is the outermost folder."""

    owner: ArtifactOwner
    path: str


def place_for(user: User, full_path: str, *, level: str = Level.READ) -> Place:
    """Where a path leads, if the user has this level there (one statement).

    Raises:
        BadInputError: it climbs out, or holds what no path should.
        NotFoundError: it leads nowhere, or where the user may not know of.
        ForbiddenError: the user may read there, and needs ``level``.
    """
    asked = full_path.removesuffix("/")
    found = PLACE.fullmatch(asked)
    if found is None:
        checked_path(asked)
        raise nothing_at(full_path)
    path = checked_path(found["path"]) if found["path"] else ""
    owner: ArtifactOwner
    if found["run"]:
        owner = run_for(user, found["run"], level=level)
    else:
        owner = logged_model_for(user, found["model"], level=level, even_deleted=True)
    if experiment_id(owner.experiment.experiment_id) != found["experiment"]:
        raise nothing_at(full_path)
    return Place(owner, path)


def file_place_for(user: User, full_path: str, *, level: str = Level.READ) -> Place:
    """The same for a path that must name a file."""
    place = place_for(user, full_path, level=level)
    if not place.path or full_path.endswith("/"):
        raise BadInputError(f"Artifact path refers to a directory, not a file: {full_path[:200]!r}")
    return place


def nothing_at(full_path: str) -> NotFoundError:
    """What those are told who ask for a file that is not there."""
    return NotFoundError(f"No such artifact: {full_path[:200]!r}")
