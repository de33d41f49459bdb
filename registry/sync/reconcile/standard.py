"""The checks of MongoDB and of the artifact folder."""

from registry.models.body_part import COLLECTIONS

from .artifacts import ArtifactCheck
from .configs import ConfigCheck
from .documents import DocumentCheck
from .drift import enrol


def enrol_checks() -> None:
    """Enrol them."""
    enrol(*(DocumentCheck(collection) for collection in COLLECTIONS), ConfigCheck(), ArtifactCheck())
