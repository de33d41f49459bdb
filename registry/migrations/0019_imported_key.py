from django.db import migrations, models

# What is gone by now has no key; what has taken its name since can't be told from it, as before.
KEYS = [
    f"UPDATE registry_importeditem i SET our_pk = o.id FROM {table} o WHERE i.kind = '{kind}' AND {found}"
    for kind, table, found in (
        ("experiment", "registry_experiment", "o.experiment_id = i.our_id"),
        ("dataset", "registry_dataset", "o.name = i.our_id"),
        ("run", "registry_trainingrun", "replace(o.run_id::text, '-', '') = i.our_id"),
        ("logged_model", "registry_loggedmodel", "replace(o.model_id::text, '-', '') = i.our_id"),
        ("registered_model", "registry_registeredmodel", "o.name = i.our_id"),
    )
]


class Migration(migrations.Migration):
    dependencies = [("registry", "0018_backfill")]
    operations = [
        migrations.AddField(
            model_name="importeditem",
            name="our_pk",
            field=models.BigIntegerField(
                blank=True, help_text="Primary key of ours: names come again, keys never", null=True
            ),
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
