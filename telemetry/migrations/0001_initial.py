import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

READING_SQL = """
CREATE TABLE telemetry_reading (
    device_id bigint NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    clock smallint NOT NULL DEFAULT 0,
    suspect integer NOT NULL DEFAULT 0,
    extra jsonb,
    temperature double precision,
    gas_index double precision,
    vibration_x double precision,
    vibration_y double precision,
    vibration_z double precision,
    humidity double precision,
    pressure double precision,
    power_consumption double precision,
    energy_kwh double precision,
    PRIMARY KEY (device_id, at)
) PARTITION BY RANGE (at)
"""
# In the digest's own transaction, and without its help: no way of draining the log can forget to count.
COUNT_EDITIONS = """
CREATE FUNCTION telemetry_count_editions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO telemetry_edition AS counted (device_id, number)
    SELECT DISTINCT device_id, 1 FROM drained ORDER BY device_id
    ON CONFLICT (device_id) DO UPDATE SET number = counted.number + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER count_editions AFTER DELETE ON telemetry_dirtyspan
REFERENCING OLD TABLE AS drained FOR EACH STATEMENT EXECUTE FUNCTION telemetry_count_editions()
"""
UNCOUNT_EDITIONS = "DROP TRIGGER count_editions ON telemetry_dirtyspan; DROP FUNCTION telemetry_count_editions()"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('devices', '0001_initial'),
        ('factories', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DayTimeZone',
            fields=[
                ('device', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='day_time_zone', serialize=False, to='devices.device')),
                ('time_zone', models.CharField(max_length=50)),
            ],
        ),
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('device', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='edition', serialize=False, to='devices.device')),
                ('number', models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='KeyUse',
            fields=[
                ('key', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='use', serialize=False, to='devices.devicekey')),
                ('used_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='LastSeen',
            fields=[
                ('device', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='last_seen', serialize=False, to='devices.device')),
                ('heard_at', models.DateTimeField()),
                ('reading_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DeviceQuarterHours',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('devices.device',),
        ),
        migrations.CreateModel(
            name='DeviceReadings',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('devices.device',),
        ),
        migrations.CreateModel(
            name='Day',
            fields=[
                ('expected', models.FloatField()),
                ('energy_kwh', models.FloatField(null=True)),
                ('bridged_kwh', models.FloatField(null=True)),
                ('covered_s', models.FloatField(default=0)),
                ('received', models.PositiveIntegerField()),
                ('suspect', models.PositiveIntegerField(default=0)),
                ('temperature_min', models.FloatField(null=True)),
                ('temperature_max', models.FloatField(null=True)),
                ('temperature_sum', models.FloatField(null=True)),
                ('gas_index_min', models.FloatField(null=True)),
                ('gas_index_max', models.FloatField(null=True)),
                ('gas_index_sum', models.FloatField(null=True)),
                ('vibration_x_min', models.FloatField(null=True)),
                ('vibration_x_max', models.FloatField(null=True)),
                ('vibration_x_sum', models.FloatField(null=True)),
                ('vibration_y_min', models.FloatField(null=True)),
                ('vibration_y_max', models.FloatField(null=True)),
                ('vibration_y_sum', models.FloatField(null=True)),
                ('vibration_z_min', models.FloatField(null=True)),
                ('vibration_z_max', models.FloatField(null=True)),
                ('vibration_z_sum', models.FloatField(null=True)),
                ('humidity_min', models.FloatField(null=True)),
                ('humidity_max', models.FloatField(null=True)),
                ('humidity_sum', models.FloatField(null=True)),
                ('pressure_min', models.FloatField(null=True)),
                ('pressure_max', models.FloatField(null=True)),
                ('pressure_sum', models.FloatField(null=True)),
                ('power_consumption_min', models.FloatField(null=True)),
                ('power_consumption_max', models.FloatField(null=True)),
                ('power_consumption_sum', models.FloatField(null=True)),
                ('energy_kwh_min', models.FloatField(null=True)),
                ('energy_kwh_max', models.FloatField(null=True)),
                ('energy_kwh_sum', models.FloatField(null=True)),
                ('vibration_min', models.FloatField(null=True)),
                ('vibration_max', models.FloatField(null=True)),
                ('vibration_sum', models.FloatField(null=True)),
                ('temperature_count', models.PositiveIntegerField(null=True)),
                ('temperature_suspect', models.PositiveIntegerField(null=True)),
                ('gas_index_count', models.PositiveIntegerField(null=True)),
                ('gas_index_suspect', models.PositiveIntegerField(null=True)),
                ('vibration_x_count', models.PositiveIntegerField(null=True)),
                ('vibration_x_suspect', models.PositiveIntegerField(null=True)),
                ('vibration_y_count', models.PositiveIntegerField(null=True)),
                ('vibration_y_suspect', models.PositiveIntegerField(null=True)),
                ('vibration_z_count', models.PositiveIntegerField(null=True)),
                ('vibration_z_suspect', models.PositiveIntegerField(null=True)),
                ('humidity_count', models.PositiveIntegerField(null=True)),
                ('humidity_suspect', models.PositiveIntegerField(null=True)),
                ('pressure_count', models.PositiveIntegerField(null=True)),
                ('pressure_suspect', models.PositiveIntegerField(null=True)),
                ('power_consumption_count', models.PositiveIntegerField(null=True)),
                ('power_consumption_suspect', models.PositiveIntegerField(null=True)),
                ('energy_kwh_count', models.PositiveIntegerField(null=True)),
                ('energy_kwh_suspect', models.PositiveIntegerField(null=True)),
                ('vibration_count', models.PositiveIntegerField(null=True)),
                ('vibration_suspect', models.PositiveIntegerField(null=True)),
                ('pk', models.CompositePrimaryKey('device_id', 'on', blank=True, editable=False, primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('heard', models.PositiveSmallIntegerField()),
                ('bridged_s', models.FloatField(null=True)),
                ('device', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='devices.device')),
            ],
            options={
                'ordering': ['device_id', 'on'],
            },
        ),
        migrations.CreateModel(
            name='DayFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('uploaded_at', models.DateTimeField()),
                ('name', models.CharField(max_length=200)),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('zone', models.CharField(max_length=50)),
                ('state', models.CharField(default='checking', max_length=10)),
                ('error', models.CharField(max_length=500)),
                ('notes', models.JSONField(default=list)),
                ('cut', models.CharField(max_length=200)),
                ('done_at', models.DateTimeField(null=True)),
                ('claim', models.CharField(max_length=32)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('read_bytes', models.PositiveBigIntegerField(default=0)),
                ('last_line', models.PositiveBigIntegerField(default=0)),
                ('lines', models.PositiveBigIntegerField(default=0)),
                ('accepted', models.PositiveBigIntegerField(default=0)),
                ('duplicates', models.PositiveBigIntegerField(default=0)),
                ('quarantined', models.PositiveBigIntegerField(default=0)),
                ('refused', models.PositiveBigIntegerField(default=0)),
                ('suspect', models.PositiveBigIntegerField(default=0)),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='day_files', to='devices.device')),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='day_files', to='factories.factory')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-uploaded_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DayFileLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('number', models.PositiveBigIntegerField()),
                ('outcome', models.CharField(max_length=12)),
                ('field', models.CharField(max_length=64)),
                ('why', models.CharField(max_length=300)),
                ('day_file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='line_results', to='telemetry.dayfile')),
            ],
            options={
                'ordering': ['number', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ProcessedSpan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('digested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('device', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='devices.device')),
            ],
        ),
        migrations.CreateModel(
            name='QuarterHour',
            fields=[
                ('expected', models.FloatField()),
                ('energy_kwh', models.FloatField(null=True)),
                ('bridged_kwh', models.FloatField(null=True)),
                ('covered_s', models.FloatField(default=0)),
                ('received', models.PositiveIntegerField()),
                ('suspect', models.PositiveIntegerField(default=0)),
                ('temperature_min', models.FloatField(null=True)),
                ('temperature_max', models.FloatField(null=True)),
                ('temperature_sum', models.FloatField(null=True)),
                ('gas_index_min', models.FloatField(null=True)),
                ('gas_index_max', models.FloatField(null=True)),
                ('gas_index_sum', models.FloatField(null=True)),
                ('vibration_x_min', models.FloatField(null=True)),
                ('vibration_x_max', models.FloatField(null=True)),
                ('vibration_x_sum', models.FloatField(null=True)),
                ('vibration_y_min', models.FloatField(null=True)),
                ('vibration_y_max', models.FloatField(null=True)),
                ('vibration_y_sum', models.FloatField(null=True)),
                ('vibration_z_min', models.FloatField(null=True)),
                ('vibration_z_max', models.FloatField(null=True)),
                ('vibration_z_sum', models.FloatField(null=True)),
                ('humidity_min', models.FloatField(null=True)),
                ('humidity_max', models.FloatField(null=True)),
                ('humidity_sum', models.FloatField(null=True)),
                ('pressure_min', models.FloatField(null=True)),
                ('pressure_max', models.FloatField(null=True)),
                ('pressure_sum', models.FloatField(null=True)),
                ('power_consumption_min', models.FloatField(null=True)),
                ('power_consumption_max', models.FloatField(null=True)),
                ('power_consumption_sum', models.FloatField(null=True)),
                ('energy_kwh_min', models.FloatField(null=True)),
                ('energy_kwh_max', models.FloatField(null=True)),
                ('energy_kwh_sum', models.FloatField(null=True)),
                ('vibration_min', models.FloatField(null=True)),
                ('vibration_max', models.FloatField(null=True)),
                ('vibration_sum', models.FloatField(null=True)),
                ('temperature_count', models.PositiveIntegerField(null=True)),
                ('temperature_suspect', models.PositiveIntegerField(null=True)),
                ('gas_index_count', models.PositiveIntegerField(null=True)),
                ('gas_index_suspect', models.PositiveIntegerField(null=True)),
                ('vibration_x_count', models.PositiveIntegerField(null=True)),
                ('vibration_x_suspect', models.PositiveIntegerField(null=True)),
                ('vibration_y_count', models.PositiveIntegerField(null=True)),
                ('vibration_y_suspect', models.PositiveIntegerField(null=True)),
                ('vibration_z_count', models.PositiveIntegerField(null=True)),
                ('vibration_z_suspect', models.PositiveIntegerField(null=True)),
                ('humidity_count', models.PositiveIntegerField(null=True)),
                ('humidity_suspect', models.PositiveIntegerField(null=True)),
                ('pressure_count', models.PositiveIntegerField(null=True)),
                ('pressure_suspect', models.PositiveIntegerField(null=True)),
                ('power_consumption_count', models.PositiveIntegerField(null=True)),
                ('power_consumption_suspect', models.PositiveIntegerField(null=True)),
                ('energy_kwh_count', models.PositiveIntegerField(null=True)),
                ('energy_kwh_suspect', models.PositiveIntegerField(null=True)),
                ('vibration_count', models.PositiveIntegerField(null=True)),
                ('vibration_suspect', models.PositiveIntegerField(null=True)),
                ('pk', models.CompositePrimaryKey('device_id', 'starts_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField()),
                ('device', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='devices.device')),
            ],
            options={
                'ordering': ['device_id', 'starts_at'],
            },
        ),
        # Django cannot declare partitions: the table is made by SQL, the model is only recorded.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(READING_SQL, "DROP TABLE telemetry_reading")],
            state_operations=[
                migrations.CreateModel(
                    name='Reading',
                    fields=[
                        ('pk', models.CompositePrimaryKey('device_id', 'at', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('at', models.DateTimeField()),
                        ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('clock', models.SmallIntegerField(db_default=0, default=0)),
                        ('suspect', models.IntegerField(db_default=0, default=0)),
                        ('extra', models.JSONField(null=True)),
                        ('temperature', models.FloatField(null=True)),
                        ('gas_index', models.FloatField(null=True)),
                        ('vibration_x', models.FloatField(null=True)),
                        ('vibration_y', models.FloatField(null=True)),
                        ('vibration_z', models.FloatField(null=True)),
                        ('humidity', models.FloatField(null=True)),
                        ('pressure', models.FloatField(null=True)),
                        ('power_consumption', models.FloatField(null=True)),
                        ('energy_kwh', models.FloatField(null=True)),
                        ('device', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='devices.device')),
                    ],
                    options={
                        'ordering': ['device_id', 'at'],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='DayFileChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('day_file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='telemetry.dayfile')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day_file', 'number'), name='pieces_in_order')],
            },
        ),
        migrations.CreateModel(
            name='DirtySpan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('readings', models.PositiveIntegerField()),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('key_prefix', models.CharField(max_length=12)),
                ('device', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='devices.device')),
            ],
            options={
                'indexes': [models.Index(fields=['device', 'last_at'], name='arrivals_of_a_device')],
            },
        ),
        migrations.CreateModel(
            name='QuarantineItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('received_at', models.DateTimeField(db_index=True)),
                ('reason', models.CharField(max_length=20)),
                ('detail', models.CharField(max_length=500)),
                ('payload', models.BinaryField()),
                ('fingerprint', models.CharField(default='', max_length=32)),
                ('times', models.PositiveIntegerField(default=1)),
                ('last_at', models.DateTimeField(null=True)),
                ('state', models.CharField(default='held', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='quarantine_items', to='devices.device')),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quarantine_items', to='factories.factory')),
            ],
            options={
                'ordering': ['-received_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'held')), fields=('factory', 'fingerprint'), name='the_same_is_held_once')],
            },
        ),
        migrations.CreateModel(
            name='Recommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('detector', models.CharField(max_length=30)),
                ('kind', models.CharField(max_length=12)),
                ('signature', models.CharField(max_length=40)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('confidence', models.FloatField()),
                ('evidence', models.JSONField()),
                ('words', models.CharField(max_length=600)),
                ('advice', models.CharField(max_length=200)),
                ('is_opinion', models.BooleanField(default=False)),
                ('coverage_percent', models.FloatField()),
                ('found_at', models.DateTimeField()),
                ('dismissed_at', models.DateTimeField(null=True)),
                ('why_dismissed', models.CharField(max_length=300)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recommendations', to='devices.device')),
                ('dismissed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-until', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('device', 'detector', 'signature', 'since'), name='a_finding_is_kept_once')],
            },
        ),
        migrations.CreateModel(
            name='RefusalCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('status', models.PositiveSmallIntegerField()),
                ('count', models.PositiveBigIntegerField(default=0)),
                ('last_at', models.DateTimeField()),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='devices.device')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('device', 'on', 'status'), name='one_refusal_count_per_day')],
            },
        ),
        migrations.RunSQL(COUNT_EDITIONS, UNCOUNT_EDITIONS),
    ]
