import orjson
import pytest

from features.personalisation.parameters import FORMAT, from_json, to_json
from registry.exceptions import BadInputError

from .scoring_world import MODEL


def test_parameters_come_back_as_they_were_kept() -> None:
    assert from_json(to_json(MODEL)) == MODEL


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"format": "pickle"}',
        orjson.dumps({"format": FORMAT}),
        to_json(MODEL).replace(b'"alpha"', b'"beta"'),
        to_json(MODEL).replace(b"4.414", b'"much"'),
    ],
)
def test_what_is_no_parameters_is_refused(content: bytes) -> None:
    with pytest.raises(BadInputError):
        from_json(content)
