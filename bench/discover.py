"""Finds what the Blender that runs this stores where, if no earlier run did. In a run of its own, for the first enter
of a session is one of the things that small.py measures."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measure import discover  # noqa: E402

discover(lambda text: print(f"  {text}", flush=True))
