"""The embedded PostgreSQL: where it lives and how Django reaches it."""

from pathlib import Path


def embedded_settings(var: Path) -> dict:
    """Django's connection parameters for the embedded server: its Unix socket in `var/postgres`."""
    return {"NAME": "carbonseed", "USER": "postgres", "HOST": str(var / "postgres")}
