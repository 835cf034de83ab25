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
        for path in [*ROOT.glob("runtime/**/*.py"), *ROOT.glob("docs/*.md"), ROOT / "README.md"]:
            for name in re.findall(r"hazards\.([A-Z][A-Z0-9_]*)", path.read_text(encoding="utf-8")):
                named.setdefault(name, path)
        self.assertGreater(len(named), 10)
        self.assertEqual({name: path for name, path in named.items() if not hasattr(hazards, name)}, {})

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
