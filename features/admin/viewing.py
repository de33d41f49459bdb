"""Viewers, films and ratings."""

from django.contrib import admin

from features.models import Film, Rating, Viewer
from registry.admin.base import HistoryAdmin


@admin.register(Viewer)
class ViewerAdmin(HistoryAdmin):
    list_display = ("viewer_id", "age", "occupation")
    search_fields = ("viewer_id__exact",)
    search_help_text = "A viewer's whole id"


@admin.register(Film)
class FilmAdmin(HistoryAdmin):
    list_display = ("title", "released_in", "genres", "film_id")
    search_fields = ("title__startswith",)


@admin.register(Rating)
class RatingAdmin(HistoryAdmin):
    list_display = ("viewer", "film", "stars", "rated_at")
    list_select_related = ("viewer", "film")
    search_fields = ("viewer__viewer_id__exact",)
    search_help_text = "A viewer's whole id"
