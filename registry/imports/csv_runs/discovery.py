"""A mapping to begin with: what the columns of a CSV file seem to mean."""

from typing import Any

from registry.exceptions import BadInputError

from .mapping import meaning_of
from .reading import CsvFile, Row


def proposed_mapping(file: CsvFile) -> dict[str, Any]:
    """A mapping for people to edit; a column that says nothing by its name becomes a param.

    Raises:
        BadInputError: the file can't be read.
    """
    if problem := file.check():
        raise BadInputError(f"{problem.place}: {problem.cause} {problem.cure}")
    header = next(file.rows(), None)
    if not isinstance(header, Row):
        raise BadInputError("The file has no header that can be read.")
    columns = {cell: meaning_of(cell) or f"param.{cell.strip() or 'unnamed'}" for cell in header.cells}
    taken: set[str] = set()
    for cell, meaning in columns.items():
        if meaning in taken:
            columns[cell] = f"param.{cell}"
        taken.add(meaning)
    return {"columns": columns, "defaults": {"experiment": file.path.stem}, "times": "auto"}
