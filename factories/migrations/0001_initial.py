import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Factory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=150)),
                ('industry', models.CharField(default='other', max_length=20)),
                ('location', models.CharField(max_length=150)),
                ('contact_email', models.EmailField(max_length=254)),
                ('contact_phone', models.CharField(max_length=30)),
                ('time_zone', models.CharField(default='Asia/Kolkata', max_length=50)),
                ('legal_name', models.CharField(max_length=200)),
                ('occupier', models.CharField(max_length=150)),
                ('address', models.TextField(max_length=500)),
                ('state', models.CharField(max_length=60)),
                ('pin_code', models.CharField(max_length=10)),
                ('registration_number', models.CharField(max_length=40)),
                ('year_established', models.PositiveSmallIntegerField(null=True)),
                ('latitude', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('longitude', models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ('logo', models.BinaryField(null=True)),
                ('logo_type', models.CharField(max_length=20)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('archived_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('password', models.CharField(max_length=128)),
                ('last_login', models.DateTimeField(null=True)),
                ('is_superuser', models.BooleanField(default=False)),
                ('is_staff', models.BooleanField(default=False)),
                ('is_active', models.BooleanField(default=True)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('full_name', models.CharField(max_length=150)),
                ('groups', models.ManyToManyField(related_name='user_set', related_query_name='user', to='auth.group')),
                ('user_permissions', models.ManyToManyField(related_name='user_set', related_query_name='user', to='auth.permission')),
            ],
            options={
                'ordering': ['email'],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('name', models.CharField(max_length=100)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holidays', to='factories.factory')),
            ],
            options={
                'ordering': ['on'],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('role', models.CharField(max_length=20)),
                ('membership_expires_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='factories.factory')),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('role', models.CharField(max_length=20)),
                ('expires_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='factories.factory')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['factory__name', 'user__email'],
            },
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('starts_at', models.TimeField()),
                ('ends_at', models.TimeField()),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shifts', to='factories.factory')),
            ],
            options={
                'ordering': ['starts_at'],
            },
        ),
        migrations.CreateModel(
            name='Tariff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('valid_from', models.DateField()),
                ('name', models.CharField(max_length=100)),
                ('energy_rs_per_kwh', models.DecimalField(decimal_places=4, max_digits=10)),
                ('demand_rs_per_kva', models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                ('contract_demand_kva', models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                ('least_billed_percent', models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                ('power_factor', models.DecimalField(decimal_places=3, max_digits=4, null=True)),
                ('factor_target', models.DecimalField(decimal_places=3, max_digits=4, null=True)),
                ('factor_percent', models.DecimalField(decimal_places=3, max_digits=6, null=True)),
                ('bonus_percent', models.DecimalField(decimal_places=3, max_digits=6, null=True)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tariffs', to='factories.factory')),
            ],
            options={
                'ordering': ['-valid_from'],
            },
        ),
        migrations.CreateModel(
            name='TariffBand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
                ('starts_at', models.TimeField()),
                ('ends_at', models.TimeField()),
                ('change_rs_per_kwh', models.DecimalField(decimal_places=4, max_digits=10)),
                ('tariff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bands', to='factories.tariff')),
            ],
            options={
                'ordering': ['starts_at'],
            },
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='email_in_lower_case'),
        ),
        migrations.AddConstraint(
            model_name='holiday',
            constraint=models.UniqueConstraint(fields=('factory', 'on'), name='one_holiday_per_day'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), models.F('factory'), condition=models.Q(('accepted_at', None), ('withdrawn_at', None)), name='one_open_invitation_per_email_and_factory'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('user', 'factory'), name='one_membership_per_user_and_factory'),
        ),
        migrations.AddConstraint(
            model_name='tariff',
            constraint=models.UniqueConstraint(fields=('factory', 'valid_from'), name='one_tariff_from_a_day'),
        ),
    ]
