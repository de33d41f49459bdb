"""The partitioned table of metric points (docs/decisions/0002-metric-points.md).

Sixteen hash partitions on the metric: each stays below ten million rows at a hundred million
points, is vacuumed and re-indexed alone, and a run's history lies in one of them. Adding a run needs
no new partition. Deleting metrics deletes their points by one statement trigger.
"""

import django.db.models.deletion
from django.db import migrations, models

PARTITIONS = 16

CREATE = """
CREATE TABLE registry_metricpoint (
    metric_id bigint NOT NULL,
    step bigint NOT NULL,
    timestamp_ms bigint NOT NULL,
    value double precision NOT NULL,
    PRIMARY KEY (metric_id, step, timestamp_ms, value)
) PARTITION BY HASH (metric_id);
"""

PARTITION = """
CREATE TABLE registry_metricpoint_p{n:02d} PARTITION OF registry_metricpoint
    FOR VALUES WITH (MODULUS {of}, REMAINDER {n})
    WITH (autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.05);
"""

CASCADE = """
CREATE FUNCTION registry_delete_metric_points() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM registry_metricpoint WHERE metric_id IN (SELECT id FROM gone);
    RETURN NULL;
END $$;
CREATE TRIGGER metric_points_go_with_their_metric AFTER DELETE ON registry_metric
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION registry_delete_metric_points();
"""

DROP = """
DROP TRIGGER metric_points_go_with_their_metric ON registry_metric;
DROP FUNCTION registry_delete_metric_points();
DROP TABLE registry_metricpoint;
"""


def create_table() -> migrations.SeparateDatabaseAndState:
    """The table in PostgreSQL, and the model in Django's state."""
    partitions = "".join(PARTITION.format(n=n, of=PARTITIONS) for n in range(PARTITIONS))
    return migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL(CREATE + partitions + CASCADE, DROP)],
        state_operations=[_state()],
    )


def _state() -> migrations.CreateModel:
    metric = models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="points",
        to="registry.metric",
    )
    key = models.CompositePrimaryKey(
        "metric_id",
        "step",
        "timestamp_ms",
        "value",
        blank=True,
        editable=False,
        primary_key=True,
        serialize=False,
    )
    return migrations.CreateModel(
        name="MetricPoint",
        fields=[
            ("pk", key),
            ("step", models.BigIntegerField()),
            ("timestamp_ms", models.BigIntegerField()),
            ("value", models.FloatField()),
            ("metric", metric),
        ],
        options={"db_table": "registry_metricpoint"},
    )
