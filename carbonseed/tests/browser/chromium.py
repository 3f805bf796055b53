"""Where the system's Chromium is, and how it is started."""

import os
import shutil
from contextlib import contextmanager

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium():
    """The path of Chromium, or None."""
    configured = os.environ.get("CHROMIUM")
    return configured or next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def launch(playwright):
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS, headless=True)
    try:
        yield browser
    finally:
        browser.close()
