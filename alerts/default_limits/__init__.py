"""Default limits of a machine: proposed from its kind, its rating and what its sensor measures; renewed; learned."""
