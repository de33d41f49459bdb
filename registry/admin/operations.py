"""What the platform keeps of its own work: tokens, outbox, sagas."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from registry.exceptions import RegistryError
from registry.models import ApiToken, OutboxEntry, Saga, SagaStep
from registry.services.api_tokens import revoke_token
from registry.sync import saga_engine
from registry.sync.relay import retry_parked

from .base import HistoryAdmin, KeptInline, chip


@admin.register(ApiToken)
class ApiTokenAdmin(HistoryAdmin):
    list_display = ("name", "user", "prefix", "state", "scopes", "expires_at", "last_used_at")
    list_select_related = ("user",)
    fields = (
        "user",
        "name",
        "prefix",
        "state",
        "scopes",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "created_at",
    )
    readonly_fields = ("state",)
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Revoking is changing, though the form is read-only."""
        return request.user.has_perm("registry.change_apitoken")

    @admin.action(description="Revoke the chosen tokens", permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens:
            revoke_token(token_id=token.pk)
        self.message_user(request, f"{len(tokens)} tokens revoked.")

    @admin.display(description="state")
    def state(self, token: ApiToken) -> SafeString:
        if token.revoked_at:
            return chip("failed", "Revoked")
        return chip("killed", "Expired") if token.expires_at <= timezone.now() else chip("finished", "Valid")


@admin.register(OutboxEntry)
class OutboxEntryAdmin(HistoryAdmin):
    list_display = (
        "topic",
        "aggregate_id",
        "aggregate_version",
        "state",
        "attempts",
        "created_at",
        "last_error",
    )
    list_filter = ("status", "target")
    search_fields = ("aggregate_id__exact",)
    search_help_text = "A run's or experiment's whole id"
    actions = ("retry",)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.change_outboxentry")

    @admin.action(description="Try the chosen parked entries again", permissions=["retry"])
    def retry(self, request: HttpRequest, entries: QuerySet[OutboxEntry]) -> None:
        count = retry_parked(list(entries.values_list("pk", flat=True)))
        self.message_user(request, f"{count} parked entries are due again; the relay takes them on.")

    @admin.display(description="status")
    def state(self, entry: OutboxEntry) -> SafeString:
        return chip(entry.get_status_display(), entry.get_status_display())


class SagaStepInline(KeptInline):
    model = SagaStep
    fields = readonly_fields = ("number", "name", "step_state", "attempts", "last_error", "updated_at")

    @admin.display(description="step")
    def number(self, step: SagaStep) -> int:
        return step.position + 1

    @admin.display(description="state")
    def step_state(self, step: SagaStep) -> SafeString:
        return chip(step.state, step.get_state_display())


@admin.register(Saga)
class SagaAdmin(HistoryAdmin):
    list_display = ("kind", "aggregate_id", "saga_state", "created_at", "updated_at")
    list_filter = ("state",)
    inlines = (SagaStepInline,)
    fields = (
        "kind", "aggregate_id", "saga_state", "last_error", "created_by", "created_at", "updated_at",
        "next_at", "deadline_at", "data",
    )  # fmt: skip
    readonly_fields = ("saga_state",)
    actions = ("resume", "abort")

    def has_drive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.change_saga")

    @admin.action(description="Take the chosen sagas on now", permissions=["drive"])
    def resume(self, request: HttpRequest, sagas: QuerySet[Saga]) -> None:
        self._each(request, sagas, saga_engine.resume)

    @admin.action(description="Abort the chosen sagas (before the pivot)", permissions=["drive"])
    def abort(self, request: HttpRequest, sagas: QuerySet[Saga]) -> None:
        self._each(request, sagas, saga_engine.abort)

    def _each(self, request: HttpRequest, sagas: QuerySet[Saga], drive: Callable[[str], Saga]) -> None:
        for saga_id in sagas.values_list("saga_id", flat=True):
            try:
                saga = drive(str(saga_id))
                self.message_user(request, f"{saga.kind} {saga.saga_id[:8]}: {saga.state}.")
            except RegistryError as error:
                self.message_user(request, str(error), messages.ERROR)

    @admin.display(description="state")
    def saga_state(self, saga: Saga) -> SafeString:
        return chip(saga.state, saga.get_state_display())
