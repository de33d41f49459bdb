"""Messages and what became of them in each queue: read here, replayed and dropped by their service."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.messaging import dead_letters
from registry.messaging.bodies import readable
from registry.messaging.dead_letters import Choice
from registry.models import Delivery, Message

from .base import HistoryAdmin, KeptInline, chip

CHIPS = {"done": "finished", "dead": "failed", "dropped": "killed", "published": "running"}
MOST_CHARACTERS = 4_000


class Standing:
    """A delivery's state in words and colour."""

    @admin.display(description="state")
    def standing(self, delivery: Delivery) -> SafeString:
        return chip(CHIPS.get(delivery.state, "scheduled"), delivery.get_state_display())


class DeliveryInline(Standing, KeptInline):
    model = Delivery
    fields = readonly_fields = (
        "queue", "standing", "publishes", "published_at", "attempts", "next_at", "finished_at", "reason",
        "last_error",
    )  # fmt: skip


@admin.register(Message)
class MessageAdmin(HistoryAdmin):
    list_display = ("message_id", "name", "key", "exchange", "routing_key", "priority", "created_at")
    search_fields = ("message_id__exact",)
    search_help_text = "A message's whole id"
    inlines = (DeliveryInline,)
    fields = readonly_fields = (
        "message_id", "name", "key", "exchange", "routing_key", "headers", "priority", "created_at",
        "content",
    )  # fmt: skip

    @admin.display(description="body")
    def content(self, message: Message) -> str:
        text = readable(message.body, message.encoding)
        return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} …"


@admin.register(Delivery)
class DeliveryAdmin(Standing, HistoryAdmin):
    list_display = (
        "message", "queue", "standing", "attempts", "publishes", "published_at", "finished_at", "reason",
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("message",)
    search_fields = ("message__message_id__exact",)
    search_help_text = "A message's whole id"
    actions = ("replay", "drop")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Deciding on dead letters is changing, though the form is read-only."""
        return request.user.has_perm("registry.change_delivery")

    @admin.action(description="Owe the chosen dead letters to their queues again", permissions=["decide"])
    def replay(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        count = sum(dead_letters.replay(_chosen(deliveries)))
        self.message_user(request, f"{count} dead letters are owed again; the relay publishes them.")

    @admin.action(description="Drop the chosen dead letters", permissions=["decide"])
    def drop(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        count = sum(dead_letters.drop(_chosen(deliveries)))
        self.message_user(request, f"{count} dead letters dropped.")


def _chosen(deliveries: QuerySet[Delivery]) -> Choice:
    return Choice(deliveries=tuple(deliveries.values_list("pk", flat=True)))
