"""Doors of the pages that need every app."""
