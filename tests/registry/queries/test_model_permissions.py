"""Who may change a version: asked of one, and as a condition on many, the answer is the same."""

import pytest
from django.contrib.auth.models import User

from registry.exceptions import ForbiddenError, NotFoundError
from registry.models import ModelVersion
from registry.queries.model_permissions import editable_versions, require_version_edit
from registry.services.permissions import grant_permission
from tests.factories import LoggedModelFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db


def may_edit(user: User, version: ModelVersion) -> bool:
    try:
        require_version_edit(user, version)
    except (NotFoundError, ForbiddenError):
        return False
    return True


def test_one_version_and_lists_of_them_have_the_same_editors() -> None:
    ada = UserFactory.create(username="ada")
    versions = {
        level: ModelVersionFactory.create(run__experiment__name=level)
        for level in ("NO_PERMISSIONS", "READ", "EDIT", "MANAGE")
    }
    for level, version in versions.items():
        grant_permission(experiment=version.run.experiment, user=ada, level=level, by=None)
    # The logged model's experiment counts, not the run's.
    logged = LoggedModelFactory.create(source_run=versions["READ"].run)
    ModelVersionFactory.create(run=versions["EDIT"].run, logged_model=logged)
    ModelVersionFactory.create(run=None, created_by=ada)
    ModelVersionFactory.create(run=None)
    for user, count in ((ada, 3), (UserFactory.create(is_superuser=True), 7)):
        listed = set(ModelVersion.objects.filter(editable_versions(user)))
        assert listed == {each for each in ModelVersion.objects.all() if may_edit(user, each)}
        assert len(listed) == count
