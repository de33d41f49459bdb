"""Rows for tests, straight into PostgreSQL (use the services where MongoDB matters)."""

from .features import (
    AddressFactory,
    CityFactory,
    CountryFactory,
    CustomerFactory,
    PurchaseFactory,
    feature_value,
    feature_view,
)
from .registry import (
    ArtifactFactory,
    DatasetFactory,
    ExperimentFactory,
    LoggedModelFactory,
    MetricFactory,
    ModelVersionFactory,
    ParamFactory,
    RegisteredModelFactory,
    RunFactory,
    UserFactory,
)

__all__ = [
    "AddressFactory",
    "ArtifactFactory",
    "CityFactory",
    "CountryFactory",
    "CustomerFactory",
    "DatasetFactory",
    "ExperimentFactory",
    "LoggedModelFactory",
    "MetricFactory",
    "ModelVersionFactory",
    "ParamFactory",
    "PurchaseFactory",
    "RegisteredModelFactory",
    "RunFactory",
    "UserFactory",
    "feature_value",
    "feature_view",
]
