"""Routes of the API that need more than the record: mounted beside those of ``registry.api``."""

from django.urls import URLPattern, path, register_converter

from features.views import complete_run, customer_profile, customers, events, heartbeats, prediction_why
from registry.api.converters import NameConverter
from registry.api.routing import route

register_converter(NameConverter, "any_id")

app_name = "features"
urlpatterns: list[URLPattern] = [
    path("customers", route(POST=customers.create), name="customers"),
    path("events", route(POST=events.create), name="events"),
    path("customers/<any_id:customer_id>/profile", route(GET=customer_profile.read), name="customer-profile"),
    path("onboardings/<str:onboarding_id>", route(GET=customers.read), name="onboarding"),
    path("models/<str:name>/why", route(GET=prediction_why.why), name="prediction-why"),
    path("runs/<str:run_id>/complete", route(GET=complete_run.read), name="run-complete"),
    path("runs/<str:run_id>/heartbeat", route(POST=heartbeats.beat), name="run-heartbeat"),
]
