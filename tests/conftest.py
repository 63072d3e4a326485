"""What every test runs under: two threads in all, no network needed, no deadline that a busy machine could miss."""

from __future__ import annotations

import os

import hypothesis

os.environ.setdefault("OMP_NUM_THREADS", "1" if "PYTEST_XDIST_WORKER" in os.environ else "2")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")
