"""Which version of a model answers, and whether the asker may have its answers."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User

from features.online import deployments
from features.predicting import loading
from features.predicting.servable import ServableModel
from features.queries.live_deployments import live_deployment
from features.queries.served_versions import ServedVersion, aliased_number, served_version
from features.remembered import Remembered
from registry.enums import Environment
from registry.exceptions import BadInputError, NotFoundError, StoreUnavailableError
from registry.models import Experiment, ExperimentPermission
from registry.queries.permissions import authorize

READ = ExperimentPermission.Level.READ
VERSION_SECONDS = 10.0  # a version's files and features hardly ever change
MOVING_SECONDS = 1.0


@dataclass(frozen=True)
class Wanted:
    """Which version is asked for: a number, an alias, or the one that is live in an environment."""

    model: str
    environment: str = Environment.PRODUCTION.value
    version: int | None = None
    alias: str = ""

    def checked(self) -> "Wanted":
        """The same.

        Raises:
            BadInputError: no such environment, or both a version and an alias.
        """
        if self.environment not in Environment.values:
            names = ", ".join(Environment.values)
            raise BadInputError(f"{self.environment[:100]!r} is no environment; there are {names}.")
        if self.version is not None and self.alias:
            raise BadInputError("Ask for a version or for an alias, not for both.")
        return self


@dataclass(frozen=True)
class Served:
    """The version that answers; ``environment`` is empty where it was asked for by number or alias."""

    version: ServedVersion
    environment: str


_versions: Remembered[tuple[str, int], ServedVersion]
_versions = Remembered(lambda key: served_version(*key), seconds=VERSION_SECONDS)
_aliases: Remembered[tuple[str, str], int]
_aliases = Remembered(lambda key: aliased_number(*key), seconds=MOVING_SECONDS)
_deployed: Remembered[tuple[str, str], int | None]
_deployed = Remembered(lambda key: live_deployment(*key).version, seconds=MOVING_SECONDS)


def forget_served_models() -> None:
    """Ask PostgreSQL again for everything, in this process."""
    for each in (_versions, _aliases, _deployed, _allowed):
        each.forget()


def served_model(wanted: Wanted, *, user: User) -> Served:
    """The version that answers (one round trip to Redis where a deployment is meant).

    PostgreSQL is asked for a version every 10 s and for a deployment only where Redis does not know it;
    while it is away, what was known goes on.

    Raises:
        NotFoundError: there is no such version or live deployment, or none that the user may know of.
        OperationalError, InterfaceError: PostgreSQL is away, and this process does not know the version.
    """
    wanted.checked()
    number = _number(wanted)
    try:
        version = _versions((wanted.model, number))
    except NotFoundError as error:
        raise not_there(wanted) from error
    is_named = wanted.version is not None or bool(wanted.alias)
    served = Served(version, "" if is_named else wanted.environment)
    require_reader(served, wanted, user)
    return served


def require_reader(served: Served, wanted: Wanted, user: User) -> None:
    """Let the user go on who may read the experiment of the version.

    Raises:
        NotFoundError: they may not; the same as for a version that is not there.
    """
    experiment = served.version.experiment
    if experiment is None or user.is_superuser:
        return
    if not _allowed((user.pk, experiment.pk)):
        raise not_there(wanted)


def not_there(wanted: Wanted) -> NotFoundError:
    """What is said of a model that does not answer."""
    which = f"in {wanted.environment}"
    if wanted.version is not None or wanted.alias:
        which = f"version {wanted.version}" if wanted.version is not None else f"alias {wanted.alias[:100]!r}"
    return NotFoundError(
        f"No model named {wanted.model[:100]!r} is served ({which}). Deploy a version first."
    )


def loaded_model(served: Served) -> ServableModel:
    """The version's model, loaded once a process.

    Raises:
        ModelRefusedError: its file is none that may be loaded here.
        ArtifactError: the file is missing on disk, or damaged.
    """
    return loading.loaded(loading.chosen_file(served.version.files))


def _number(wanted: Wanted) -> int:
    if wanted.version is not None:
        return wanted.version
    try:
        number = _aliases((wanted.model, wanted.alias)) if wanted.alias else _live_number(wanted)
    except NotFoundError as error:
        raise not_there(wanted) from error
    if number is None:
        raise not_there(wanted)
    return number


def _live_number(wanted: Wanted) -> int | None:
    """By Redis; by PostgreSQL where Redis is away or knows nothing of the model."""
    place = (wanted.model, wanted.environment)
    try:
        live = deployments.live(*place)
    except StoreUnavailableError:
        live = None
    return _deployed(place) if live is None else live.version


def _read_level(key: tuple[int, int]) -> bool:
    user, experiment = User.objects.get(pk=key[0]), Experiment.objects.get(pk=key[1])
    try:
        authorize(user=user, level=READ, experiment=experiment)
    except NotFoundError:
        return False
    return True


_allowed = Remembered(_read_level, seconds=settings.CREDENTIALS_KEPT_MS / 1_000)
