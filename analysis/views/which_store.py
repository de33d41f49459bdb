"""The pages that say which store to use."""

from django import forms
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.choosing.figures import STORES_FILE, recorded_figures
from analysis.choosing.matrix import matrix_rows
from analysis.choosing.questions import QUESTIONS, Answers, Question, answers
from analysis.queries.which_store.benchmark_page import benchmark_page
from analysis.queries.which_store.choice_page import choice_page
from analysis.queries.which_store.matrix_page import matrix_page


def _field(question: Question) -> forms.Field:
    choices = [(option.slug, option.words) for option in question.options]
    if question.is_many:
        return forms.MultipleChoiceField(
            label=question.words, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
        )
    return forms.ChoiceField(label=question.words, choices=[("", "not decided"), *choices], required=False)


class ChooserForm(forms.Form):
    """The chooser's questions; the address keeps the answers."""

    def __init__(self, data: object) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]
        self.fields.update({question.slug: _field(question) for question in QUESTIONS})

    def answers(self) -> Answers:
        """What was answered; nothing while the form has errors."""
        return answers(**self.cleaned_data) if self.is_valid() else {}


@require_safe
def stores(request: HttpRequest) -> TemplateResponse:
    """``/stores/``: the decision matrix and the trade-offs of each store."""
    context = {"page": matrix_page(recorded_figures())}
    return TemplateResponse(request, "analysis/stores.html", context)


@require_safe
def store_chooser(request: HttpRequest) -> TemplateResponse:
    """``/stores/choose/``: questions on the data, and an explained answer."""
    form, figures = ChooserForm(request.GET), recorded_figures()
    given = form.answers()
    context: dict[str, object] = {"form": form}
    if given:
        context["page"] = choice_page(given, figures)
    else:
        context["starts"] = matrix_rows(figures)
    return TemplateResponse(
        request, "analysis/store_chooser.html", context, status=400 if form.errors else 200
    )


@require_safe
def store_benchmark(request: HttpRequest) -> HttpResponseBase:
    """``/stores/benchmark/``: the recorded figures; ``?format=json`` is the file they are recorded in."""
    figures = recorded_figures()
    if request.GET.get("format") == "json":
        if figures.benchmark is None:
            raise Http404(figures.trouble)
        return FileResponse(STORES_FILE.open("rb"), as_attachment=True, filename=STORES_FILE.name)
    context = {"page": benchmark_page(figures), "trouble": figures.trouble}
    return TemplateResponse(request, "analysis/store_benchmark.html", context)
