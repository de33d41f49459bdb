"""Viewers, films and how they were rated (MovieLens 100k): what recommendations are learnt from."""

from django.db import models
from django.db.models import Q


class Viewer(models.Model):
    """Someone who rated films, by the source's own id."""

    viewer_id = models.CharField(max_length=32, unique=True)
    age = models.PositiveSmallIntegerField()
    occupation = models.CharField(max_length=50, blank=True)

    class Meta:
        ordering = ["viewer_id"]
        constraints = [
            models.CheckConstraint(name="viewer_id_not_blank", condition=~Q(viewer_id="")),
        ]

    def __str__(self) -> str:
        return f"Viewer {self.viewer_id}"


class Film(models.Model):
    """A film, by the source's own id; the year is absent where the source has none."""

    film_id = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=200)
    released_in = models.PositiveSmallIntegerField(null=True)
    genres = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(name="film_title_not_blank", condition=~Q(title="")),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.released_in})" if self.released_in else self.title


class Rating(models.Model):
    """What a viewer thought of a film, from 1 to 5."""

    viewer = models.ForeignKey(Viewer, on_delete=models.CASCADE, related_name="ratings", db_index=False)
    film = models.ForeignKey(Film, on_delete=models.PROTECT, related_name="ratings")
    stars = models.PositiveSmallIntegerField()
    rated_at = models.DateTimeField()

    class Meta:
        ordering = ["-rated_at", "-id"]
        constraints = [
            # a viewer's ratings are read by the same index
            models.UniqueConstraint(fields=["viewer", "film"], name="rating_once_per_film"),
            models.CheckConstraint(name="rating_of_1_to_5_stars", condition=Q(stars__gte=1, stars__lte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.stars} of 5"
