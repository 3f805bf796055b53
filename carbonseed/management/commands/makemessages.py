"""Django's makemessages, which also collects the words of documents: titles, labels, headings, captions.

They are frozen in English with the figures and looked up where they are printed, so a document that is issued stays
what it was and can be printed in another language.
"""

from django.core.management.commands import makemessages

TRANSLATED_CALLS = [
    *("section:2", "item:2", "given:1", "missing:1", "not_applicable:1", "column:1", "number_column:1"),
    *("table:1", "steps:1", "blank_table:1"),
]


class Command(makemessages.Command):
    xgettext_options = [*makemessages.Command.xgettext_options, *(f"--keyword={word}" for word in TRANSLATED_CALLS)]
