"""Whether a notebook's kernel has a page with a person before it."""

from __future__ import annotations

import sys
from typing import Any


def has_page(kernel: Any) -> bool:
    """Return whether a kernel can ask for input; builds, tests and grading offer none, Colab asks in its own way."""
    return bool(getattr(kernel, "_allow_stdin", False)) or "google.colab" in sys.modules
