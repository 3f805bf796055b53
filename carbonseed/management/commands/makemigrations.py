"""Django's makemigrations; what it writes holds only what the database knows."""

from django.core.management.commands import makemigrations

from core.plain_migrations import PlainAutodetector


class Command(makemigrations.Command):
    autodetector = PlainAutodetector
