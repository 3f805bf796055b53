"""The calculator: the reports' calculations on arbitrary input, optionally saved as a scenario."""
