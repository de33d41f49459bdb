"""The runs table's form: the address is its whole state."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict

from analysis.queries.conditions import Condition, parsed
from analysis.queries.run_choices import RunChoices
from analysis.queries.run_sorting import DEFAULT_SORT, parsed_sort
from analysis.queries.run_table import RunFilter
from registry.enums import RunStatus
from registry.exceptions import BadInputError

MOST_COLUMNS = 8


class RunFilterForm(forms.Form):
    """What people fill in; every field may stay empty."""

    q = forms.CharField(label="Name or model", max_length=200, required=False)
    experiment = forms.ChoiceField(required=False)
    dataset = forms.ChoiceField(required=False)
    framework = forms.ChoiceField(required=False)
    status = forms.ChoiceField(required=False, choices=[("", "Any"), *RunStatus.choices])
    min_accuracy = forms.FloatField(label="Accuracy at least", min_value=0, max_value=1, required=False)
    param = forms.CharField(label="Params", max_length=500, required=False)
    metric = forms.CharField(label="Metrics", max_length=500, required=False)

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
        self.fields["param"].widget.attrs["placeholder"] = "lr>0.01 and depth=3"
        self.fields["metric"].widget.attrs["placeholder"] = "val_loss<0.2"
        self.fields["min_accuracy"].widget = forms.TextInput({"inputmode": "decimal", "placeholder": "0.9"})

    def clean_param(self) -> tuple[Condition, ...]:
        """The conditions on params."""
        return self._conditions("param")

    def clean_metric(self) -> tuple[Condition, ...]:
        """The conditions on metrics, all of them with numbers."""
        conditions = self._conditions("metric")
        for condition in conditions:
            if condition.number is None:
                raise forms.ValidationError(f"A metric is a number, and “{condition.value}” is none.")
        return conditions

    def run_filter(self, viewer: User) -> RunFilter:
        """The query behind a valid form, for what this user may read."""
        cleaned: dict[str, Any] = self.cleaned_data
        return RunFilter(
            experiment=cleaned["experiment"],
            dataset=cleaned["dataset"],
            framework=cleaned["framework"],
            status=cleaned["status"],
            text=cleaned["q"],
            min_accuracy=cleaned["min_accuracy"],
            params=cleaned["param"],
            metrics=cleaned["metric"],
            sort=parsed_sort(self.data.get("sort", DEFAULT_SORT)).text,
            metric_columns=self.columns("metrics"),
            param_columns=self.columns("params"),
            viewer=viewer,
        )

    @property
    def is_filtering(self) -> bool:
        """Whether any condition is set."""
        return any(self.data.get(name) for name in self.fields)

    def columns(self, name: str) -> tuple[str, ...]:
        """The chosen ``metrics`` or ``params``: repeated (as check boxes send them) or with commas."""
        data: Any = self.data
        asked = [key for value in data.getlist(name) for key in value.split(",") if _is_key(key)]
        return tuple(dict.fromkeys(asked))[:MOST_COLUMNS]

    def _conditions(self, name: str) -> tuple[Condition, ...]:
        text: str = self.cleaned_data[name]
        try:
            return tuple(parsed(text)) if text else ()
        except BadInputError as error:
            raise forms.ValidationError(str(error)) from error


def _is_key(text: str) -> bool:
    return bool(text) and "\x00" not in text
