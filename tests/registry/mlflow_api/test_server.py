import pytest

from registry.mlflow_api.unsupported import UNSUPPORTED

from .conftest import Mlflow


def test_the_server_says_what_the_client_may_use(mlflow: Mlflow) -> None:
    found = mlflow.get("/api/3.0/mlflow/server-info")
    assert (found["store_type"], found["workspaces_enabled"], found["features_enabled"]) == (
        "SqlStore",
        False,
        {},
    )


@pytest.mark.parametrize("start", UNSUPPORTED)
def test_what_is_mlflows_alone_is_not_implemented(mlflow: Mlflow, start: str) -> None:
    for path in (start, f"{start}/deeper"):
        status, code, message = mlflow.refused("POST", path, {})
        assert (status, code) == (501, "NOT_IMPLEMENTED")
        assert "not supported" in message


def test_what_is_nobodys_is_not_found(mlflow: Mlflow) -> None:
    for path in ("/api/2.0/mlflow/nothing", "/api/3.0/mlflow/tracesque", "/api/2.0/else"):
        assert mlflow.refused("GET", path)[:2] == (404, "ENDPOINT_NOT_FOUND")
