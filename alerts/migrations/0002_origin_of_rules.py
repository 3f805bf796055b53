from django.db import migrations, models

# The defaults that every machine got until now: (metric, kind, level, severity), without clear level and hold.
EARLIER_DEFAULTS = [
    ("temperature", "above", 900, "critical"),
    ("gas_index", "above", 400, "warning"),
    ("vibration", "above", 5, "warning"),
    ("vibration", "above", 8, "critical"),
    ("power_consumption", "above", 50, "warning"),
]


def mark_earlier_defaults(apps, schema_editor):
    """They stay in force; their origin tells them from a person's, so that they can be exchanged for the kind's."""
    rules = apps.get_model("alerts", "AlertRule").objects.exclude(device=None).filter(clear_level=None, hold_seconds=0)
    for metric, kind, level, severity in EARLIER_DEFAULTS:
        rules.filter(metric=metric, kind=kind, level=level, severity=severity, params={}).update(origin="earlier")
    silence = rules.filter(metric="", kind="silence", severity="warning", params={})
    silence.filter(archived_at=None).update(origin="default", basis={"key": "silence"})
    silence.exclude(archived_at=None).update(origin="edited", basis={"key": "silence"})  # removed: it stays away


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="alertrule",
            name="basis",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="alertrule",
            name="learning_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="alertrule",
            name="origin",
            field=models.CharField(db_default="person", default="person", max_length=8),
        ),
        migrations.RunPython(mark_earlier_defaults, migrations.RunPython.noop),
    ]
