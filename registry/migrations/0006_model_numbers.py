"""The number of a deleted version is not given again."""

from django.db import migrations, models

NUMBERED = """
UPDATE registry_registeredmodel m SET last_number = v.last
FROM (SELECT model_id, max(number) AS last FROM registry_modelversion GROUP BY model_id) v
WHERE v.model_id = m.id
"""


class Migration(migrations.Migration):

    dependencies = [('registry', '0005_mlflow')]

    operations = [
        migrations.AddField(
            model_name='registeredmodel',
            name='last_number',
            field=models.PositiveIntegerField(default=0, help_text='Of its versions, deleted ones too'),
        ),
        migrations.RunSQL(NUMBERED, migrations.RunSQL.noop),
    ]
