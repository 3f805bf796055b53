"""Emission and conversion factors: dated, cited, immutable rows from data files, looked up by day."""
