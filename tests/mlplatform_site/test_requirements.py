from pathlib import Path

import pytest

from mlplatform_site.requirements import EXPORTS, disagreements

PROJECT = Path(__file__).resolve().parents[2]


def test_the_exported_requirements_are_those_of_the_project() -> None:
    assert disagreements() == []


def test_a_requirement_that_was_not_exported_is_told(tmp_path: Path) -> None:
    declared = (PROJECT / "pyproject.toml").read_text().replace('"pymongo==', '"pymongo==1.')
    (tmp_path / "pyproject.toml").write_text(declared)
    for name in EXPORTS:
        (tmp_path / name).write_text((PROJECT / name).read_text())
    found = disagreements(tmp_path)
    assert len(found) == 2
    assert all("pymongo==1." in line and "make requirements" in line for line in found)


@pytest.mark.parametrize(
    ("pin", "file"),
    [("mlflow==", "requirements-mlflow.txt"), ("feast[redis]==", "requirements-feast.txt")],
)
def test_a_requirement_of_a_client_that_was_not_exported_is_told(tmp_path: Path, pin: str, file: str) -> None:
    declared = (PROJECT / "pyproject.toml").read_text().replace(f'"{pin}', f'"{pin}1.')
    (tmp_path / "pyproject.toml").write_text(declared)
    for name in EXPORTS:
        (tmp_path / name).write_text((PROJECT / name).read_text())
    assert [line.split(":")[0] for line in disagreements(tmp_path)] == [file]
