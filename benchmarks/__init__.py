"""How fast the telemetry engine is, each figure beside its counterpart in one run (`make bench`)."""
