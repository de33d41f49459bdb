import pytest

from registry.exceptions import BadInputError, DuplicateNameError, NotFoundError
from registry.models import Dataset, DatasetParent
from registry.services.datasets import create_dataset

pytestmark = pytest.mark.django_db


def test_a_dataset_keeps_what_is_said_of_it_and_its_parents() -> None:
    raw = create_dataset(name="raw", digest="a" * 64, row_count=10, feature_count=2, source="a wheel")
    clean = create_dataset(name="清潔", digest="b" * 64, parents=["raw"], schema={"x": "float"})
    assert list(clean.parents.all()) == [raw]
    assert list(raw.children.all()) == [clean]
    assert Dataset.objects.get(name="清潔").schema == {"x": "float"}


def test_a_taken_name_is_refused_with_what_it_stands_for() -> None:
    create_dataset(name="d", digest="a" * 64)
    with pytest.raises(DuplicateNameError, match="the same data"):
        create_dataset(name="d", digest="a" * 64)
    with pytest.raises(DuplicateNameError, match="other data .digest a"):
        create_dataset(name="d", digest="b" * 64)
    assert Dataset.objects.count() == 1


def test_a_missing_parent_stores_nothing() -> None:
    with pytest.raises(NotFoundError, match="no dataset named gone"):
        create_dataset(name="d", digest="a", parents=["gone"])
    assert (Dataset.objects.count(), DatasetParent.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "details",
    [{"name": " "}, {"digest": "x" * 65}, {"row_count": -1}, {"feature_count": -1}, {"source": "\x00"},
     {"description": "\ud800"}],
)  # fmt: skip
def test_bad_input_stores_nothing(details: dict[str, object]) -> None:
    with pytest.raises(BadInputError):
        create_dataset(**{"name": "d", "digest": "a", **details})
    assert Dataset.objects.count() == 0
