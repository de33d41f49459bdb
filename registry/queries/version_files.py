"""The files of a model version: its logged model's, or its run's, at its path."""

from django.db.models import QuerySet

from registry.models import Artifact, ModelVersion


def version_files(version: ModelVersion) -> QuerySet[Artifact]:
    """The files; none for a version without an owner, such as a prompt's."""
    owner = version.logged_model or version.run
    if owner is None:
        return Artifact.objects.none()
    return Artifact.objects.of(owner).at_or_under(version.artifact_path)
