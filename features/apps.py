"""The Django application."""

from django.apps import AppConfig


class FeaturesConfig(AppConfig):
    name = "features"
    verbose_name = "Serving"

    def ready(self) -> None:
        """Tell others who delivers to Redis and keeps windows there, and listen; nothing connects yet."""
        from features import receivers  # noqa: PLC0415
        from features.online import counters  # noqa: PLC0415
        from features.online.outbox_target import RedisTarget  # noqa: PLC0415
        from features.online.rate_windows import RedisLedger  # noqa: PLC0415
        from features.services import customer_profiles  # noqa: PLC0415
        from features.services.board_check import BoardCheck  # noqa: PLC0415
        from features.services.feature_check import FeatureCheck  # noqa: PLC0415
        from features.services.push import FEATURES_PUSHED  # noqa: PLC0415
        from features.services.push_delivery import deliver_pushes  # noqa: PLC0415
        from features.services.run_info_check import RunInfoCheck  # noqa: PLC0415
        from registry import counting  # noqa: PLC0415
        from registry.enums import OutboxTarget  # noqa: PLC0415
        from registry.limits import ledger  # noqa: PLC0415
        from registry.sync import targets  # noqa: PLC0415
        from registry.sync.reconcile import drift  # noqa: PLC0415

        targets.enrol(OutboxTarget.REDIS, RedisTarget({FEATURES_PUSHED: deliver_pushes}))
        counting.enrol(counters.carry)
        ledger.enrol(RedisLedger())
        drift.enrol(BoardCheck(), RunInfoCheck(), FeatureCheck())
        receivers.connect()
        customer_profiles.listen()
