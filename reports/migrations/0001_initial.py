import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('factories', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('report_type', models.CharField(max_length=15)),
                ('period_start', models.DateField()),
                ('period_end', models.DateField()),
                ('status', models.CharField(default='queued', max_length=10)),
                ('progress', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(max_length=500)),
                ('inputs', models.JSONField(null=True)),
                ('figures', models.JSONField(null=True)),
                ('figures_sha256', models.CharField(db_index=True, max_length=64)),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('replaced_at', models.DateTimeField(null=True)),
                ('replacement_reason', models.CharField(max_length=300)),
                ('outdated_at', models.DateTimeField(null=True)),
                ('checked_at', models.DateTimeField(null=True)),
                ('is_final', models.BooleanField(default=False)),
                ('finalised_at', models.DateTimeField(null=True)),
                ('final_name', models.CharField(max_length=150)),
                ('final_place', models.CharField(max_length=100)),
                ('requested_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('generated_at', models.DateTimeField(null=True)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='factories.factory')),
                ('finalised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('generated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='reports.report')),
            ],
            options={
                'ordering': ['-requested_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('is_final', models.BooleanField(default=False)),
                ('pdf', models.BinaryField()),
                ('pages', models.PositiveSmallIntegerField()),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('printed_at', models.DateTimeField()),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='reports.report')),
            ],
            options={
                'ordering': ['report', 'is_final'],
            },
        ),
        migrations.CreateModel(
            name='WhatIf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ('scheme', models.CharField(max_length=10)),
                ('title', models.CharField(max_length=150)),
                ('text', models.TextField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('factory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='what_ifs', to='factories.factory')),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('factory', 'report_type', 'period_start', 'period_end'), name='one_current_report_per_period'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('period_end__gte', models.F('period_start'))), name='period_is_a_period'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('report', 'is_final'), name='one_draft_and_one_final_document_per_report'),
        ),
    ]
