"""`manage.py load_factors`: what `migrate` does by itself, to be run by hand after a data file was added."""

from django.core.management.base import BaseCommand, CommandError

from registers.factors.loader import FactorFileError, load


class Command(BaseCommand):
    help = "Load versions of factors that are in the data files and not in the database. Loaded ones never change."

    def handle(self, **options):
        try:
            new = load()
        except FactorFileError as error:
            raise CommandError(str(error)) from None
        for found in new:
            self.stdout.write(f"{found}: {found.factors.count()} factors")
        if not new:
            self.stdout.write("Nothing new.")
