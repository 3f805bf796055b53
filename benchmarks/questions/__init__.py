"""Measurements behind design decisions. No goals: a table and what follows from it."""

from benchmarks.questions import alerting, copying, old_months

QUESTIONS = [alerting.QUESTION, copying.QUESTION, old_months.QUESTION]
