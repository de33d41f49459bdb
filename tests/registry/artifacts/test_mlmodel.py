import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.artifacts.mlmodel import read_mlmodel
from registry.artifacts.plain_yaml import MAX_BYTES
from registry.exceptions import BadInputError

WHOLE = b"""
artifact_path: mlflow-artifacts:/0/models/m-1/artifacts
env: {conda: conda.yaml}
flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.11.7}
  sklearn: {pickled_model: model.pkl, sklearn_version: 1.9.1}
is_signature_from_type_hint: false
signature:
  inputs: '[{"type": "double", "name": "x", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
utc_time_created: '2026-11-21 12:00:00.000000'
"""
BOMB = b"\n".join(
    [b"a0: &a0 [x, x]", *(b"a%d: &a%d [*a%d, *a%d]" % (n, n, n - 1, n - 1) for n in range(1, 40))]
)


def test_flavors_and_the_columns_of_the_signature_are_kept() -> None:
    assert read_mlmodel(WHOLE) == {
        "artifact_path": "mlflow-artifacts:/0/models/m-1/artifacts",
        "flavors": {
            "python_function": {"loader_module": "mlflow.sklearn", "python_version": "3.11.7"},
            "sklearn": {"pickled_model": "model.pkl", "sklearn_version": "1.9.1"},
        },
        "signature": {
            "inputs": [{"type": "double", "name": "x", "required": True}],
            "outputs": [{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}],
            "params": None,
        },
        "utc_time_created": "2026-11-21 12:00:00.000000",
    }


@pytest.mark.parametrize(
    "data",
    [
        BOMB, b"flavors: " + b"[" * 1_000, b"flavors: " + b"{a: " * 60 + b"}" * 60, b"- a", b"", b"a: 'b",
        b"a: !!python/object/apply:os.system [ls]", b"\xff\xfe\x00", b"x" * (MAX_BYTES + 1), b"a: *b",
    ],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_what_nobody_should_read_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError):
        read_mlmodel(data)


def test_a_signature_that_is_no_json_stays_text() -> None:
    assert read_mlmodel(b"signature: {inputs: 'x ['}") == {"signature": {"inputs": "x ["}}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert isinstance(read_mlmodel(data), dict)
    except BadInputError:
        return
