from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0020_imports_said")]
    operations = [
        migrations.AlterField(
            model_name="importeditem",
            name="is_verified",
            field=models.BooleanField(
                default=False,
                help_text="PostgreSQL was seen to say the same; null where nobody compares",
                null=True,
            ),
        ),
        migrations.RunSQL(
            "UPDATE registry_importeditem SET is_verified = NULL WHERE kind <> 'run'",
            "UPDATE registry_importeditem SET is_verified = true WHERE kind <> 'run'",
        ),
    ]
