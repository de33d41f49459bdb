"""Updates that touch no index: what the relay confirms on a run, and a metric's next value in its page."""

from django.db import migrations

FREE = {"registry_trainingrun": 85, "registry_metric": 80}


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0006_model_numbers'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='trainingrun',
            name='run_body_behind',
        ),
        *[
            migrations.RunSQL(
                f"ALTER TABLE {table} SET (fillfactor = {percent})",
                f"ALTER TABLE {table} RESET (fillfactor)",
            )
            for table, percent in FREE.items()
        ],
    ]
