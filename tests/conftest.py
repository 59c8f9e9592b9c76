"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# Models and word lists are loaded at the first use: how long one example takes says nothing.
settings.register_profile("assistant", deadline=None)
settings.load_profile("assistant")
