"""The runs table's form: the address is its whole state."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict

from analysis.queries.run_choices import RunChoices
from analysis.queries.run_columns import DEFAULT_COLUMNS, DEFAULT_SORT, chosen_columns, parsed_sort
from analysis.queries.run_table import RunFilter
from registry.enums import RunStatus
from registry.filters import (
    RUNS_TABLE,
    And,
    Comparison,
    Entity,
    Field,
    FilterError,
    Node,
    Or,
    containing,
    filter_text,
    parse_filter,
)
from registry.queries.search.view_types import ViewType

LIFECYCLES = {"": ViewType.ACTIVE_ONLY, "archived": ViewType.DELETED_ONLY, "all": ViewType.ALL}
EQUALS = ("experiment", "dataset", "framework", "status")
STATE = ("filter", "q", *EQUALS, "lifecycle", "columns", "sort", "dense")
"""What of the address says how the table looks; ``cursor`` says where one is in it."""


AS_IT_COMES = "lifecycle="
"""The address that wishes nothing; an empty one opens one's default view."""


@dataclass(frozen=True, slots=True)
class ActiveCondition:
    """One condition that holds now, and the address of the table without it."""

    text: str
    without: str


class RunFilterForm(forms.Form):
    """What people fill in; every field may stay empty, and what is filled in must hold together."""

    filter = forms.CharField(max_length=2_000, required=False)
    q = forms.CharField(label="Name or model", max_length=100, required=False)
    experiment = forms.ChoiceField(required=False)
    dataset = forms.ChoiceField(required=False)
    framework = forms.ChoiceField(required=False)
    status = forms.ChoiceField(required=False, choices=[("", "Any"), *RunStatus.choices])
    lifecycle = forms.ChoiceField(
        label="Archive",
        required=False,
        choices=[("", "Without archived"), ("archived", "Archived only"), ("all", "With archived")],
    )

    def __init__(self, data: QueryDict, *, choices: RunChoices) -> None:
        super().__init__(data, label_suffix="")
        for name, names in (
            ("experiment", choices.experiments),
            ("dataset", choices.datasets),
            ("framework", choices.frameworks),
        ):
            asked = data.get(name, "")
            # A name that no row has any more stays chosen, so that the page says what it filters.
            known = names if asked in ("", *names) or "\x00" in asked else [asked, *names]
            self.fields[name].choices = [("", "Any"), *((each, each) for each in known)]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = "forest"

    def clean_filter(self) -> Node | None:
        """What the filter says."""
        try:
            return parse_filter(self.cleaned_data["filter"], RUNS_TABLE)
        except FilterError as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def filter_problem(self) -> dict[str, str] | None:
        """Why the filter can't be read, and the lines that point at the place."""
        for error in self.errors.get("filter", ()):
            why, lines, place = str(error).partition("\n")
            if lines:
                return {"why": why, "place": place}
        return None

    def run_filter(self, viewer: User) -> RunFilter:
        """The query behind a valid form, for what this user may read."""
        parts = [*self._quick().values(), *filter(None, [self.cleaned_data["filter"]])]
        return RunFilter(
            viewer,
            condition=And(tuple(parts)) if parts else None,
            view=LIFECYCLES[self.cleaned_data["lifecycle"]],
            sort=parsed_sort(self.data.get("sort", DEFAULT_SORT)).text,
            columns=chosen_columns(asked_columns(self.data) or DEFAULT_COLUMNS),
        )

    def conditions(self) -> Iterator[ActiveCondition]:
        """The conditions of a valid form, each with the way to drop it."""
        data: Any = self.data
        for name in self._quick():
            label = self.fields[name].label or name.capitalize()
            yield ActiveCondition(f"{label}: {self.cleaned_data[name]}", address(data, **{name: None}))
        said = self.cleaned_data["filter"]
        parts = said.parts if isinstance(said, And) else (said,) if said else ()
        for dropped in parts:
            kept = tuple(part for part in parts if part is not dropped)
            rest = filter_text(kept[0] if len(kept) == 1 else And(kept)) if kept else None
            yield ActiveCondition(filter_text(dropped), address(data, filter=rest))

    def _quick(self) -> dict[str, Node]:
        """The conditions that are not typed, by field."""
        cleaned: dict[str, Any] = self.cleaned_data
        found: dict[str, Node] = {}
        if cleaned["q"]:
            found["q"] = Or((containing("name", cleaned["q"]), containing("model", cleaned["q"])))
        return found | {name: _equal(name, cleaned[name]) for name in EQUALS if cleaned[name]}


def asked_columns(data: Any) -> list[str]:
    """The names of columns in an address, in its order."""
    return [name for name in data.getlist("columns") if name]


def state_of(data: Any) -> QueryDict:
    """What of an address says how the table looks, without what is empty."""
    kept = QueryDict(mutable=True)
    for name in STATE:
        values = [value for value in data.getlist(name) if value]
        if values:
            kept.setlist(name, values)
    return kept


def address(data: Any, **changes: list[str] | str | None) -> str:
    """The table's address with other values, from its first page on; None leaves a value out."""
    changed = data.copy()
    for name, value in changes.items():
        changed.setlist(name, value if isinstance(value, list) else [value or ""])
    return f"?{state_of(changed).urlencode() or AS_IT_COMES}"


def _equal(attribute: str, value: str) -> Comparison:
    return Comparison(Field(Entity.ATTRIBUTE, attribute), "=", value)
