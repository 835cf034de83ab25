# tests/packaging/test_import.py: what `import rnaslicer` loads, and that nobody notices what it leaves for later
"""Each in a process of its own. Blender imports the package whenever it starts: that must cost next to nothing."""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import rnaslicer

PACKAGE = Path(rnaslicer.__file__).resolve().parent
MOST_MODULES, MOST_LINES = 3, 250
MOST_TO_NAME, MOST_LINES_TO_NAME = 10, 950
MOST_TO_CAPTURE, MOST_LINES_TO_CAPTURE = 26, 3650
MOST_TO_SLICE, MOST_LINES_TO_SLICE = 104, 16400
# Of all else, what a plain expression goes without.
LATER = ("transfer.composed", "expression.corners", "expression.custom", "expression.fused", "expression.instances",
         "expression.pad", "expression.stacking", "expression.transform", "expression.weights", "discovery.run",
         "discovery.reports", "inspection.info", "inspection.recording", "inspection.listing", "inspection.verdict",
         "layout.deform", "layout.groups", "supplier.depsgraph", "supplier.evaluated", "supplier.passing",
         "supplier.search", "transfer.own.apart", "transfer.own.custom", "transfer.own.each", "transfer.own.instances",
         "transfer.own.listed",
         "transfer.weights", "transfer.groups", "blender.groups.idproperties")
HEAVY = {"dataclasses", "inspect", "ctypes", "json", "subprocess", "pathlib", "zipfile", "numpy", "difflib", "tempfile",
         "ast", "shutil", "logging", "urllib"}


