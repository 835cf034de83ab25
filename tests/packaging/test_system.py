# tests/packaging/test_system.py: what `import rnaslicer` says where it cannot run.
import os
import subprocess
import sys
import types
import unittest
from unittest import mock

import rnaslicer
from rnaslicer import system

NEEDS = "rnaslicer needs Linux on x86-64 with glibc 2.17 or later, and Python 3.11 or later: this is "


def machine(name):
    return mock.patch.object(os, "uname", lambda: types.SimpleNamespace(machine=name))


def glibc(text):
    return mock.patch.object(os, "confstr", lambda name: text)


class OtherSystems(unittest.TestCase):
    def test_nothing_is_missing_here(self):
        self.assertEqual(system.missing(), "")

    def test_each_names_what_it_is(self):
        unknown = mock.patch.object(os, "confstr", mock.Mock(side_effect=ValueError))
        for patches, found in (
                ([mock.patch.object(sys, "platform", "win32")], "Windows on x86_64"),
                ([mock.patch.object(sys, "platform", "darwin"),
                  machine("arm64")], "macOS on arm64"),
                ([machine("aarch64")], "a processor of another kind, aarch64"),
                ([mock.patch.object(sys, "maxsize", 2**31 - 1)], "a Python of 32 bits"),
                ([mock.patch.object(sys, "version_info", (3, 9, 2, "final", 0))], "Python 3.9"),
                ([glibc("glibc 2.5")], "glibc 2.5"),
                ([glibc("glibc 2.16.9")], "glibc 2.16"),
                ([glibc("musl 1.2.3")], "a Linux with another C library"),
                ([unknown], "a Linux with another C library")):
            with self.subTest(found):
                for patch in patches:
                    patch.start()
                try:
                    self.assertEqual(system.missing(), NEEDS + found)
                finally:
                    mock.patch.stopall()

    def test_newer_ones_pass(self):
        for version in ("glibc 2.17", "glibc 2.100", "glibc 3.0"):
            with self.subTest(version), glibc(version):
                self.assertEqual(system.missing(), "")

    def test_import_refuses_by_that_sentence(self):
        done = self.run_python("import os; os.confstr = lambda name: 'glibc 2.12'; import rnaslicer")
        self.assertEqual(done.stderr.splitlines()[-1], f"ImportError: {NEEDS}glibc 2.12")
        self.assertNotIn("During handling", done.stderr)

    def test_the_loaders_own_reason_is_told(self):
        done = self.run_python("import sys; sys.modules['rnaslicer._core'] = None; import rnaslicer")
        last = done.stderr.splitlines()[-1]
        self.assertTrue(last.startswith("ImportError: rnaslicer needs Linux on x86-64"), done.stderr)
        self.assertIn("cannot be loaded: import of rnaslicer._core halted", last)

    def run_python(self, code):
        folder = os.path.dirname(os.path.dirname(rnaslicer.__file__))
        return subprocess.run([sys.executable, "-c", code], env=dict(os.environ, PYTHONPATH=folder),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


if __name__ == "__main__":
    unittest.main()
