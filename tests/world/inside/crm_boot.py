"""An organisation, its administrator, and a token for everything, printed on the last line."""

# mypy: ignore-errors
# runs in the CRM's own interpreter, whose packages are not installed beside the tests

import django

django.setup()

from common.models import Org, PersonalAccessToken, Profile  # noqa: E402  # needs the set-up
from django.contrib.auth import get_user_model  # noqa: E402

user, _ = get_user_model().objects.get_or_create(
    email="admin@example.com", defaults={"is_superuser": True, "is_staff": True}
)
org = Org.objects.create(name="Demo", company_name="Demo", default_currency="EUR")
profile = Profile.objects.create(
    user=user, org=org, role="ADMIN", is_active=True, is_organization_admin=True
)
token, _ = PersonalAccessToken.generate(profile, "syncd", scopes=[])
print(token)
