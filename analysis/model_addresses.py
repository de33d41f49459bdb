"""Where registered models and their versions have their pages."""

from django.urls import reverse


def model_address(name: str) -> str:
    """The page of a registered model."""
    return reverse("analysis:registered-model", args=[name])


def version_address(name: str, number: int) -> str:
    """The page of one version."""
    return reverse("analysis:model-version", args=[name, number])
