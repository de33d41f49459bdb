"""New customers on their way in, with their steps."""

from django.contrib import admin
from django.utils.safestring import SafeString

from features.models import Onboarding, OnboardingStep
from registry.admin.base import HistoryAdmin, KeptInline, chip, link

CHIPS = {"promised": "scheduled", "running": "running", "done": "finished", "refused": "failed"}


class OnboardingStepInline(KeptInline):
    model = OnboardingStep
    fields = readonly_fields = ("name", "step_state", "promised_at", "started_at", "ended_at", "task")

    @admin.display(description="state")
    def step_state(self, step: OnboardingStep) -> SafeString:
        return chip(CHIPS[step.state], step.get_state_display())

    @admin.display(description="task (attempts, errors)")
    def task(self, step: OnboardingStep) -> SafeString:
        return link(step.message_id[:8], "admin:registry_message_changelist", query=f"?q={step.message_id}")


@admin.register(Onboarding)
class OnboardingAdmin(HistoryAdmin):
    list_display = (
        "customer_id",
        "name",
        "onboarding_state",
        "city_name",
        "country_code",
        "source",
        "created_at",
    )
    list_filter = ("state", "source")
    search_fields = ("customer_id__exact", "email__exact")
    search_help_text = "A customer's whole id or email"
    inlines = (OnboardingStepInline,)
    fields = (
        "onboarding_id", "customer_id", "name", "email", "city_name", "country_code", "city", "street",
        "postal_code", "joined_at", "is_synthetic", "source", "onboarding_state", "reason", "created_at",
        "ended_at",
    )  # fmt: skip
    readonly_fields = ("onboarding_id", "onboarding_state")

    @admin.display(description="state")
    def onboarding_state(self, onboarding: Onboarding) -> SafeString:
        return chip(CHIPS[onboarding.state], onboarding.get_state_display())
