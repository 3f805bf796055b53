"""What if: the reports' arithmetic on figures that are no report, kept for the factory or thrown away."""
