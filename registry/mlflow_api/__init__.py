"""MLflow's REST API, so that the unmodified ``mlflow`` client works against the platform.

docs/mlflow.md lists every endpoint with its state.
"""
