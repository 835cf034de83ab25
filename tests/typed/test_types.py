# tests/typed/test_types.py: the package's types: as it is when it runs, and as scripts and the pages' code need them.
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import rnaslicer

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGES = pathlib.Path(rnaslicer.__file__).parent.parent
sys.path.insert(0, str(ROOT / "cmake" / "docs"))
import cookbook  # noqa: E402

# Before mypy 1.3 nothing but what it knows by name is a buffer.
UNKNOWN = r'Argument 1 to "memoryview" has incompatible type "MemCache"'


def blocks_of(page):
    """All Python blocks of a page as one module, each on its line of the page."""
    text, lines = (ROOT / page).read_text(encoding="utf-8"), []
    for found in re.finditer(r"^```python\n(.*?)^```", text, re.M | re.S):
        lines += [""] * (text.count("\n", 0, found.start(1)) - len(lines)) + found[1].rstrip("\n").split("\n")
    return "\n".join(lines) + "\n"


@unittest.skipIf(importlib.util.find_spec("mypy") is None, "mypy is not installed (apt: mypy)")
class Types(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)

    def run_tool(self, *arguments):
        """(exit code, what it said)."""
        path = os.pathsep.join(filter(None, (str(PACKAGES), os.environ.get("PYTHONPATH"))))
        environment = dict(os.environ, MYPYPATH=str(PACKAGES), PYTHONPATH=path)
        # Anywhere but in the repository, whose settings and caches are nobody's here.
        result = subprocess.run([sys.executable, "-m", *arguments], cwd="/", env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return result.returncode, result.stdout

    def mypy(self, *arguments):
        return self.run_tool("mypy", "--follow-imports=silent", f"--cache-dir={self.folder / 'cache'}",
                             "--ignore-missing-imports", *map(str, arguments))

    def test_whole_package_is_as_its_types_say(self):
        """Stubs of the compiled module and types of the Python files, each against what is there when it runs."""
        code, said = self.run_tool("mypy.stubtest", "rnaslicer", "--mypy-config-file", str(HERE / "stubtest.ini"),
                                   "--allowlist", str(HERE / "stubtest.allowed"), "--concise",
                                   "--ignore-unused-allowlist")  # another release of it sees other things
        self.assertEqual(code, 0, said)

    def test_scripts(self):
        """The package as a script's author meets it: nothing public is without types, and wrong use is refused."""
        code, said = self.mypy("--strict", "--warn-unused-ignores", HERE / "typed_example.py", HERE / "typed_script.py")
        self.assertEqual(code, 0, said)

    def test_code_of_the_pages(self):
        start, recipes = cookbook.read()
        modules = {"readme": blocks_of("README.md"), "guide": blocks_of("docs/guide.md")}
        for recipe in recipes:  # the shared start takes the lines above the recipe, so that errors name the page's
            code = recipe.code()
            self.assertTrue(code.startswith("\n" * start.count("\n")), recipe.name)
            modules[f"recipe_{recipe.name}"] = start + code[start.count("\n"):]
        for name, text in modules.items():
            (self.folder / f"{name}.py").write_text(text, encoding="utf-8")
        # As scripts are written: without declarations, but for Blender's own (`mass: bpy.props.FloatProperty()`).
        _, said = self.mypy("--check-untyped-defs", "--allow-redefinition", "--disable-error-code=var-annotated",
                            "--disable-error-code=valid-type", *(self.folder / f"{name}.py" for name in modules))
        wrong = [line for line in said.splitlines() if "error:" in line and not re.search(UNKNOWN, line)]
        self.assertEqual(wrong, [], said)
        self.assertRegex(said, rf"checked {len(modules)} source files|no issues found in {len(modules)} ")


if __name__ == "__main__":
    unittest.main()
