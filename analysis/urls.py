"""Routes of the pages people read."""

from django.urls import URLPattern

app_name = "analysis"
urlpatterns: list[URLPattern] = []
