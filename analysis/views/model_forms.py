"""What is sent to change a registered model."""

from django import forms

from registry.enums import Environment, ModelStage

BIGGEST = 2**31 - 1  # of PostgreSQL's integers


class _Change(forms.Form):
    """Every change may come from the page of a version, and leads back there."""

    on_version = forms.IntegerField(min_value=1, max_value=BIGGEST, required=False)


class DescribeForm(_Change):
    """What is said of a model."""

    description = forms.CharField(max_length=10_000, required=False)


class AliasForm(_Change):
    """An alias and where it shall point; ``replaces`` is where the page saw it, 0 for nowhere."""

    alias = forms.CharField(max_length=255)
    version = forms.IntegerField(min_value=1, max_value=BIGGEST)
    replaces = forms.IntegerField(min_value=0, max_value=BIGGEST, required=False)


class AliasRemovalForm(_Change):
    """An alias to delete."""

    alias = forms.CharField(max_length=255)


class PromoteForm(_Change):
    """A version and where it shall answer; ``replaces`` is what the page saw there, 0 for nothing."""

    version = forms.IntegerField(min_value=1, max_value=BIGGEST)
    environment = forms.ChoiceField(choices=Environment.choices)
    endpoint = forms.CharField(max_length=500, required=False)
    note = forms.CharField(max_length=1_000, required=False)
    replaces = forms.IntegerField(min_value=0, max_value=BIGGEST, required=False)


class RetireForm(_Change):
    """A deployment to take out of service."""

    deployment_id = forms.RegexField("^[0-9a-f]{32}$")
    note = forms.CharField(max_length=1_000, required=False)


class StageForm(_Change):
    """A version and the stage that it shall have."""

    version = forms.IntegerField(min_value=1, max_value=BIGGEST)
    stage = forms.ChoiceField(choices=ModelStage.choices)
    archives_others = forms.BooleanField(required=False)
