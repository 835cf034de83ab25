# tests/memcache/support.py: what the MemCache tests share.
import gc
import unittest

import rnaslicer._core as core


class LeakCheck(unittest.TestCase):
    """Every test must leave no MemCache, no lease, no byte of storage in use, and nothing of trails."""

    def setUp(self):
        gc.collect()
        self._before = core.live()

    def tearDown(self):
        # A failed test's traceback holds its locals: that is no second failure.
        if any(error for _, error in getattr(self._outcome, "errors", ())):
            return
        gc.collect()
        after = core.live()
        for counter in ("objects", "leases", "bytes", "trails", "runs", "segments"):
            self.assertEqual(after[counter], self._before[counter], f"leaked: {counter}")


class Wrapper:
    """Stands for a ViewWrapper."""


def filled(shape, format="i", wrapper=None):
    """A MemCache that holds 0, 1, 2, … in C order."""
    cache = core.allocate(shape, format, wrapper)
    flat = cache.cast("B").cast(format) if cache.nbytes else []
    for i in range(len(flat)):
        flat[i] = i
    return cache
