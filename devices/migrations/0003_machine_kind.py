from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0002_register_unit_and_width"),
    ]

    operations = [
        migrations.AddField(
            model_name="device",
            name="machine_kind",
            field=models.CharField(db_default="", default="", max_length=24),
        ),
        migrations.AddField(
            model_name="device",
            name="temperature_point",
            field=models.CharField(db_default="", default="", max_length=24),
        ),
    ]
