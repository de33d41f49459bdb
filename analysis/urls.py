"""Routes of the pages people read."""

from django.urls import URLPattern, path, register_converter

from analysis.views import model_changes
from analysis.views.activity import activity, activity_live
from analysis.views.comparison_curves import comparison_curves
from analysis.views.customer_detail import customer_detail
from analysis.views.customer_list import customer_list
from analysis.views.dataset_detail import dataset_detail
from analysis.views.dataset_list import dataset_list
from analysis.views.experiment_detail import (
    experiment_description,
    experiment_detail,
    experiment_lifecycle,
)
from analysis.views.experiment_list import experiment_list
from analysis.views.feature_lookup import feature_lookup
from analysis.views.leaderboard import leaderboard, leaderboard_live
from analysis.views.model_list import models
from analysis.views.model_version import model_version, version_file
from analysis.views.prediction_why import prediction_why
from analysis.views.recommendations import recommendations
from analysis.views.registered_model import registered_model
from analysis.views.run_actions import run_actions
from analysis.views.run_artifact import run_artifact
from analysis.views.run_comparison import run_comparison
from analysis.views.run_detail import run_detail, run_live
from analysis.views.run_export import run_export
from analysis.views.run_list import run_list
from analysis.views.run_views import run_views
from analysis.views.search import search
from analysis.views.store_moves import store_move_import, store_moves
from analysis.views.store_overview import store_overview
from analysis.views.which_store import store_benchmark, store_chooser, stores
from analysis.views.windows import windows
from analysis.views.worker_list import worker_list, workers_live
from registry.api.converters import ArtifactPathConverter, HexIdConverter, NameConverter

register_converter(HexIdConverter, "hex_id")
register_converter(ArtifactPathConverter, "artifact_path")
register_converter(NameConverter, "any_name")

app_name = "analysis"
MODELS: list[URLPattern] = [
    path("models/", models, name="model-list"),
    path("models/<str:name>/", registered_model, name="registered-model"),
    path("models/<str:name>/describe/", model_changes.describe, name="model-describe"),
    path("models/<str:name>/alias/", model_changes.alias, name="model-alias"),
    path("models/<str:name>/alias/delete/", model_changes.alias_removal, name="model-alias-removal"),
    path("models/<str:name>/promote/", model_changes.promotion, name="model-promotion"),
    path("models/<str:name>/retire/", model_changes.retirement, name="model-retirement"),
    path("models/<str:name>/stage/", model_changes.stage, name="model-stage"),
    path("models/<str:name>/versions/<int:number>/", model_version, name="model-version"),
    path(
        "models/<str:name>/versions/<int:number>/files/<artifact_path:path>",
        version_file,
        name="version-file",
    ),
    path("models/<str:name>/why/", prediction_why, name="prediction-why"),
]
urlpatterns: list[URLPattern] = [
    path("", store_overview, name="store-overview"),
    path("activity/", activity, name="activity"),
    path("activity/live", activity_live, name="activity-live"),
    path("customers/", customer_list, name="customer-list"),
    path("customers/<any_name:customer_id>/", customer_detail, name="customer-detail"),
    path("recommendations/", recommendations, name="recommendations"),
    path("datasets/", dataset_list, name="dataset-list"),
    path("datasets/<any_name:name>/", dataset_detail, name="dataset-detail"),
    path("experiments/", experiment_list, name="experiment-list"),
    path("experiments/<hex_id:experiment_id>/", experiment_detail, name="experiment-detail"),
    path(
        "experiments/<hex_id:experiment_id>/description/",
        experiment_description,
        name="experiment-description",
    ),
    path("experiments/<hex_id:experiment_id>/lifecycle/", experiment_lifecycle, name="experiment-lifecycle"),
    path("search/", search, name="search"),
    path("features/", feature_lookup, name="feature-lookup"),
    path("compare/", run_comparison, name="run-comparison"),
    path("compare/curves.json", comparison_curves, name="comparison-curves"),
    path("stores/", stores, name="stores"),
    path("stores/choose/", store_chooser, name="store-chooser"),
    path("stores/benchmark/", store_benchmark, name="store-benchmark"),
    path("stores/moves/", store_moves, name="store-moves"),
    path("stores/moves/imports/<int:pk>/", store_move_import, name="store-move-import"),
    path("windows/", windows, name="windows"),
    path("leaderboards/", leaderboard, name="leaderboard"),
    *MODELS,
    path("runs/", run_list, name="run-list"),
    path("runs/actions/", run_actions, name="run-actions"),
    path("runs/export", run_export, name="run-export"),
    path("runs/views/", run_views, name="run-views"),
    path("runs/<hex_id:run_id>/", run_detail, name="run-detail"),
    path("leaderboards/live", leaderboard_live, name="leaderboard-live"),
    path("workers/", worker_list, name="workers"),
    path("workers/live", workers_live, name="workers-live"),
    path("runs/<hex_id:run_id>/live", run_live, name="run-live"),
    path("runs/<hex_id:run_id>/artifacts/<artifact_path:path>", run_artifact, name="run-artifact"),
]
