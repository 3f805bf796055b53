import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('devices', '0001_initial'),
        ('factories', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='UptimeInterval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('since_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['since_at'],
            },
        ),
        migrations.CreateModel(
            name='AlertRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('metric', models.CharField(max_length=30)),
                ('kind', models.CharField(default='above', max_length=10)),
                ('level', models.FloatField(null=True)),
                ('clear_level', models.FloatField(null=True)),
                ('hold_seconds', models.PositiveIntegerField(default=0)),
                ('severity', models.CharField(default='warning', max_length=10)),
                ('title', models.CharField(max_length=150)),
                ('is_enabled', models.BooleanField(default=True)),
                ('params', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('archived_at', models.DateTimeField(null=True)),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alert_rules', to='devices.device')),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alert_rules', to='factories.factory')),
            ],
            options={
                'ordering': ['metric', 'level', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('alert_type', models.CharField(max_length=40)),
                ('severity', models.CharField(max_length=10)),
                ('status', models.CharField(default='active', max_length=15)),
                ('title', models.CharField(max_length=150)),
                ('message', models.CharField(max_length=500)),
                ('metric_value', models.FloatField(null=True)),
                ('threshold_value', models.FloatField(null=True)),
                ('peak_value', models.FloatField(null=True)),
                ('triggered_at', models.DateTimeField()),
                ('found_late', models.BooleanField(default=False)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('cause', models.CharField(max_length=500)),
                ('action', models.CharField(max_length=500)),
                ('snoozed_until', models.DateTimeField(null=True)),
                ('terms', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('acknowledged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='devices.device')),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='factories.factory')),
                ('resolved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='alerts', to='alerts.alertrule')),
            ],
            options={
                'ordering': ['-triggered_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=10)),
                ('label', models.CharField(max_length=60)),
                ('hint', models.CharField(max_length=80)),
                ('encrypted_credentials', models.TextField()),
                ('is_on', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('tested_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('error', models.CharField(max_length=500)),
                ('removed_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='channels', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('text', models.TextField(max_length=2000)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='alerts.alert')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(null=True)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('given_up_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(max_length=500)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='alerts.alert')),
                ('channel', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='alerts.channel')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='EscalationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('after_minutes', models.PositiveSmallIntegerField()),
                ('lowest', models.CharField(default='warning', max_length=10)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='escalation_steps', to='factories.factory')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['after_minutes', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='EvaluationState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('evaluated_until', models.DateTimeField()),
                ('crossed_since', models.DateTimeField(null=True)),
                ('has_fired', models.BooleanField(default=False)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.device')),
                ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='evaluation_states', to='alerts.alertrule')),
            ],
        ),
        migrations.CreateModel(
            name='MaintenanceWindow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.device')),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='factories.factory')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-starts_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('is_on', models.BooleanField(default=True)),
                ('lowest', models.CharField(default='info', max_length=10)),
                ('by_email', models.BooleanField(default=True)),
                ('rhythm', models.CharField(default='once', max_length=10)),
                ('digest_at', models.TimeField(default=datetime.time(8, 0))),
                ('quiet_from', models.TimeField(null=True)),
                ('quiet_until', models.TimeField(null=True)),
                ('critical_always', models.BooleanField(default=True)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='factories.factory')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['factory', '-triggered_at'], name='alerts_aler_factory_819606_idx'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('resolved_at', None)), fields=('rule', 'device'), name='one_open_alert_per_rule_and_device'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('alert_type', 'sensor_suspect'), ('resolved_at', None)), fields=('device',), name='one_open_sensor_alert_per_device'),
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('user', 'label'), name='a_persons_channels_have_names'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['recipient', 'channel', 'sent_at'], name='what_a_person_got'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('given_up_at', None), ('sent_at', None)), fields=['next_attempt_at'], name='messages_not_sent'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('alert', 'recipient', 'channel'), name='one_message_per_alert_person_and_way', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='escalationstep',
            constraint=models.UniqueConstraint(fields=('factory', 'person'), name='a_person_is_one_step'),
        ),
        migrations.AddConstraint(
            model_name='evaluationstate',
            constraint=models.UniqueConstraint(fields=('rule', 'device'), name='one_watch_per_rule_and_device', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='maintenancewindow',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='maintenance_ends_later'),
        ),
        migrations.AddConstraint(
            model_name='preference',
            constraint=models.UniqueConstraint(fields=('user', 'factory'), name='one_preference_per_member'),
        ),
    ]
