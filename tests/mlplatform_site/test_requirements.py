from pathlib import Path

from mlplatform_site.requirements import disagreements

PROJECT = Path(__file__).resolve().parents[2]


def test_the_exported_requirements_are_those_of_the_project() -> None:
    assert disagreements() == []


def test_a_requirement_that_was_not_exported_is_told(tmp_path: Path) -> None:
    declared = (PROJECT / "pyproject.toml").read_text().replace("gunicorn==", "gunicorn==1.", 1)
    (tmp_path / "pyproject.toml").write_text(declared)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text((PROJECT / name).read_text())
    found = disagreements(tmp_path)
    assert len(found) == 2
    assert all("gunicorn==1." in line and "make requirements" in line for line in found)
