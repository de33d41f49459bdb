"""Addresses of MLflow that are no job of this platform, by how they begin."""

UNSUPPORTED = {
    "/api/2.0/mlflow/traces": "tracing",
    "/api/3.0/mlflow/traces": "tracing",
    "/api/4.0/mlflow/traces": "tracing",
    "/api/2.0/mlflow/unified-traces": "tracing",
    "/api/2.0/mlflow/get-online-trace-details": "tracing",
    "/api/3.0/mlflow/datasets": "evaluation",
    "/api/3.0/mlflow/scorers": "evaluation",
    "/api/3.0/mlflow/issues": "evaluation",
    "/api/3.0/mlflow/label-schemas": "evaluation",
    "/api/3.0/mlflow/review-queues": "evaluation",
    "/api/3.0/mlflow/prompt-optimization": "evaluation",
    "/api/3.0/mlflow/gateway": "the AI gateway",
    "/api/3.0/mlflow/workspaces": "workspaces",
    "/api/2.0/mlflow/webhooks": "webhooks",
    "/api/2.0/mlflow/artifacts/presigned-upload-url": "addresses into a cloud's storage",
    "/api/2.0/mlflow/artifacts/presigned-download-url": "addresses into a cloud's storage",
}


def what_is_asked(path: str) -> str | None:
    """The job that the address belongs to, where it is MLflow's and not ours.

    >>> what_is_asked("/api/3.0/mlflow/traces/search")
    'tracing'
    """
    jobs = (job for start, job in UNSUPPORTED.items() if f"{path}/".startswith(f"{start}/"))
    return next(jobs, None)
