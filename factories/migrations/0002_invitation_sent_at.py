from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("factories", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="invitation",
            name="sent_at",
            field=models.DateTimeField(default=timezone.now, help_text="the newest link; older ones are dead"),
        ),
    ]
