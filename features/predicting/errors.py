"""Why a registered version is not served."""

from registry.exceptions import ConflictError


class ModelRefusedError(ConflictError):
    """The version's files are none that may be loaded here."""


class UntrustedModelError(ModelRefusedError):
    """A model file holds types outside the allow-list."""
