"""`python -m carbonseed.tests.releases.record`: snapshot of a filled database of this release, to migrate later ones.

Run it once when a release is made, under `python -m carbonseed.runtime.postgres hold --`, and commit the file.
"""

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carbonseed.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection

    from carbonseed.tests.releases import snapshot
    from carbonseed.tests.template_database import create_database, drop_database
    from carbonseed.tests.world import AT, build_full_world
    from factories.roles import Role
    from factories.tests.cast import FactoryMaker, member

    before = create_database()
    try:
        factory = FactoryMaker(name="Steel Forge", contact_email="owner@steelforge.in")
        build_full_world(factory, member(factory, Role.OWNER, email="asha@steelforge.in"), AT)
        print(snapshot.write(settings.VERSION, snapshot.take()))  # noqa: T201  a command
    finally:
        connection.close()
        drop_database(before)


if __name__ == "__main__":
    main()
