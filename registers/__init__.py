"""The registers: data a factory enters month by month. A register is a model with a description (`register`); grid,
form, import, export, checklist, admin and API are generated from it: a new register is one class and a migration."""
