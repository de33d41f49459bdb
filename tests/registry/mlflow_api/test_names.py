import pytest

from registry.exceptions import BadInputError
from registry.mlflow_api.names import metric_name, param_name, tag_name


@pytest.mark.parametrize("name", ["a", "val/loss", "a.b", "a b", "a-b_c", "a:b", "ü", "a" * 250])
def test_a_name_that_could_be_a_files_is_taken(name: str) -> None:
    assert {metric_name(name), param_name(name), tag_name(name)} == {name}


@pytest.mark.parametrize(
    "name",
    ["a\nb", "a\n", "per%cent", "a,b", "a'b", "../a", "..", ".", "a/./b", "/a", "a/", "a//b", "a" * 251],
)
def test_any_other_name_is_refused(name: str) -> None:
    for check in (metric_name, param_name, tag_name):
        with pytest.raises(BadInputError):
            check(name)


def test_the_message_says_which_and_why() -> None:
    with pytest.raises(BadInputError, match="'Metric name' exceeds the maximum length of 250 characters"):
        metric_name("a" * 251)
    with pytest.raises(
        BadInputError, match="for parameter 'key' supplied: .* This name would resolve to 'a/b'"
    ):
        tag_name("a/./b")
