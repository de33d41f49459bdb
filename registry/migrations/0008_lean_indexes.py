"""No index twice: unique constraints and wider indexes begin with these foreign keys."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


STATISTICS = """
CREATE STATISTICS registry_param_key_value (dependencies, mcv) ON key, value FROM registry_param;
CREATE STATISTICS registry_runtag_key_value (dependencies, mcv) ON key, value FROM registry_runtag
"""
WITHOUT = "DROP STATISTICS registry_param_key_value, registry_runtag_key_value"


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0007_hot_updates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='apitoken',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='artifact',
            name='logged_model',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='artifacts', to='registry.loggedmodel'),
        ),
        migrations.AlterField(
            model_name='artifact',
            name='run',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='artifacts', to='registry.trainingrun'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='user',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='datasetparent',
            name='child',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='parent_links', to='registry.dataset'),
        ),
        migrations.AlterField(
            model_name='deployment',
            name='model',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='registry.registeredmodel'),
        ),
        migrations.AlterField(
            model_name='experimentpermission',
            name='experiment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='permissions', to='registry.experiment'),
        ),
        migrations.AlterField(
            model_name='experimenttag',
            name='experiment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='registry.experiment'),
        ),
        migrations.AlterField(
            model_name='loggedmodel',
            name='experiment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='logged_models', to='registry.experiment'),
        ),
        migrations.AlterField(
            model_name='loggedmodelmetric',
            name='model',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='metrics', to='registry.loggedmodel'),
        ),
        migrations.AlterField(
            model_name='loggedmodelparam',
            name='model',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='params', to='registry.loggedmodel'),
        ),
        migrations.AlterField(
            model_name='loggedmodeltag',
            name='model',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='registry.loggedmodel'),
        ),
        migrations.AlterField(
            model_name='metric',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='metrics', to='registry.trainingrun'),
        ),
        migrations.AlterField(
            model_name='modelalias',
            name='model',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='registry.registeredmodel'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='model',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='registry.registeredmodel'),
        ),
        migrations.AlterField(
            model_name='modelversiontag',
            name='version',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='registry.modelversion'),
        ),
        migrations.AlterField(
            model_name='param',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='params', to='registry.trainingrun'),
        ),
        migrations.AlterField(
            model_name='registeredmodeltag',
            name='model',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='registry.registeredmodel'),
        ),
        migrations.AlterField(
            model_name='runinput',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='inputs', to='registry.trainingrun'),
        ),
        migrations.AlterField(
            model_name='runmodel',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='logged_model_links', to='registry.trainingrun'),
        ),
        migrations.AlterField(
            model_name='runtag',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='registry.trainingrun'),
        ),
        migrations.AlterField(
            model_name='sagastep',
            name='saga',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='registry.saga'),
        ),
        migrations.AlterField(
            model_name='trainingrun',
            name='dataset',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='registry.dataset'),
        ),
        migrations.AlterField(
            model_name='trainingrun',
            name='experiment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='registry.experiment'),
        ),
        # how many runs have optimizer = 'adam': the planner can't tell from keys and values apart
        migrations.RunSQL(STATISTICS, WITHOUT),
    ]
