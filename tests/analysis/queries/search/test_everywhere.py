from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from analysis.queries.search.asked import asked
from analysis.queries.search.everywhere import Found, search_everything
from features.models import Entity, Feature, FeatureView
from registry.enums import DeploymentStatus, Environment
from registry.models import Deployment, ModelAlias, Param, RunTag
from registry.services.permissions import grant_permission
from tests.factories import (
    CustomerFactory,
    DatasetFactory,
    ExperimentFactory,
    ModelVersionFactory,
    RegisteredModelFactory,
    RunFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return UserFactory.create(username="ada")


def found(viewer: User, text: str) -> Found:
    return search_everything(asked(text), viewer=viewer)


def titles(viewer: User, text: str) -> dict[str, list[str]]:
    return {group.kind: [hit.title for hit in group.hits] for group in found(viewer, text).groups}


def test_every_kind_is_found_by_its_name(ada: User) -> None:
    RunFactory.create(
        name="Churn one", experiment__name="churn-experiment", dataset__name="churn-data", model_name="x"
    )
    version = ModelVersionFactory.create(model__name="churn", number=3)
    ModelAlias.objects.create(model=version.model, alias="champion", version=version)
    Deployment.objects.create(
        model=version.model, version=version, environment=Environment.STAGING, status=DeploymentStatus.LIVE
    )
    entity = Entity.objects.create(name="customer", join_keys=["customer_id"])
    view = FeatureView.objects.create(name="churn_features", entity=entity)
    Feature.objects.create(view=view, name="amount", value_type="float")
    assert titles(ada, "churn") == {
        "run": ["Churn one"],
        "experiment": ["churn-experiment"],
        "dataset": ["churn-data"],
        "model": ["churn"],
        "alias": ["churn@champion"],
        "deployment": ["churn 3 in staging"],
        "view": ["churn_features"],
    }
    assert titles(ada, "amount") == {"view": ["churn_features"]}
    assert titles(ada, "champ") == {"alias": ["churn@champion"]}


def test_runs_are_found_by_id_tag_param_and_model(ada: User) -> None:
    run = RunFactory.create(name="r", model_name="big forest")
    RunTag.objects.create(run=run, key="team", value="risk")
    Param.objects.create(run=run, key="lr", value="0.1", value_number=0.1)
    RunFactory.create(name="other", model_name="")
    for text in (run.run_id[:6], "team", "team: risk", "team=risk", "lr = 0.10", "big forest"):
        assert titles(ada, text)["run"] == ["r"], text
    assert titles(ada, "team: other") == {}
    assert titles(ada, "lr=0.2") == {}


def test_a_run_that_matches_twice_is_shown_once(ada: User) -> None:
    RunFactory.create(name="forest", model_name="forest")
    assert titles(ada, "forest") == {"run": ["forest"]}


def test_the_whole_id_is_an_exact_hit(ada: User) -> None:
    run = RunFactory.create()
    dashed = f"{run.run_id[:8]}-{run.run_id[8:]}"
    for text in (run.run_id, run.run_id.upper(), dashed):
        exact = found(ada, text).exact
        assert exact is not None, text
        assert exact.key == run.run_id
    experiment = found(ada, run.experiment.experiment_id).exact
    assert experiment is not None
    assert experiment.kind == "experiment"
    assert found(ada, run.run_id[:31]).exact is None
    assert found(ada, "f" * 32).exact is None


def test_wildcards_are_characters_like_others(ada: User) -> None:
    ExperimentFactory.create(name="100% sure_thing")
    ExperimentFactory.create(name="other")
    RunFactory.create(name="50%_run", experiment__name="zz")
    assert titles(ada, "%") == {"experiment": ["100% sure_thing"]}
    assert titles(ada, "sure_")["experiment"] == ["100% sure_thing"]
    assert titles(ada, "50%_run") == {"run": ["50%_run"]}
    assert titles(ada, "50__run") == {}
    assert titles(ada, "\\") == {}


def test_of_runs_a_short_text_finds_beginnings(ada: User) -> None:
    RunFactory.create(name="ab-1", experiment__name="e")
    RunFactory.create(name="x-ab", experiment__name="f")
    assert titles(ada, "ab")["run"] == ["ab-1"]
    assert asked("ab").is_short
    assert titles(ada, "x-a")["run"] == ["x-ab"]


def test_more_than_twenty_are_said_so(ada: User) -> None:
    DatasetFactory.create_batch(21)
    (group,) = found(ada, "dataset-").groups
    assert (len(group.hits), group.has_more) == (20, True)


def test_the_whole_name_comes_first(ada: User) -> None:
    for name in ("wine-1", "red wine", "wine"):
        DatasetFactory.create(name=name)
    assert titles(ada, "WINE")["dataset"] == ["wine", "wine-1", "red wine"]


def test_nothing_is_asked_of_an_empty_text(ada: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert found(ada, " \x00 ").groups == []


def test_a_filter_is_known_as_one(ada: User) -> None:
    assert found(ada, "metrics.accuracy > 0.9").is_filter
    assert not found(ada, "churn").is_filter


def test_what_the_viewer_may_not_read_is_not_found(ada: User) -> None:
    run = RunFactory.create(name="secret run", experiment__name="secret experiment", model_name="secret")
    RunTag.objects.create(run=run, key="secret", value="x")
    Param.objects.create(run=run, key="secret", value="1", value_number=1)
    version = ModelVersionFactory.create(run=run, number=1, model=RegisteredModelFactory.create(name="known"))
    ModelAlias.objects.create(model=version.model, alias="secret-alias", version=version)
    Deployment.objects.create(
        model=version.model,
        version=version,
        environment=Environment.STAGING,
        endpoint="secret-host",
        status=DeploymentStatus.LIVE,
    )
    grant_permission(experiment=run.experiment, user=ada, level="NO_PERMISSIONS", by=None)
    for text in ("secret", "secret: x", "secret=1", run.run_id, run.run_id[:8], run.experiment.experiment_id):
        assert found(ada, text).groups == [], text
        assert found(ada, text).exact is None
    assert set(titles(User.objects.create_superuser("root"), "secret")) == {
        "run", "experiment", "alias", "deployment"
    }  # fmt: skip


def test_customers_are_found_by_who_sees_them_in_the_admin(ada: User) -> None:
    customer = CustomerFactory.create(customer_id="00012345")
    assert titles(ada, "0001") == {}
    ada.is_staff = True
    ada.save()
    assert titles(ada, "0001") == {}
    ada.user_permissions.add(Permission.objects.get(codename="view_customer"))
    assert titles(User.objects.get(pk=ada.pk), "0001") == {"customer": [customer.name]}


def test_a_search_takes_two_statements(ada: User, django_assert_num_queries: Any) -> None:
    RunFactory.create_batch(3)
    with django_assert_num_queries(2):
        found(ada, "run-")
