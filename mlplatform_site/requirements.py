"""Exports requirements*.txt from pyproject.toml, and checks that they agree."""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
EXPORTS = {
    "requirements.txt": ["pyproject.toml"],
    "requirements-dev.txt": ["--extra", "dev", "pyproject.toml"],
    # Of their own: nothing of ours in them, nor what our overrides leave out.
    "requirements-mlflow.txt": ["--no-config", "--group", "pyproject.toml:mlflow"],
    "requirements-feast.txt": ["--no-config", "--group", "pyproject.toml:feast"],
}
OPTIONS = ["--universal", "--no-emit-index-url", "--no-header", "--generate-hashes", "--quiet"]
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
ASKED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?\s*==\s*([^\s;]+)")


def export() -> None:
    """Resolve pyproject.toml again and write both files (asks the package index)."""
    for name, source in EXPORTS.items():
        command = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, *source, "-o", name]
        subprocess.run(command, cwd=PROJECT, check=True)


def disagreements(project: Path = PROJECT) -> list[str]:
    """What the exported files lack, or pin otherwise than pyproject.toml; asks no network."""
    declared = tomllib.loads((project / "pyproject.toml").read_text())
    runtime = declared["project"]["dependencies"]
    dev = declared["project"]["optional-dependencies"]["dev"]
    wanted = {
        "requirements.txt": runtime,
        "requirements-dev.txt": runtime + dev,
        "requirements-mlflow.txt": declared["dependency-groups"]["mlflow"],
        "requirements-feast.txt": declared["dependency-groups"]["feast"],
    }
    return [
        f"{name}: {requirement} is not there. Run: make requirements"
        for name, requirements in wanted.items()
        for requirement in _missing((project / name).read_text(), requirements)
    ]


def _missing(exported: str, requirements: list[str]) -> list[str]:
    pins = set(PINNED.findall(exported))
    names = {name for name, _ in pins}
    missing = []
    for requirement in requirements:
        exact = ASKED.match(requirement)
        name = re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0]
        if (exact and exact.groups() not in pins) or name not in names:
            missing.append(requirement)
    return missing


def main() -> int:
    """Export, or check with ``--check``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only")
    if not parser.parse_args().check:
        export()
    found = disagreements()
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
