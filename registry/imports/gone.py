"""What came earlier and is purged by now: told, and not brought back."""

from django.db import connection

from .book import Book
from .records import GONE, Problem

LISTED = 1_000
PURGED = """
SELECT i.kind, i.source_id, i.our_id FROM registry_importeditem i
WHERE i.imported_by_id = %s AND NOT CASE i.kind
    WHEN 'run' THEN EXISTS (SELECT 1 FROM registry_trainingrun o WHERE o.id = i.our_pk)
    WHEN 'experiment' THEN EXISTS (SELECT 1 FROM registry_experiment o WHERE o.id = i.our_pk)
    WHEN 'dataset' THEN EXISTS (SELECT 1 FROM registry_dataset o WHERE o.id = i.our_pk)
    WHEN 'logged_model' THEN EXISTS (SELECT 1 FROM registry_loggedmodel o WHERE o.id = i.our_pk)
    ELSE EXISTS (SELECT 1 FROM registry_registeredmodel o WHERE o.id = i.our_pk) END
ORDER BY i.id
"""


def tell_gone(book: Book) -> None:
    """Tell what somebody purged since it came (one statement); the first thousand by name.

    What is new and reads a dataset that is gone is refused: its name may be another's by now.
    """
    if book.row is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(PURGED, [book.row.pk])
        for number, (kind, source_id, our_id) in enumerate(cursor.fetchall()):
            book.gone[kind] += 1
            if kind == "dataset":
                book.findings.refused.setdefault(kind, set()).add(source_id)
            if number < LISTED:
                place = f"{kind.replace('_', ' ')} {source_id}"
                cure = "It stays away; to have it again, take the import back and repeat it."
                cause = f"It came as {our_id}, and is gone since."
                book.findings.add(Problem(place, cause, cure, GONE, source_id))
            else:
                book.findings.counts[GONE] += 1
