"""Which version of a model answers, and whether the asker may have its answers."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist

from features.online import deployments
from features.online.deployments import LiveDeployment
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

    @property
    def is_named(self) -> bool:
        """Whether it is asked for by number or alias, wherever it is deployed."""
        return self.version is not None or bool(self.alias)

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
_last_seen: dict[tuple[str, str], int] = {}


def forget_served_models() -> None:
    """Ask PostgreSQL again for everything, in this process."""
    _last_seen.clear()
    for each in (_versions, _aliases, _deployed, _allowed):
        each.forget()


def served_model(wanted: Wanted, *, user: User) -> Served:
    """The version that answers (one round trip to Redis where a deployment is meant).

    PostgreSQL is asked for a version every 10 s and for a deployment only where Redis does not know it;
    while it is away, what was known goes on.

    Raises:
        BadInputError: no such environment.
        NotFoundError: there is no such version or live deployment, or none that the user may know of.
        OperationalError, InterfaceError: PostgreSQL is away, and this process does not know the version.
    """
    wanted.checked()
    try:
        live = None if wanted.is_named else deployments.live(wanted.model, wanted.environment)
    except StoreUnavailableError:
        live = None
    return served_as(wanted, live, user=user)


def served_as(wanted: Wanted, live: LiveDeployment | None, *, user: User) -> Served:
    """The same, where Redis was asked already; None where it is away or knows of no deployment."""
    try:
        number = _number(wanted, live)
        served = Served(_versions((wanted.model, number)), "" if wanted.is_named else wanted.environment)
    except NotFoundError as error:
        raise not_there(wanted) from error
    require_reader(served, wanted, user)
    if not wanted.is_named:
        _last_seen[wanted.model, wanted.environment] = number
    return served


def likely_served(wanted: Wanted, *, user: User) -> Served | None:
    """The version that answered last time; Redis is not asked whether it still does.

    None where none did, or one that the user may not know of.
    """
    number = wanted.version or _last_seen.get((wanted.model, wanted.environment))
    if number is None or wanted.alias:
        return None
    try:
        served = Served(_versions((wanted.model, number)), "" if wanted.is_named else wanted.environment)
        require_reader(served, wanted, user)
    except NotFoundError:
        return None
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
    if wanted.is_named:
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


def _number(wanted: Wanted, live: LiveDeployment | None) -> int:
    if wanted.version is not None:
        return wanted.version
    if wanted.alias:
        return _aliases((wanted.model, wanted.alias))
    number = _deployed((wanted.model, wanted.environment)) if live is None else live.version
    if number is None:
        raise not_there(wanted)
    return number


def _read_level(key: tuple[int, int]) -> bool:
    try:
        user, experiment = User.objects.get(pk=key[0]), Experiment.objects.get(pk=key[1])
        authorize(user=user, level=READ, experiment=experiment)
    except (NotFoundError, ObjectDoesNotExist):
        return False
    return True


_allowed = Remembered(_read_level, seconds=settings.CREDENTIALS_KEPT_MS / 1_000)
