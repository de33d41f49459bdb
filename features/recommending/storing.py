"""MovieLens' viewers, films and ratings into PostgreSQL."""

import datetime as dt

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from features.models import Film, Rating, Viewer

from . import movielens

# A statement's deadline must hold on a busy machine, too.
CHUNK = 5_000
RATINGS = """
INSERT INTO features_rating (viewer_id, film_id, stars, rated_at)
SELECT viewer.id, film.id, stars, rated_at
FROM unnest(%s::text[], %s::int[], %s::smallint[], %s::timestamptz[]) AS given (viewer, film, stars, rated_at)
JOIN features_viewer viewer ON viewer.viewer_id = given.viewer
JOIN features_film film ON film.film_id = given.film
ON CONFLICT DO NOTHING
"""


def has_ratings() -> bool:
    """Whether they are stored: it happens whole or not at all."""
    return Rating.objects.exists()


def store_ratings() -> int:
    """Store all of it in one transaction, so that it is there whole or not at all; returns the ratings.

    Raises:
        MovieLensNotFoundError: the wheel is not installed.
    """
    viewers = [
        Viewer(viewer_id=each.viewer_id, age=each.age, occupation=each.occupation)
        for each in movielens.viewers()
    ]
    films = [
        Film(film_id=each.film_id, title=each.title, released_in=each.released_in, genres=each.genres)
        for each in movielens.films()
    ]
    rows = [(each.viewer_id, each.film_id, each.stars, each.rated_at) for each in movielens.ratings()]
    with transaction.atomic(), connection.cursor() as cursor:
        Viewer.objects.bulk_create(viewers, ignore_conflicts=True)
        Film.objects.bulk_create(films, ignore_conflicts=True)
        # Filled a moment ago: without statistics the joins are planned for empty tables.
        cursor.execute("ANALYZE features_viewer, features_film")
        # Foreign keys are otherwise checked at the end, all in the one statement that commits.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return sum(_store(cursor, rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK))


def _store(cursor: CursorWrapper, rows: list[tuple[str, int, int, dt.datetime]]) -> int:
    cursor.execute(RATINGS, [list(column) for column in zip(*rows, strict=True)])
    return int(cursor.rowcount)
