"""Docs are checked against what they speak of."""

import re
from pathlib import Path

from django.core.management import get_commands

from mlplatform_site.demo.smoke import COMMANDS, NOT_RUN, OUR_APPS
from registry.documents.collections import SPECS

PROJECT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#]+)")
OURS = {name for name, app in get_commands().items() if app in OUR_APPS}


def test_every_command_is_documented_and_asked_by_the_smoke_test() -> None:
    documented = set(
        re.findall(r"^\| `([a-z0-9_]+)", (PROJECT / "docs/commands.md").read_text(), re.MULTILINE)
    )
    assert documented == OURS
    assert COMMANDS.keys() | NOT_RUN.keys() == OURS


def test_every_link_leads_to_a_file() -> None:
    for page in [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]:
        for target in LINK.findall(page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_collection_is_documented() -> None:
    text = (PROJECT / "docs/stores.md").read_text()
    assert [spec.name for spec in SPECS if f"| `{spec.name}` |" not in text] == []


def test_no_command_is_named_that_does_not_exist() -> None:
    for page in [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]:
        for name in re.findall(r"manage\.py ([a-z0-9_]+)", page.read_text()):
            assert name in OURS | {"shell", "check", "createsuperuser"}, f"{page.name}: {name}"
