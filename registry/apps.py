"""The Django application."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "System of record"

    def ready(self) -> None:
        """Tell mongoengine where MongoDB is, and the outbox who delivers there; nothing connects yet."""
        from registry.documents import connection  # noqa: PLC0415
        from registry.enums import OutboxTarget  # noqa: PLC0415
        from registry.imports import undo  # noqa: F401, PLC0415 (declares its saga)
        from registry.messaging.target import BrokerTarget  # noqa: PLC0415
        from registry.services import deployments, purges, registration  # noqa: F401, PLC0415 (declare their sagas)
        from registry.sync import artifact_target, mongodb_target, targets  # noqa: PLC0415
        from registry.sync.capture import consumers, documents  # noqa: PLC0415
        from registry.sync.reconcile import standard  # noqa: PLC0415

        connection.register()
        targets.enrol(OutboxTarget.MONGODB, mongodb_target.MongoDBTarget())
        targets.enrol(OutboxTarget.CELERY, BrokerTarget())
        targets.enrol(OutboxTarget.ARTIFACTS, artifact_target.ArtifactTarget())
        standard.enrol_checks()
        consumers.enrol(documents.DocumentsConsumer())
