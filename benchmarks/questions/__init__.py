"""What the design asked to be measured before it is decided. No goals: a table and what follows from it."""

from benchmarks.questions import copying, old_months

QUESTIONS = [copying.QUESTION, old_months.QUESTION]
