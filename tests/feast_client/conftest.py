"""The real client of Feast, unmodified, against the site under test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["FEAST_USAGE"] = "False"

import pandas as pd
import pytest
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, PushSource, RepoConfig, ValueType
from feast.types import Array, Bool, Float64, Int64, String

from tests.mlflow_client.platform_site import OurSite, our_site

VALUES = Path(__file__).resolve().parent / "values.py"
FIELDS = {
    "spending": {
        "orders": Int64, "amount": Float64, "city": String, "is_new": Bool, "months": Array(Float64),
    },
    "session": {"pages": Int64, "cart": Float64},
}  # fmt: skip


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurSite]:
    """Stores, users, views with values, site and relay."""
    with our_site(tmp_path_factory.mktemp("feast")) as site:
        site.run(str(VALUES))
        yield site


@pytest.fixture
def store_of(site: OurSite, tmp_path: Path) -> Callable[..., FeatureStore]:
    """Feast's store with ours as its online store, as a user, or at an address with credentials in it."""

    def make(user: str = "", *, path: str = "") -> FeatureStore:
        auth = {"auth": {"type": "oidc", "token": site.tokens[user]}} if user else {}
        store = FeatureStore(
            config=RepoConfig(
                project="shop",
                provider="local",
                registry=str(tmp_path / "registry.db"),
                online_store={"type": "remote", "path": path or site.url, "connection_retries": 0},
                offline_store={"type": "dask"},
                entity_key_serialization_version=3,
                **auth,
            )
        )
        store.apply(definitions(tmp_path))
        return store

    return make


@pytest.fixture
def store(store_of: Callable[..., FeatureStore]) -> FeatureStore:
    return store_of("ada")


def definitions(folder: Path) -> list[Entity | FeatureView]:
    """The views as Feast wants them defined on its side, too."""
    file = folder / "none.parquet"
    columns = ["customer_id", "event_timestamp", *FIELDS["spending"], *FIELDS["session"]]
    pd.DataFrame({name: [] for name in columns}).to_parquet(file)
    batch = FileSource(name="none", path=str(file), timestamp_field="event_timestamp")
    customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.STRING)
    views = [
        FeatureView(
            name=name,
            entities=[customer],
            schema=[Field(name="customer_id", dtype=String)]
            + [Field(name=field, dtype=kind) for field, kind in fields.items()],
            source=PushSource(name=name, batch_source=batch),
        )
        for name, fields in FIELDS.items()
    ]
    return [customer, *views]
