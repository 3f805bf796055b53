import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Which version of its rows each key stands for: a function, since its plan is kept and a query's is made each time.
# A row's place and the transaction that wrote it: together they change with every change of the row.
KEY_VERSIONS = """
CREATE FUNCTION devices_key_versions(prefixes text[]) RETURNS TABLE (prefix varchar, versions text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT k.prefix, concat_ws(' ', k.ctid, k.xmin, f.ctid, f.xmin, d.ctid, d.xmin,
        (SELECT string_agg(concat(p.ctid, p.xmin), ' ' ORDER BY p.id)
         FROM devices_deviceprofile p WHERE p.device_id = d.id))
    FROM devices_devicekey k
    JOIN factories_factory f ON f.id = k.factory_id LEFT JOIN devices_device d ON d.id = k.device_id
    WHERE k.prefix = ANY(prefixes);
END $$
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('factories', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('device_id', models.CharField(max_length=64)),
                ('device_name', models.CharField(max_length=120)),
                ('device_type', models.CharField(default='ESP32', max_length=60)),
                ('machine_name', models.CharField(max_length=120)),
                ('location', models.CharField(max_length=120)),
                ('firmware_version', models.CharField(max_length=40)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('archived_at', models.DateTimeField(null=True)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='devices', to='factories.factory')),
            ],
            options={
                'ordering': ['device_name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DeviceKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('prefix', models.CharField(max_length=12, unique=True)),
                ('secret_hash', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='devices.device')),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='device_keys', to='factories.factory')),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='DeviceProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('valid_from', models.DateTimeField()),
                ('power_kind', models.CharField(default='kW', max_length=10)),
                ('interval_s', models.PositiveIntegerField(default=300)),
                ('rated_kw', models.FloatField(null=True)),
                ('exports_power', models.BooleanField(default=False)),
                ('vibration_kind', models.CharField(default='rms', max_length=5)),
                ('temperature_max', models.FloatField(null=True)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='profiles', to='devices.device')),
            ],
            options={
                'ordering': ['-valid_from'],
            },
        ),
        migrations.CreateModel(
            name='Hardware',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('unit', models.CharField(max_length=64)),
                ('fitted_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hardware', to='devices.device')),
            ],
            options={
                'ordering': ['-fitted_at'],
            },
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.UniqueConstraint(condition=models.Q(('archived_at', None)), fields=('factory', 'device_id'), name='device_id_unique_within_a_factory'),
        ),
        migrations.AddConstraint(
            model_name='devicekey',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at', None), ('expires_at__gt', models.F('created_at')), _connector='OR'), name='key_expires_after_creation'),
        ),
        migrations.AddConstraint(
            model_name='deviceprofile',
            constraint=models.UniqueConstraint(fields=('device', 'valid_from'), name='one_profile_per_device_and_moment'),
        ),
        migrations.AddConstraint(
            model_name='hardware',
            constraint=models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('device',), name='one_unit_at_a_time'),
        ),
        migrations.RunSQL(KEY_VERSIONS, "DROP FUNCTION devices_key_versions(text[])"),
    ]
