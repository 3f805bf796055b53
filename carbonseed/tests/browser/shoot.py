"""Photographs every page of a running server, at desk and phone width, light and dark.

python carbonseed/tests/browser/shoot.py http://127.0.0.1:8000 owner@steelforge.in password123 var/shots [/dashboard/ …]
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from carbonseed.tests.browser.chromium import launch

WIDTHS = {1280: 800, 390: 844}
THEMES = ("light", "dark")
PAGES = ["/", "/login/", "/dashboard/", "/dashboard/machines/", "/dashboard/alerts/", "/dashboard/insights/"]
PAGES += [
    "/dashboard/reports/",
    "/dashboard/team/",
    "/dashboard/profile/",
    "/dashboard/factory/",
    "/dashboard/history/",
]


def log_in(page, base, email, password):
    page.goto(f"{base}/login/")
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", password)
    page.click("main form button[type=submit], main form button:not([type])")
    page.wait_for_url(re.compile("/dashboard/"))


def shoot(base, email, password, folder, pages):
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, launch(playwright) as browser:
        for theme in THEMES:
            context = browser.new_context(color_scheme=theme, viewport={"width": 1280, "height": 800})
            page = context.new_page()
            for path in [path for path in pages if path in ("/", "/login/")]:
                snap(page, base, path, theme, folder)
            log_in(page, base, email, password)
            for path in [path for path in pages if path not in ("/", "/login/")]:
                snap(page, base, path, theme, folder)
            context.close()


def snap(page, base, path, theme, folder):
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        answer = page.goto(base + path, wait_until="load")
        page.wait_for_timeout(700)
        name = re.sub(r"\W+", "-", path).strip("-") or "landing"
        target = folder / f"{name}-{width}-{theme}.png"
        page.screenshot(path=target, full_page=True)
        sys.stdout.write(f"{answer.status if answer else '?'} {target}\n")


if __name__ == "__main__":
    base, email, password, folder, *pages = sys.argv[1:]
    shoot(base.rstrip("/"), email, password, Path(folder), pages or PAGES)