def run(script, folder=PACKAGE.parent):
    environment = dict(os.environ, PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Import(unittest.TestCase):
    def test_it_loads_next_to_nothing(self):
        loaded = run("import sys, rnaslicer\nprint(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == "
                     "'rnaslicer'))").split()
        lines = sum(Path(path).read_text().count("\n") for path in loaded if path.endswith(".py"))
        self.assertLessEqual(len(loaded), MOST_MODULES, loaded)
        self.assertLess(lines, MOST_LINES)
        self.assertTrue(any("_core" in path for path in loaded), "what a system lacks is said by the import")

    def test_the_class_loads_little(self):
        """What captures comes with the first slicer that is made, all else with the first that is sliced."""
        script = "import sys\nbefore = set(sys.modules)\nfrom rnaslicer import Slicer\n"
        told = "print(*(n for n in sys.modules if n not in before))"
        loaded = run(script + told).split()
        self.assert_few(loaded, MOST_TO_NAME, MOST_LINES_TO_NAME)
        loaded = run(f"{script}from rnaslicer import captured\n{told}").split()
        self.assert_few(loaded, MOST_TO_CAPTURE, MOST_LINES_TO_CAPTURE)
        self.assertEqual([name for name in loaded if name in HEAVY], [])

    def assert_few(self, loaded, most, most_lines):
        ours = [name for name in loaded if name.split(".")[0] == "rnaslicer"]
        paths = [PACKAGE.parent.joinpath(*name.split(".")) for name in ours]
        files = [path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py" for path in paths]
        lines = sum(path.read_text().count("\n") for path in files if path.is_file())
        self.assertLessEqual(len(ours), most, ours)
        self.assertLess(lines, most_lines)

    def test_the_first_that_is_sliced_loads_what_plain_expressions_need(self):
        """tests/blender/package/test_loaded.py says that this is all."""
        loaded = run("import sys\nbefore = set(sys.modules)\nfrom rnaslicer import slicer\nslicer.given.assemble()\n"
                     "print(*(n for n in sys.modules if n not in before))").split()
        self.assert_few(loaded, MOST_TO_SLICE, MOST_LINES_TO_SLICE)
        self.assertEqual([name for name in loaded if name.partition(".")[2].startswith(LATER)], [])
        self.assertEqual([name for name in loaded if name in ("dataclasses", "inspect", "numpy", "difflib")], [])

    def test_the_collector_goes_on_as_before(self):
        """It waits while all is loaded and put together, also where that fails."""
        run("import gc, rnaslicer\nrnaslicer.ViewWrapper\nassert gc.isenabled()")
        run("import gc, rnaslicer\ngc.disable()\nrnaslicer.ViewWrapper\nassert not gc.isenabled()")
        run("import gc, rnaslicer\ngc.freeze()\nfrozen = gc.get_freeze_count()\nrnaslicer.ViewWrapper\n"
            "assert gc.get_freeze_count() > frozen // 2 > 0, 'what a script has frozen stays so'")
        run("import gc, rnaslicer, weakref\nclass A: pass\na = A()\na.a = a\ngone = weakref.ref(a)\n"
            "rnaslicer.ViewWrapper\nassert gc.get_freeze_count() == 0\ndel a\ngc.collect()\nassert gone() is None")
        run("import gc, rnaslicer, sys\nsys.modules['rnaslicer.assembly'] = None\n"
            "try: rnaslicer.ViewWrapper\nexcept ImportError: print('as expected')\nassert gc.isenabled()")

    def test_what_a_start_of_blender_applies_is_light(self):
        heavy = run("import sys, rnaslicer\nrnaslicer.events.resume, rnaslicer.configure(jit=True)\n"
                    "rnaslicer.discovery.allow(True)\n"
                    "print(*(n for n in sys.modules if n in ('rnaslicer.wrapper', 'rnaslicer.slicer', 'subprocess', "
                    "'rnaslicer.layout.proof', 'difflib')))")
        self.assertEqual(heavy.split(), [])

    def test_every_name_alone_and_first(self):
        names = [*rnaslicer.__all__, "events", "discovery", "inspection", "errors", "transfer"]
        script = "import rnaslicer, sys\nfor name in sys.argv[1:]: getattr(rnaslicer, name)\n"
        for name in names:  # whatever was asked for before, and by each form of import
            run(f"from rnaslicer import {name} as found\nimport rnaslicer\nassert rnaslicer.{name} is found is not None\n"
                f"assert {name!r} in dir(rnaslicer)")
        run(script.replace("sys.argv[1:]", repr(names[::-1])))
        run("from rnaslicer import *\nassert Slicer and foreach_get and SlicerError and history")

    def test_names_are_told_to_type_checkers(self):
        tree = ast.parse((PACKAGE / "__init__.py").read_text())
        (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        told = {alias.name: node.module for node in block.body for alias in node.names}
        self.assertEqual(told, rnaslicer._MODULE_OF)
        self.assertLessEqual(set(rnaslicer.__all__) - {"MemCache"}, set(told))

    def test_rooms_are_put_together_whoever_comes_first(self):
        for first in ("rnaslicer.foreach_get", "rnaslicer.assign_weights", "rnaslicer.ViewWrapper",
                      "rnaslicer.Slicer; rnaslicer.slicer.given.assemble()"):
            run(f"import rnaslicer\n{first}\nfrom rnaslicer.discovery.handed import handed\n"
                "from rnaslicer.inspection import seen\n"
                "assert handed.confirms and seen.wrapper_class is rnaslicer.ViewWrapper")

    def test_what_is_not_there(self):
        self.assertFalse(hasattr(rnaslicer, "nothing"))
        with self.assertRaisesRegex(AttributeError, "no attribute 'Slice'"):
            rnaslicer.Slice
        with self.assertRaises(ImportError):
            from rnaslicer import Slice  # noqa: F401

    def test_a_history_before_anything_moves_data(self):
        run("import rnaslicer\nwith rnaslicer.history() as h:\n"
            "    found = rnaslicer.ViewWrapper\n"
            "    assert found.refresh.__wrapped__\n"
            "assert not hasattr(found.refresh, '__wrapped__')")

    def test_files_of_another_version(self):
        """What is loaded goes on; modules of two versions do not come together."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(PACKAGE, Path(folder, "rnaslicer"), ignore=shutil.ignore_patterns("__pycache__"))
            replace = "path = rnaslicer.__file__\nopen(path, 'a').write('# newer')\n"
            said = run(f"import rnaslicer\nrnaslicer.errors\n{replace}"
                       "try: rnaslicer.Slicer\nexcept ImportError as error: print(error)\n"
                       "print(rnaslicer.SlicerError.__name__)", folder)
            self.assertRegex(said, "was replaced while Blender ran: restart Blender\nSlicerError")
            said = run(f"import rnaslicer\nrnaslicer.ViewWrapper\n{replace}import os\nos.unlink(path)\n"
                       "print(rnaslicer.ContextError.__name__, rnaslicer.ViewWrapper.__name__)", folder)
            self.assertEqual(said.split(), ["ContextError", "ViewWrapper"])

    def test_the_same_build_unpacked_anew(self):
        """Blender takes a wheel away with its add-on, and unpacks it again: other files, the same build."""
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder, "rnaslicer")
            shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
            package.joinpath("BUILD").write_text("this\n")
            anew = f"import rnaslicer, shutil\nshutil.copytree({str(package)!r}, {folder + '/other'!r})\n" \
                   f"shutil.rmtree({str(package)!r})\nshutil.move({folder + '/other'!r}, {str(package)!r})\n"
            self.assertEqual(run(anew + "print(rnaslicer.Slicer.__name__)", folder), "Slicer\n")
            said = run(f"{anew}open({str(package / 'BUILD')!r}, 'w').write('that')\n"
                       "try: rnaslicer.Slicer\nexcept ImportError as error: print(error)", folder)
            self.assertRegex(said, "was replaced while Blender ran: restart Blender")
            said = run("import rnaslicer, os, shutil\nshutil.rmtree(os.path.dirname(rnaslicer.__file__))\n"
                       "try: rnaslicer.Slicer\nexcept ImportError as error: print(error)", folder)
            self.assertRegex(said, "files of rnaslicer .* are gone from .*rnaslicer: .*switch it on again")

    def test_all_that_is_loaded_later_is_there(self):
        run("import pkgutil, importlib, rnaslicer\nfrom rnaslicer.basis.later import _Later\nfound = 0\n"
            "for one in pkgutil.walk_packages(rnaslicer.__path__, 'rnaslicer.'):\n"
            "    if '.child' in one.name or '.scene' in one.name or '__main__' in one.name: continue\n"
            "    for name, value in [*vars(importlib.import_module(one.name)).items()]:\n"
            "        if isinstance(value, _Later):\n"
            "            rnaslicer._load(value._name)\n"
            "            found += 1\n"
            "            assert not hasattr(value, '__wrapped__') and value._module is None, name\n"
            "assert found > 20, found")

    def test_no_module_takes_the_place_of_a_function(self):
        """Python names a module in its package whenever it is loaded, also over a function of that name."""
        run("import pkgutil, importlib, sys, types, rnaslicer\n"
            "for one in pkgutil.walk_packages(rnaslicer.__path__, 'rnaslicer.'):\n"
            "    package, _, name = one.name.rpartition('.')\n"
            "    there = vars(importlib.import_module(package)).get(name)\n"
            "    assert there is None or isinstance(there, types.ModuleType) or one.name in sys.modules, one.name\n")

    def test_what_is_loaded_later_is_of_the_same_build(self):
        """A module that nothing asked for while the package's files were there."""
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder, "rnaslicer")
            shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
            needed = ("import os, shutil, rnaslicer\nfrom rnaslicer import errors, slicer\nslicer.given.assemble()\n"
                      "from rnaslicer.expression import resolve\n")
            asked = ("try: print(resolve._pad.PadLeaf.moved_by == 'pad')\n"
                     "except ImportError as error: print(errors.passes(error), error)")
            self.assertEqual(run(needed + asked, folder), "True\n")
            said = run(f"{needed}open(rnaslicer.__file__, 'a').write('# newer')\n{asked}", folder)
            self.assertRegex(said, "^True .*was replaced while Blender ran: restart Blender")
            said = run(f"{needed}shutil.rmtree({str(package)!r})\n{asked}", folder)
            self.assertRegex(said, "^True .*files of rnaslicer .* are gone from .*switch it on again")


if __name__ == "__main__":
    unittest.main()
