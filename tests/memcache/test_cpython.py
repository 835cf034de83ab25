# tests/memcache/test_cpython.py: CPython's test_memoryview and test_buffer against MemCache.
import gc
import sys
import unittest

import rnaslicer._core as core

import cpython_adapter

try:
    import test.test_buffer as cpython_buffer
    import test.test_memoryview as cpython_memoryview

    CPYTHON = (cpython_memoryview, cpython_buffer)
except ImportError:
    CPYTHON = ()

for _module in CPYTHON:
    _module.memoryview = cpython_adapter.memoryview
    for _name, _case in vars(_module).items():
        if isinstance(_case, type) and issubclass(_case, unittest.TestCase):
            globals()[_name] = cpython_adapter.adapted(_case, __name__)


class Replaced(unittest.TestCase):
    """The tests above would pass on memoryview too: they must have met MemCache."""

    def setUp(self):
        if not CPYTHON:
            self.skipTest("CPython's own tests are not installed (apt: libpython3.11-testsuite)")

    def test_view_is_memcache(self):
        for module in CPYTHON:
            self.assertIs(type(module.memoryview(b"abc")), core.MemCache)

    def test_every_listed_test_exists(self):
        cases = {name: case for name, case in globals().items() if isinstance(case, type)}
        there = set(cases).union(*map(dir, cases.values()))
        listed = set(cpython_adapter.NOT_APPLICABLE) | set(cpython_adapter.MORE_THAN_MEMORYVIEW)
        if sys.version_info < (3, 12):
            listed.remove("TestPythonBufferProtocol")
        self.assertLessEqual(listed, there)


_before = {}


def setUpModule():
    gc.collect()
    _before.update(core.live())


def tearDownModule():
    gc.collect()  # a test's own closures refer to each other
    after = core.live()
    for counter in ("objects", "leases", "bytes"):
        assert after[counter] == _before[counter], (counter, _before, after)


if __name__ == "__main__":
    unittest.main()
