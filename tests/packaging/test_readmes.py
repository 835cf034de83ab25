# tests/packaging/test_readmes.py: what the rooms of jit/ and runtime/ tell of themselves is true
"""READMEs against the files and imports, comments against the names of files. Without Blender."""

import re
import unittest

from test_rooms import COMMON, CPP_COMMON, ROOT, WRITTEN, Written, cpp_of, imports_of, modules_of, room_of

MOST_LINES = 40


def readme_faults(root):
    """Rooms without a README, or with a long one, or with one that is not true of the room's files."""
    faults = []
    used = uses_of(root)
    for room in sorted(used):
        readme, name = room / "README.md", room.relative_to(root).as_posix()
        if not readme.exists():
            faults.append(f"{name} has no README.md")
            continue
        text = readme.read_text(encoding="utf-8")
        prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
        if text.count("\n") > MOST_LINES and room != root / "runtime":
            faults.append(f"{name}/README.md has more than {MOST_LINES} lines")
        faults += table_faults(room, name, prose)
        told = re.search(r"^- may use:(.*?)(?=^- |^$)", prose, re.M | re.S)
        if told and "all rooms below" not in told[1] and "what that may use" not in told[1]:
            faults += [f"{name}/README.md does not tell that {other}/ is used, too" for other in sorted(used[room])
                       if f"`{other}/`" not in told[1]]
    return faults


def table_faults(room, name, text):
    """Files that a README does not name, and rows of its table that name no file."""
    rows = re.findall(r"^\| (`[^|]*?) \|", text, re.M)
    named = [one for row in rows for one in re.findall(r"`([^`]+)`", row)]
    there = {path.stem for path in room.iterdir() if path.suffix in (".py", ".cpp", ".hpp")} - {"__init__"}
    told = {one.partition(".")[0] for one in re.findall(r"`([^`]+)`", text)}
    yield from (f"{name}/README.md does not say what {one} is for" for one in sorted(there - told))
    for one in named:
        if one.partition(".")[0] not in there and not (room / one).exists() and not (room / "rnaslicer" / one).exists():
            yield f"{name}/README.md names {one}, which is not there"


def uses_of(root):
    """Folder of each room, in both halves -> names of the other rooms of that half which it uses, and jit."""
    runtime, package = root / "runtime", root / "runtime" / "rnaslicer"
    modules, found = modules_of(package), {}
    for name, path in modules.items():
        rooms = found.setdefault(path.parent, set())
        rooms.update(room_of(target) for target, _, _ in imports_of(name, path, modules) if target not in COMMON)
        rooms.discard(room_of(name))
    for name, path in cpp_of(runtime).items():
        for one in (path.with_suffix(".cpp"), path.with_suffix(".hpp")):
            text = one.read_text(encoding="utf-8") if one.exists() else ""
            rooms = found.setdefault(path.parent, set())
            rooms.update("jit" if half == "jit" else room_of(inner)
                         for half, inner in re.findall(r'^#include "(jit|runtime)/([^"]+)\.hpp"', text, re.M)
                         if inner not in CPP_COMMON)
            rooms.discard(room_of(name))
    return found


def naming_faults(root):
    """Files of jit/ and runtime/ that do not begin with their own name, and comments and READMEs that name files that are
    gone."""
    paths = [path for folder in WRITTEN for path in (root / folder).rglob("*")
             if path.suffix in (".py", ".pyi", ".cpp", ".hpp", ".sh") or path.name == "README.md"]
    there = {path.relative_to(root).as_posix() for path in paths}
    there |= {"/".join(name.split("/")[at:]) for name in there for at in range(1, name.count("/") + 1)}
    for path in sorted(paths):
        name = path.relative_to(root).as_posix()
        if not name.startswith(("jit/", "runtime/")):
            continue
        for line, text in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line == 1 and path.suffix != ".md" and not re.match(rf"(#|//) {name}:", text):
                yield f"{name} does not begin with its name and what it is for"
            for one in re.findall(r"(?<![\w/.{}*-])([\w/-]+\.(?:py|cpp|hpp|sh))\b", text):
                if one not in there:
                    yield f"{name}:{line} names {one}, which is not there"


class Readmes(unittest.TestCase):
    def check(self, faults):
        self.assertFalse(faults, "\n" + "\n".join(faults))

    def test_every_room_has_one_that_is_true(self):
        self.check(readme_faults(ROOT))

    def test_files_are_named_as_they_are(self):
        self.check(list(naming_faults(ROOT)))

    def test_tests_have_rooms(self):
        """Of tests in Blender none lies beside the rooms, and the README names each room."""
        blender = ROOT / "tests" / "blender"
        self.assertEqual([path.name for path in blender.glob("test_*.py")], [])
        named = set(re.findall(r"^\| `(\w+)/` \|", (blender / "README.md").read_text(encoding="utf-8"), re.M))
        self.assertEqual(named, {path.parent.name for path in blender.glob("*/*.py")})


class Control(Written, unittest.TestCase):
    """Each fault, made on purpose, is found."""

    def test_readmes(self):
        self.write({"runtime/rnaslicer/layout/a.py": "from ..supplier import b\n", "runtime/rnaslicer/layout/c.py": "",
                    "runtime/rnaslicer/supplier/b.py": "", "runtime/trail/d.cpp": '#include "runtime/memory/e.hpp"\n',
                    "runtime/memory/e.hpp": "", "runtime/memory/README.md": "| `e` | for e |\n" + 40 * "\n",
                    "runtime/rnaslicer/layout/README.md": "- may use: `blender/`.\n\n| `a.py` | for a |\n| `f.py` | for f |\n",
                    "runtime/trail/README.md": "- may use: `memory/`.\n\n| `d` | for d |\n"})
        self.assertEqual(readme_faults(self.root), [
            "runtime/memory/README.md has more than 40 lines",
            "runtime/rnaslicer/layout/README.md does not say what c is for",
            "runtime/rnaslicer/layout/README.md names f.py, which is not there",
            "runtime/rnaslicer/layout/README.md does not tell that supplier/ is used, too",
            "runtime/rnaslicer/supplier has no README.md"])

    def test_names(self):
        self.write({"jit/a.cpp": "// jit/a.cpp: as b.hpp, c.hpp, jit/b.hpp\n", "jit/b.hpp": "// b.hpp: other\n",
                    "runtime/d.py": "# runtime/d.py: as jit/a.cpp and gone/a.cpp\n",
                    "runtime/README.md": "Begin at `d.py`, then `e.py`.\n"})
        self.assertEqual(list(naming_faults(self.root)), [
            "jit/a.cpp:1 names c.hpp, which is not there", "jit/b.hpp does not begin with its name and what it is for",
            "runtime/README.md:1 names e.py, which is not there", "runtime/d.py:1 names gone/a.cpp, which is not there"])
