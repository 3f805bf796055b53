"""What a factory enters month by month. A register is a model with a description (`about`); grid, form, import, export,
checklist, admin and API all follow from it, so that a new register is one class and a migration."""
