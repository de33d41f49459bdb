"""Routes of the pages people read."""

from django.urls import URLPattern, path, register_converter

from analysis.converters import ArtifactPathConverter, HexIdConverter
from analysis.views.feature_lookup import feature_lookup
from analysis.views.leaderboard import leaderboard, leaderboard_live
from analysis.views.prediction_why import prediction_why
from analysis.views.run_artifact import run_artifact
from analysis.views.run_detail import run_detail, run_live
from analysis.views.run_list import run_list
from analysis.views.store_overview import store_overview
from analysis.views.windows import windows
from analysis.views.worker_list import worker_list, workers_live

register_converter(HexIdConverter, "hex_id")
register_converter(ArtifactPathConverter, "artifact_path")

app_name = "analysis"
urlpatterns: list[URLPattern] = [
    path("", store_overview, name="store-overview"),
    path("features/", feature_lookup, name="feature-lookup"),
    path("windows/", windows, name="windows"),
    path("leaderboards/", leaderboard, name="leaderboard"),
    path("models/<str:name>/why/", prediction_why, name="prediction-why"),
    path("runs/", run_list, name="run-list"),
    path("runs/<hex_id:run_id>/", run_detail, name="run-detail"),
    path("leaderboards/live", leaderboard_live, name="leaderboard-live"),
    path("workers/", worker_list, name="workers"),
    path("workers/live", workers_live, name="workers-live"),
    path("runs/<hex_id:run_id>/live", run_live, name="run-live"),
    path("runs/<hex_id:run_id>/artifacts/<artifact_path:path>", run_artifact, name="run-artifact"),
]
