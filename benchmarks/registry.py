"""Sets Django up at import, for modules of the registry that come after it."""

import django

django.setup()
