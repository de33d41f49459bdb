"""The Django application."""

from django.apps import AppConfig


class FeaturesConfig(AppConfig):
    name = "features"
    verbose_name = "Serving"

    def ready(self) -> None:
        """Tell others who delivers to Redis and keeps windows there, and listen; nothing connects yet."""
        from features import receivers  # noqa: PLC0415
        from features.activity import consumers as activity_consumers  # noqa: F401, PLC0415 (registers them)
        from features.activity import tasks as activity_tasks  # noqa: F401, PLC0415 (registers them)
        from features.activity.check import ActivityCheck  # noqa: PLC0415
        from features.onboarding import leaving, tasks  # noqa: F401, PLC0415 (registers the tasks)
        from features.online import counters  # noqa: PLC0415
        from features.online.capture_consumer import CacheConsumer  # noqa: PLC0415
        from features.online.outbox_target import RedisTarget  # noqa: PLC0415
        from features.online.rate_windows import RedisLedger  # noqa: PLC0415
        from features.personalisation import tasks as scoring  # noqa: F401, PLC0415 (likewise)
        from features.profile_requests import tasks as requests  # noqa: F401, PLC0415 (likewise)
        from features.recommending import tasks as recommending  # noqa: F401, PLC0415 (likewise)
        from features.services import customer_documents, customer_profiles  # noqa: PLC0415
        from features.services.board_check import BoardCheck  # noqa: PLC0415
        from features.services.feature_check import FeatureCheck  # noqa: PLC0415
        from features.services.push import FEATURES_PUSHED  # noqa: PLC0415
        from features.services.push_delivery import deliver_pushes  # noqa: PLC0415
        from features.services.run_info_check import RunInfoCheck  # noqa: PLC0415
        from registry import counting  # noqa: PLC0415
        from registry.enums import OutboxTarget  # noqa: PLC0415
        from registry.limits import ledger  # noqa: PLC0415
        from registry.sync import targets  # noqa: PLC0415
        from registry.sync.capture import consumers  # noqa: PLC0415
        from registry.sync.reconcile import drift  # noqa: PLC0415

        targets.enrol(OutboxTarget.REDIS, RedisTarget({FEATURES_PUSHED: deliver_pushes}))
        consumers.enrol(CacheConsumer())
        counting.enrol(counters.carry)
        ledger.enrol(RedisLedger())
        drift.enrol(BoardCheck(), RunInfoCheck(), FeatureCheck(), ActivityCheck())
        receivers.connect()
        customer_profiles.listen()
        customer_documents.listen()
        leaving.listen()
