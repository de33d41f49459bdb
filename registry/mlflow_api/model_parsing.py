"""What the requests of the model registry have in common."""

from registry.enums import ModelStage
from registry.exceptions import BadInputError

from .parsing import Fields

STAGES = {stage.lower(): stage for stage in ModelStage.values}


def version_in(fields: Fields) -> int:
    """The version's number, which comes as text.

    Raises:
        BadInputError: there is none, or it is no number.
    """
    if "version" not in fields or fields.raw("version") == "":
        fields.required("version")
    try:
        number = fields.integer("version")
    except BadInputError as error:
        given = str(fields.raw("version"))[:100]
        raise BadInputError(f"Parameter 'version' must be an integer, got '{given}'.") from error
    return number or 0


def stage_in(text: str) -> str:
    """A stage, in whichever case it is written.

    Raises:
        BadInputError: there is no such stage.
    """
    if text.lower() not in STAGES:
        raise BadInputError(
            f"Invalid Model Version stage: {text[:100]}. Value must be one of {', '.join(STAGES.values())}."
        )
    return STAGES[text.lower()]
