"""What can go wrong, said so that the reader knows what to do."""


class RegistryError(Exception):
    """The base of every error that a caller may see."""


class BadInputError(RegistryError):
    """The input can't be stored; nothing was changed."""


class NotFoundError(RegistryError):
    """No such thing, or none that the asker may know of."""


class NotAuthenticatedError(RegistryError):
    """Nobody that we know asks."""


class RateLimitedError(RegistryError):
    """Too much within a short time; the asker may go on after ``retry_after_seconds``."""

    def __init__(self, message: str, *, retry_after_seconds: float = 60.0) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class ForbiddenError(RegistryError):
    """The asker may see this, but not do that."""


class ConflictError(RegistryError):
    """The request contradicts what is recorded; nothing was changed."""


def in_the_bin(kind: str, called: str, cure: str = "Restore it first.") -> ConflictError:
    """A deleted thing takes nothing before it is restored; told in MLflow's words, which its clients know."""
    return ConflictError(
        f"The {kind} {called} must be in the 'active' state. Current state is deleted. {cure}"
    )


class DuplicateNameError(ConflictError):
    """The name is taken by something else."""


class ParamConflictError(ConflictError):
    """A param is immutable and already has another value."""


class RunEndedError(ConflictError):
    """The run has ended; it takes no more data until it is resumed."""


class BodyTooLargeError(BadInputError):
    """A document would pass MongoDB's limit of 16 MB."""


class UploadTooLargeError(BadInputError):
    """A file that comes in parts would pass ``ARTIFACT_MAX_MB``."""


class StoreUnavailableError(RegistryError):
    """A store did not answer in time."""


class ArtifactError(RegistryError):
    """An artifact could not be stored or read whole; nothing was half-stored."""


class StaleVersionError(ConflictError):
    """The caller's change is meant for another version than the one that stands."""


class IdempotencyKeyReusedError(ConflictError):
    """The idempotency key was used for another request."""


class RequestInFlightError(ConflictError):
    """The same request is being worked on right now; ask again in a moment."""


class RefusedError(RegistryError):
    """A message can't be done, however often it is tried: it is a dead letter at once."""
