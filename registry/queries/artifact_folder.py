"""What lies in a folder of a run's or a logged model's files."""

from typing import Any, NamedTuple

from django.db import connection

from registry.models import ArtifactOwner, TrainingRun

ENTRIES = """
SELECT name, bool_or(is_dir), max(size_bytes)
FROM (
    SELECT split_part(inside, '/', 1) AS name, strpos(inside, '/') > 0 AS is_dir, size_bytes
    FROM (
        SELECT substr(path, char_length(%(prefix)s) + 1) AS inside, size_bytes
        FROM registry_artifact
        WHERE {owner} = %(owner)s AND starts_with(path, %(prefix)s)
    ) AS below
) AS entries
GROUP BY name ORDER BY name
"""


class Entry(NamedTuple):
    """A file or a folder; a folder's size is 0."""

    name: str
    is_dir: bool
    size_bytes: int


def folder_entries(owner: ArtifactOwner, folder: str) -> list[Entry]:
    """Files and folders right inside a folder (one statement); none where there is no such folder.

    Args:
        folder: as in the files' paths; empty for the outermost.
    """
    column = "run_id" if isinstance(owner, TrainingRun) else "logged_model_id"
    values: dict[str, Any] = {"prefix": f"{folder}/" if folder else "", "owner": owner.pk}
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES.format(owner=column), values)
        return [Entry(name, is_dir, 0 if is_dir else size) for name, is_dir, size in cursor.fetchall()]
