"""BottleCRM for tests: no broker, fast password hashing, tables without the 253 migrations."""

# mypy: ignore-errors
# runs in the CRM's own interpreter, whose packages are not installed beside the tests

from crm.settings import *  # noqa: F403  # Django's way to extend settings

CELERY_BROKER_URL = "memory://"
CELERY_RESULT_BACKEND = "cache+memory://"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A kept connection whose database was replaced by a fresh copy is noticed and opened again.
DATABASES["default"]["CONN_MAX_AGE"] = 60  # noqa: F405
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # noqa: F405


class NoMigrations:
    def __contains__(self, application):
        return True

    def __getitem__(self, application):
        return None


MIGRATION_MODULES = NoMigrations()
