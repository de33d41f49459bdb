"""The registered version whose parameters customers are scored by."""

from dataclasses import dataclass

from features.personalisation.parameters import NAME, PATH, ValueModel, from_json
from features.predicting.loading import read_whole
from features.queries.served_versions import aliased_number, served_version
from registry.exceptions import NotFoundError

ALIAS = "champion"


@dataclass(frozen=True)
class Champion:
    """A version with its parameters."""

    number: int
    run_id: str
    model: ValueModel


def champion() -> Champion:
    """The version that the alias points at (four statements and a file).

    Raises:
        NotFoundError: there is none, or it has no parameters.
        BadInputError: its parameters can't be read.
        ArtifactError: they are missing on disk, or damaged.
    """
    version = served_version(NAME, aliased_number(NAME, ALIAS))
    file = version.file(PATH)
    if file is None:
        raise NotFoundError(f"Version {version.number} of {NAME!r} has no file {PATH}.")
    return Champion(version.number, version.run_id, from_json(read_whole(file)))
