"""What the design asked to be measured before it is decided. No goals: a table and what follows from it."""

from benchmarks.questions import alerting, copying, old_months

QUESTIONS = [alerting.QUESTION, copying.QUESTION, old_months.QUESTION]
