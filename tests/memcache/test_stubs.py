# tests/memcache/test_stubs.py: the type stubs against the built module, and a typed example.
import importlib.util
import os
import pathlib
import subprocess
import sys
import unittest

import rnaslicer

HERE = pathlib.Path(__file__).parent
PACKAGES = pathlib.Path(rnaslicer.__file__).parent.parent


@unittest.skipIf(importlib.util.find_spec("mypy") is None, "mypy is not installed (apt: mypy)")
class Stubs(unittest.TestCase):
    def check(self, *arguments):
        path = os.pathsep.join(filter(None, (str(PACKAGES), os.environ.get("PYTHONPATH"))))
        environment = dict(os.environ, MYPYPATH=str(PACKAGES), PYTHONPATH=path)
        # Anywhere but in the repository, whose settings and caches are nobody's here.
        result = subprocess.run(
            [sys.executable, "-m", *arguments], cwd="/", env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_module_is_as_its_stubs_say(self):
        self.check("mypy.stubtest", "rnaslicer._core")

    def test_typed_example(self):
        self.check("mypy", "--strict", "--follow-imports=silent", "--warn-unused-ignores",
                   f"--cache-dir={os.devnull}", str(HERE / "typed_example.py"))

    def test_typed_script(self):
        """The package's Python half, as a script's author meets it: nothing public is without types."""
        self.check("mypy", "--strict", "--follow-imports=silent", "--warn-unused-ignores",
                   f"--cache-dir={os.devnull}", str(HERE / "typed_script.py"))


if __name__ == "__main__":
    unittest.main()
