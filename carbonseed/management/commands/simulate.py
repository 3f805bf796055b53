"""Virtual ESP32 devices that post over HTTP with real keys, to this server or any other."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from carbonseed.demo import keys, personas, simulator, virtual_devices
from carbonseed.demo.load import LIVE_INTERVAL_S


class Command(BaseCommand):
    help = "Run virtual ESP32 devices against a Carbonseed server. Ctrl-C ends them."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--url", default=settings.SITE_URL, help="the server (default: SITE_URL)")
        parser.add_argument("--keys", type=Path, default=keys.PATH, help="JSON file with device ids and keys")
        parser.add_argument("--key", help="one key, with one --devices: a device of your own")
        parser.add_argument("--devices", nargs="+", metavar="ID", help="only these (default: all in the file)")
        parser.add_argument("--curve", choices=sorted(simulator.CURVES), default="furnace", help="with --key")
        parser.add_argument("--interval", type=float, default=LIVE_INTERVAL_S, help="plant seconds between readings")
        parser.add_argument("--speed", type=float, default=1.0, help="plant seconds per real second")
        parser.add_argument("--readings", type=int, help="stop after so many readings of each device")
        parser.add_argument("--quiet", action="store_true", help="say only what changes")

    def handle(self, **options) -> None:
        devices = self.devices(options)
        self.stdout.write(f"{len(devices)} virtual devices post to {options['url']} every {options['interval']:g} s")
        self.stdout.flush()
        virtual_devices.run(
            devices,
            url=options["url"].rstrip("/"),
            interval_s=options["interval"],
            speed=options["speed"],
            readings=options["readings"],
            log=lambda text: self.stdout.write(text),
            is_quiet=options["quiet"],
        )

    def devices(self, options) -> list:
        """[(Machine, key)]"""
        if options["key"]:
            if len(options["devices"] or []) != 1:
                raise CommandError("--key is the key of one device: name it with --devices.")
            week = personas.week_of("CP", datetime.now(UTC))
            return [(simulator.SimulatedMachine(options["devices"][0], options["curve"], week), options["key"])]
        if not options["keys"].exists():
            raise CommandError(f"{options['keys']} does not exist: run `make demo` once, or give --key and --devices.")
        known_keys, loaded_at = keys.read(options["keys"]), keys.loaded_at(options["keys"])
        device_ids = options["devices"] or [device_id for device_id in known_keys if device_id != personas.SILENT]
        if unknown := set(device_ids) - set(known_keys):
            raise CommandError(f"No key for {', '.join(sorted(unknown))} in {options['keys']}.")
        machines = {machine.device_id: machine for machine in personas.machines(loaded_at)}
        return [(machines[device_id], known_keys[device_id]) for device_id in device_ids]
