"""``manage.py choose_store``: which store the data asks for, and why."""

import sys
from collections.abc import Mapping
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.choosing.chooser import choose
from analysis.choosing.questions import QUESTIONS, Answers, Question, answers
from analysis.management.choosing import as_record, as_words
from registry.management.telling import tell


class Command(BaseCommand):
    help = "Say what the data needs, by options or question by question, and read which store fits and why."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        for question in QUESTIONS:
            told = "; ".join(f"{option.slug}: {option.words}" for option in question.options)
            nargs = "+" if question.is_many else None
            parser.add_argument(
                f"--{question.slug}", nargs=nargs, action="extend" if nargs else "store", metavar="ANSWER",
                help=f"{question.words} {told}",
            )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: object, **options: Any) -> None:
        given = _by_options(options)
        if not given and not options["json"] and sys.stdin.isatty():
            given = self._by_questions()
        if not given:
            slugs = ", ".join(f"--{question.slug}" for question in QUESTIONS)
            raise CommandError(f"Say something of the data: {slugs}; or run it on a terminal and be asked.")
        choice = choose(given)
        if options["json"]:
            self.stdout.write(orjson.dumps(as_record(given, choice), option=orjson.OPT_INDENT_2).decode())
        else:
            self.stdout.write("\n".join(as_words(choice)))

    def _by_questions(self) -> Answers:
        """Ask each question; an empty line leaves it open, numbers or slugs answer."""
        found: dict[str, tuple[str, ...]] = {}
        for question in QUESTIONS:
            found |= self._asked(question)
        return found

    def _asked(self, question: Question) -> Answers:
        tell(self, f"\n{question.words}")
        for number, option in enumerate(question.options, 1):
            tell(self, f"  {number}  {option.words}")
        hint = "numbers with commas" if question.is_many else "a number"
        while True:
            try:
                words = input(f"{hint}, or Enter to leave it open: ").replace(",", " ").split()
                return answers(**{question.slug: [_slug(question, word) for word in words]})
            except ValueError as error:
                self.stderr.write(str(error))
            except EOFError:
                return {}


def _by_options(options: Mapping[str, Any]) -> Answers:
    given = {question.slug: options[question.slug] or () for question in QUESTIONS}
    try:
        return answers(**given)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _slug(question: Question, word: str) -> str:
    """A number's answer; any other word is taken as the answer itself."""
    is_number = word.isdecimal() and 0 < int(word) <= len(question.options)
    return question.options[int(word) - 1].slug if is_number else word
