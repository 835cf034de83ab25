# tests/packaging/test_hazards.py: the table of Blender's hazards, and who names its entries
"""Without Blender."""

import re
import unittest
from pathlib import Path

from rnaslicer.blender import hazards

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = {name: entry for name, entry in vars(hazards).items() if isinstance(entry, hazards.Hazard)}


class Hazards(unittest.TestCase):
    def test_entries_are_whole(self):
        self.assertGreater(len(ENTRIES), 20)
        for name, entry in ENTRIES.items():
            self.assertTrue(entry.versions and set(entry.versions) <= set(hazards.MEASURED), name)
            self.assertTrue(entry.happens and entry.instead, name)

    def test_what_code_and_pages_name_exists(self):
        named = {}
        for path in [*ROOT.glob("runtime/**/*.py"), *ROOT.glob("runtime/**/*.[ch]pp"), *ROOT.glob("docs/*.md"),
                     ROOT / "README.md"]:
            for name in re.findall(r"hazards\.([A-Z][A-Z0-9_]*)", path.read_text(encoding="utf-8")):
                named.setdefault(name, path)
        self.assertGreater(len(named), 10)
        self.assertEqual({name: path for name, path in named.items() if not hasattr(hazards, name)}, {})

    def test_each_is_named_where_the_code_goes_around_it(self):
        told = {path: path.read_text(encoding="utf-8") for ending in ("*.py", "*.cpp", "*.hpp")
                for path in ROOT.glob(f"runtime/**/{ending}")}
        table = told.pop(ROOT / "runtime/rnaslicer/blender/hazards.py").partition("Properties that no way")[2]
        text = "\n".join(["\n".join(told.values()), table])
        self.assertEqual([name for name in ENTRIES if not re.search(rf"\b{name}\b", text)], [])

    def test_the_code_tells_none_anew(self):
        """What a version crashes of, loses or corrupts stands in the table; a comment names the entry."""
        told = []
        for path in [*ROOT.glob("runtime/**/*.py"), *ROOT.glob("runtime/**/*.[ch]pp")]:
            if path.name != "hazards.py":
                told += [f"{path.relative_to(ROOT)}:{number}" for number, line in
                         enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
                         if re.search(r"\b[345]\.[0-9]\b", line) and re.search(r"crash|corrupt|lose|lost|dangl", line)]
        self.assertEqual(told, [], "name the entry of blender/hazards.py instead")

    def test_files_that_entries_name_exist(self):
        for name, entry in ENTRIES.items():
            for file in re.findall(r"[\w/]+\.py", entry.instead):
                found = [*ROOT.glob(f"runtime/rnaslicer/{file}"), *ROOT.glob(f"runtime/rnaslicer/**/{file}")]
                self.assertTrue(found, f"{name} names {file}")

    def test_between_measured_versions_the_worse_is_expected(self):
        only = {version: hazards.Hazard((version,), "happens", "instead") for version in hazards.MEASURED}
        expected = {(3, 4): [(3, 0), (3, 4), (3, 6), (4, 2)],
                    (4, 3): [(3, 6), (4, 2), (4, 3), (4, 5), (5, 0), (5, 1)],
                    (5, 2): [(4, 5), (5, 0), (5, 1), (5, 2), (6, 0)]}
        tried = sorted({version for versions in expected.values() for version in versions})
        for version, entry in only.items():
            self.assertEqual([other for other in tried if entry.may_happen(other)], expected[version])
