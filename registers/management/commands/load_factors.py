"""`manage.py load_factors`: loads new factor data files, as `migrate` does."""

from django.core.management.base import BaseCommand, CommandError

from registers.factors.loader import FactorFileError, load


class Command(BaseCommand):
    help = "Load versions of factors that are in the data files and not in the database. Loaded ones never change."

    def handle(self, **options) -> None:
        try:
            loaded = load()
        except FactorFileError as error:
            raise CommandError(str(error)) from None
        for factor_set in loaded:
            self.stdout.write(f"{factor_set}: {factor_set.factors.count()} factors")
        if not loaded:
            self.stdout.write("Nothing new.")
