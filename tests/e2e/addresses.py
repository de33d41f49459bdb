"""Every page with the addresses at which it is looked at: full, empty, and with something wrong.

A route that answers HTML and is not here fails `test_every_page_is_looked_at`.
"""

TABLE = "columns=status&columns=metrics.val_loss.min&columns=metrics.accuracy&columns=params.optimizer.lr"
PAGES: dict[str, list[str]] = {
    "login": ["/login/?next=/runs/"],
    "analysis:store-overview": ["/"],
    "analysis:search": ["/search/?q=pets", "/search/", "/search/?q=nothing"],
    "analysis:run-list": [f"/runs/?{TABLE}&sort=-metrics.accuracy", "/runs/?filter=lr", "/runs/?q=nothing"],
    "analysis:run-detail": ["/runs/{run_id}/?y=log&smooth=0.6"],
    "analysis:run-comparison": ["/compare/?{runs}", "/compare/?{runs}&group=status&diff=only", "/compare/"],
    "analysis:experiment-list": ["/experiments/", "/experiments/?q=tags.x%20%3D"],
    "analysis:experiment-detail": ["/experiments/{experiment_id}/"],
    "analysis:activity": ["/activity/"],
    "analysis:customer-detail": ["/customers/{customer_id}/", "/customers/{waiting_id}/"],
    "analysis:recommendations": ["/recommendations/?viewer={viewer_id}", "/recommendations/"],
    "analysis:customer-list": [
        "/customers/",
        "/customers/?segment=vip",
        "/customers/?q=nothing",
        "/customers/?sort=x",
    ],
    "analysis:dataset-list": ["/datasets/", "/datasets/?q=nothing"],
    "analysis:dataset-detail": ["/datasets/{dataset}/"],
    "analysis:workers": ["/workers/"],
    "analysis:leaderboard": ["/leaderboards/?dataset={dataset}", "/leaderboards/"],
    "analysis:feature-lookup": ["/features/"],
    "analysis:windows": ["/windows/"],
    "analysis:model-list": ["/models/", "/models/?q=nothing", "/models/?q=tags.x%20%3D"],
    "analysis:registered-model": ["/models/pets/", "/models/pets/?metric=loss"],
    "analysis:model-version": ["/models/pets/versions/1/"],
    "analysis:prediction-why": ["/models/pets/why/"],
    "analysis:stores": ["/stores/"],
    "analysis:store-chooser": ["/stores/choose/?access=key&latency=below_1_ms", "/stores/choose/"],
    "analysis:store-benchmark": ["/stores/benchmark/"],
    "analysis:store-moves": ["/stores/moves/", "/stores/moves/?cursor=nowhere"],
    "analysis:store-move-import": ["/stores/moves/imports/{import_id}/"],
}
ELSEWHERE = ["/no/such/page/"]
"""Pages without a route."""
NOT_HTML = {
    "livez",
    "readyz",
    "logout",
    "analysis:comparison-curves",
    "analysis:leaderboard-live",
    "analysis:activity-live",
    "analysis:workers-live",
    "analysis:run-live",
    "analysis:run-artifact",
    "analysis:version-file",
    "analysis:experiment-description",
    "analysis:experiment-lifecycle",
    "analysis:model-describe",
    "analysis:model-alias",
    "analysis:model-alias-removal",
    "analysis:model-promotion",
    "analysis:model-retirement",
    "analysis:model-stage",
    "analysis:run-actions",
    "analysis:run-export",
    "analysis:run-views",
}
"""Routes of programs, downloads, forms that lead elsewhere. The admin, MLflow's and our API are left out whole."""
