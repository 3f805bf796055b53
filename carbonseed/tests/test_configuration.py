"""The environment: every setting is in .env.example, and production refuses what is only fit for a desk."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from carbonseed import checks
from carbonseed.demo.personas import EMAILS
from factories.tests.cast import UserMaker

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "CARBONSEED_MODE": "production",
    "SECRET_KEY": "x9" * 30 + "-a-long-random-one",
    "CREDENTIAL_KEYS": "y8" * 30 + "-another-one",
    "ALLOWED_HOSTS": "carbonseed.example.in",
    "EMAIL_URL": "smtp://mail.example.in:25",
    "DEBUG": "false",
}


def settings_read():
    return set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z_]+)"', (ROOT / "carbonseed/settings.py").read_text()))


def settings_offered():
    return re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)


def test_every_setting_is_offered_once_and_none_that_is_not_read():
    assert sorted(settings_read()) == sorted(settings_offered())


def test_every_offered_setting_has_words_before_it():
    lines = (ROOT / ".env.example").read_text().splitlines()
    bare = [
        line for before, line in zip(["", *lines], lines, strict=False) if re.match("[A-Z_]+=", line) and not before
    ]
    assert bare == []


def test_every_setting_is_explained_to_operators():
    manual = (ROOT / "docs/operators.md").read_text()
    assert [name for name in settings_offered() if f"`{name}" not in manual] == []


def run_python(*arguments, **environment):
    """A Python of its own, in an environment of its own."""
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "DATABASE_URL", "LANG")}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True)


def run_check(**environment):
    return run_python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)


def test_a_production_set_up_is_clean():
    done = run_check(**GOOD)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SECRET_KEY": "", "DEBUG": "true", "ALLOWED_HOSTS": ""}, ["E001", "E002", "E003"]),
        ({"SECRET_KEY": "insecure-key-of-a-clone-on-a-desk-never-for-production"}, ["E001"]),
        ({"ALLOWED_HOSTS": "*"}, ["E003"]),
        ({"CREDENTIAL_KEYS": ""}, ["E005"]),
        ({"CREDENTIAL_KEYS": "y8" * 30 + ",short"}, ["E005"]),
        ({"EMAIL_URL": ""}, ["W001"]),
    ],
)
def test_production_names_what_is_unsafe(wrong, named):
    done = run_check(**{**GOOD, **wrong})
    assert done.returncode != 0
    assert re.findall(r"carbonseed\.([EW]\d+)", done.stderr) == named


def test_production_refuses_the_demos_users(db, settings):
    settings.PRODUCTION, settings.SECRET_KEY, settings.ALLOWED_HOSTS = True, GOOD["SECRET_KEY"], ["a.example"]
    settings.CREDENTIAL_KEYS = [GOOD["CREDENTIAL_KEYS"]]
    checks.refuse_unsafe_settings()
    person = UserMaker(email=EMAILS[1])
    with pytest.raises(ImproperlyConfigured, match=r"carbonseed\.E004"):
        checks.refuse_unsafe_settings()
    person.is_active = False
    person.save()
    checks.refuse_unsafe_settings()


def test_a_desk_may_have_them(db, settings):
    UserMaker(email=EMAILS[0])
    assert not settings.PRODUCTION
    assert checks.check_no_demo_users(None, databases=["default"]) == []
    assert checks.refuse_unsafe_settings() is None


@pytest.mark.parametrize(("peer", "seen"), [("10.0.0.1", "203.0.113.9"), ("198.51.100.7", "198.51.100.7")])
def test_only_a_trusted_proxy_says_who_calls(peer, seen):
    code = (
        "from carbonseed.wsgi import application as app; from django.test import RequestFactory as F;"
        f"said = F().get('/health', REMOTE_ADDR='{peer}', HTTP_X_FORWARDED_FOR='203.0.113.9').environ;"
        "app(said, lambda *_: None); print(said['REMOTE_ADDR'])"
    )
    done = run_python("-c", code, TRUSTED_PROXIES="10.0.0.0/8")
    assert (done.returncode, done.stdout.strip()) == (0, seen), done.stderr
