"""Profiles of property tests: CYNOSURE_HYPOTHESIS=thorough asks for many more examples."""

import os

from hypothesis import settings

settings.register_profile("default", max_examples=50, deadline=None, print_blob=True)
settings.register_profile("thorough", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("CYNOSURE_HYPOTHESIS", "default"))
