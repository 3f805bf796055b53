"""What happens by itself and how often, and which process does it."""

ROUTES = {  # printing and sending have processes of their own: neither ever delays the digest
    "reports.tasks.*": {"queue": "reports"},
    "telemetry.tasks.look_at_machine": {"queue": "findings"},  # the printer's too, which takes from both in turn
    "telemetry.tasks.ask_about_machine": {"queue": "findings"},
    "alerts.tasks.send_delivery": {"queue": "messages"},
}


def beat(digest_seconds) -> dict:
    return {
        "digest": every("carbonseed.tasks.digest", digest_seconds),
        "find silent devices": every("carbonseed.tasks.find_silent", 60),
        "send what was not sent": every("alerts.tasks.sweep_deliveries", 60),
        "learn default limits": every("alerts.tasks.learn_default_limits", 3600),
        "make scheduled reports": every("reports.tasks.scheduled_reports", 900),
        "print what was not printed": every("reports.tasks.sweep_reports", 120),
        "look for findings": every("telemetry.tasks.look_for_findings", 3600),
        "resume day files": every("telemetry.tasks.sweep_day_files", 120),
        "make partitions ahead": every("carbonseed.tasks.make_partitions_ahead", 6 * 3600),
        "let old readings go": every("carbonseed.tasks.drop_old_readings", 24 * 3600),
    }


def every(task, seconds) -> dict:
    """A line of the schedule. What was not begun by the next round is dropped: the next round does it."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(10, seconds)}}
