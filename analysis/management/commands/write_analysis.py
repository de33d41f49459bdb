"""``manage.py write_analysis``: ANALYSIS.md from the recorded benchmark."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.charts.architecture import architecture
from analysis.choosing.document.analysis import analysis_document, plots_beside
from analysis.choosing.figures import REPOSITORY, STORES_FILE, recorded_figures

DIAGRAM = "docs/images/architecture.svg"


class Command(BaseCommand):
    help = "Write ANALYSIS.md (matrix, results, trade-offs, recommendations) from the recorded benchmark."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--benchmark", type=Path, default=STORES_FILE, metavar="FILE", help="stores.json")
        parser.add_argument("--out", type=Path, default=REPOSITORY / "ANALYSIS.md", metavar="FILE")
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit with 1 where it differs"
        )

    def handle(self, *args: object, **options: Any) -> None:
        out: Path = options["out"]
        made = {out: _document(options["benchmark"]), out.parent / DIAGRAM: architecture()}
        if options["check"]:
            self._check(made)
            return
        for path, text in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {out.name} and {DIAGRAM}.")

    def _check(self, made: dict[Path, str]) -> None:
        stale = [path.name for path, text in made.items() if not _holds(path, text)]
        if stale:
            raise CommandError(
                f"Not what the recorded benchmark gives: {', '.join(stale)}. Run `write_analysis`."
            )
        self.stdout.write("Up to date.")


def _document(benchmark: Path) -> str:
    try:
        return analysis_document(recorded_figures(benchmark), plots=plots_beside(benchmark), diagram=DIAGRAM)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text
