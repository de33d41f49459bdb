"""Days and moments as arguments of commands."""

import argparse
import datetime as dt

from registry.documents.condition_text import parsed_moment
from registry.exceptions import BadInputError


def moment(text: str) -> dt.datetime:
    """A day or a moment, UTC where it names no zone.

    Raises:
        ArgumentTypeError: it is neither.
    """
    try:
        return parsed_moment(text)
    except BadInputError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
