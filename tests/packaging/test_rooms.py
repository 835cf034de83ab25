# tests/packaging/test_rooms.py: the rooms of the runtime: who may use whom, and how large they may grow
"""Reads the imports of the package, the includes of jit/ and runtime/, the sizes of all that is written in Python, C++ or
Bash, and says what to do instead. Without Blender. A room is a folder; what a room may use are those behind it in its
row below, and what is common to all. What the rooms tell of themselves: test_readmes.py."""

import ast
import re
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, CPP = ROOT / "runtime" / "rnaslicer", ROOT / "runtime"
TOP = "(top)"

# From top to bottom.
ROOMS = (TOP, "calls", "entered", "inspection", "expression", "transfer/composed", "transfer/own", "transfer",
         "transfer/writing", "transfer/kernels", "layout", "discovery/child", "discovery/scene", "discovery", "supplier",
         "blender/groups", "blender", "basis")
COMMON = {"errors", "_core", "basis/records", "basis/later"}  # used by all
# Below, and not used all the same: what is known there is handed in (assembly.py).
HANDED_IN = {("layout", "discovery"), ("layout", "discovery/child"), ("layout", "discovery/scene"),
             ("discovery", "layout")}
CPP_ROOMS = (TOP, "calls", "trail/composed", "trail/groups", "trail/python", "trail/capture", "trail/several", "trail/own", "trail",
             "transfer", "supplier", "blender", "memcache/view", "memcache", "memory", "expression")
CPP_COMMON = {"bindings", "pyref"}  # of the top

MOST_AT_TOP, MOST_IN_ROOM = 8, 15
MOST_LINES, MOST_CLASS_LINES, MOST_FUNCTION_LINES = 400, 250, 60
WRITTEN = "addon", "bench", "cmake", "jit", "runtime", "tests"  # folders whose files are measured


# ---- reading

def modules_of(package):
    """Name ('layout/proof'; a package's own is 'layout/__init__') -> path."""
    return {path.relative_to(package).with_suffix("").as_posix(): path for path in sorted(package.rglob("*.py"))}


def imports_of(name, path, modules, package="rnaslicer"):
    """(module of ours, line, whether it stands inside a function) of every import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {id(node) for function in ast.walk(tree) if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
              for node in ast.walk(function)}
    for node in ast.walk(tree):
        for target in _targets(name, node, modules, package):
            yield target, node.lineno, id(node) in hidden


def _targets(name, node, modules, package):
    if isinstance(node, ast.Import):
        wanted = [alias.name.split(".")[1:] for alias in node.names if alias.name.split(".")[0] == package]
        return [found for parts in wanted for found in _named(parts, modules)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "later":  # basis/later.py
        return _named(node.args[0].value.split("."), modules)
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module.split(".") if node.module else []
    if node.level:
        base = name.split("/")[: -node.level] + base
    elif base[:1] == [package]:
        base = base[1:]
    else:
        return []
    found = []
    for alias in node.names:
        inner = _named([*base, alias.name], modules)
        found += inner or _named(base, modules)
    return found


def _named(parts, modules):
    name = "/".join(parts)
    if name == "_core":
        return ["_core"]
    return [one for one in (name, f"{name}/__init__".lstrip("/")) if one in modules][:1]


def room_of(name):
    """The folder of a module."""
    return name.rpartition("/")[0] or TOP


# ---- judging: each gives sentences

def package_faults(package):
    """What is wrong with the imports of a package."""
    modules = modules_of(package)
    arrows, faults = {}, []
    for name, path in modules.items():
        for target, line, hidden in imports_of(name, path, modules):
            if target == name or target in COMMON:
                continue
            arrows.setdefault(name, set()).add(target)
            if hidden:
                faults.append(f"{name}.py:{line} imports {target} inside a function: import it at the top; if that "
                              "makes a circle, have it handed in (assembly.py), or move down what both need")
            faults += upward(f"{name}.py:{line}", room_of(name), target, room_of(target), ROOMS, HANDED_IN)
    return faults + circles(arrows)


def upward(where, room, target, other, rooms, handed_in=()):
    """A sentence if a room must not use another."""
    if room not in rooms or other not in rooms:
        unknown = other if room in rooms else room
        return [f"{where}: there is no room {unknown!r}: give it a place among {', '.join(rooms)}"]
    below = [one for one in rooms[rooms.index(room) + 1 :] if (room, one) not in handed_in]
    if other == room or other in below:
        return []
    return [f"{where} uses {target}, but {room} may use only {', '.join(below) or 'nothing'}: have it handed in "
            "(assembly.py), or move down what both need"]


def circles(arrows):
    """One sentence for each arrow's circle found."""
    done, faults = set(), []

    def visit(name, way):
        if name in way:
            faults.append("a circle: " + " -> ".join([*way[way.index(name) :], name]))
            return
        if name in done:
            return
        for target in sorted(arrows.get(name, ())):
            visit(target, [*way, name])
        done.add(name)

    for name in sorted(arrows):
        visit(name, [])
    return faults


def include_faults(root):
    """What is wrong with the includes of jit/ and runtime/ below `root`. A .cpp and its .hpp are one."""
    arrows, faults = {}, []
    for path in sorted([*(root / "jit").rglob("*.[ch]pp"), *(root / "runtime").rglob("*.[ch]pp")]):
        name = path.relative_to(root).with_suffix("").as_posix()
        for line, text in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            match = re.match(r'#include "((?:jit|runtime)/[^"]+)\.hpp"', text)
            target = match and match[1]
            if not match or target == name:
                continue
            arrows.setdefault(name, set()).add(target)
            where, (half, _, inner), (other, _, its) = f"{path.relative_to(root)}:{line}", *(
                one.partition("/") for one in (name, target))
            if half == "jit" and other == "runtime":
                faults.append(f"{where} includes {target}.hpp, but jit/ knows nothing of Python or Blender: it may "
                              "include jit/ only")
            if half == other == "runtime" and its not in CPP_COMMON:
                faults += upward(where, room_of(inner), f"{target}.hpp", room_of(its), CPP_ROOMS)
    return faults + circles(arrows)


def size_faults(root):
    """What has grown too large."""
    faults = []
    for half, what, names in (("the package", "modules", modules_of(root / "runtime" / "rnaslicer")),
                              ("runtime/", "C++ files", cpp_of(root / "runtime"))):
        for room in sorted({room_of(name) for name in names}):
            count, most = sum(room_of(name) == room for name in names), MOST_AT_TOP if room == TOP else MOST_IN_ROOM
            if count > most:
                faults.append(f"{count} {what} in {room} of {half}, and {most} are the most: give it rooms")
    for folder in WRITTEN:
        for path in sorted(path for path in (root / folder).rglob("*") if path.suffix in (".py", ".cpp", ".hpp", ".sh")):
            faults += file_faults(path, path.relative_to(root))
    return faults


def cpp_of(folder):
    """Name ('trail/read'; a .cpp and its .hpp are one) -> path."""
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.[ch]pp"))}


def file_faults(path, name):
    """What is too large in one file."""
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    if lines >= MOST_LINES:
        yield f"{name} has {lines} lines, and fewer than {MOST_LINES} are wanted: what else does it do?"
    for node in ast.walk(ast.parse(text)) if path.suffix == ".py" else ():
        for kinds, what, most in ((ast.ClassDef, "class", MOST_CLASS_LINES),
                                  ((ast.FunctionDef, ast.AsyncFunctionDef), "function", MOST_FUNCTION_LINES)):
            if isinstance(node, kinds) and node.end_lineno - node.lineno + 1 > most:
                yield (f"{name}: {what} {node.name} has {node.end_lineno - node.lineno + 1} lines, and {most} are the "
                       "most: what else does it do?")


class Rooms(unittest.TestCase):
    def check(self, faults):
        self.assertFalse(faults, "\n" + "\n".join(faults))

    def test_the_package_has_one_way(self):
        self.check(package_faults(PACKAGE))

    def test_the_cpp_half_has_one_way(self):
        self.check(include_faults(ROOT))

    def test_rooms_and_files_are_small(self):
        self.check(size_faults(ROOT))

    def test_something_was_read(self):
        modules = modules_of(PACKAGE)
        arrows = [target for name, path in modules.items() for target, _, _ in imports_of(name, path, modules)]
        self.assertGreater(len(arrows), 150)
        self.assertIn("_core", arrows)
        self.assertEqual({room_of(name) for name in modules}, set(ROOMS))


class Written:
    """A tree of files that a test writes, in `root`."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


class Control(Written, unittest.TestCase):
    """Each fault, made on purpose, is found and its sentence says what may be used."""

    def faults(self, files):
        self.write({f"runtime/rnaslicer/{name}": text for name, text in {"__init__.py": "", **files}.items()})
        return package_faults(self.root / "runtime" / "rnaslicer")

    def test_what_is_right(self):
        self.assertEqual(self.faults({
            "slicer.py": "from .transfer.choice import choose\n", "errors.py": "",
            "transfer/choice.py": "from .. import _core\nfrom ..errors import Error\nfrom ..layout import proof\n",
            "layout/proof.py": "def f():\n    import bpy\n"}), [])

    def test_upwards(self):
        for text in ("from ..transfer.choice import choose\n", "from ..transfer import choice\n",
                     "from rnaslicer.transfer.choice import choose\n", "import rnaslicer.transfer.choice\n"):
            (fault,) = self.faults({"transfer/choice.py": "", "layout/proof.py": text})
            self.assertIn("layout may use only supplier, blender", fault)

    def test_to_the_top(self):
        (fault,) = self.faults({"slicer.py": "", "layout/proof.py": "from ..slicer import Slicer\n"})
        self.assertIn("layout/proof.py:1 uses slicer", fault)

    def test_what_is_handed_in(self):
        (fault,) = self.faults({"discovery/__init__.py": "", "layout/proof.py": "from .. import discovery\n"})
        self.assertIn("have it handed in", fault)

    def test_hidden(self):
        (fault,) = self.faults({"layout/proof.py": "",
                                "transfer/choice.py": "def f():\n    from ..layout import proof\n"})
        self.assertIn("inside a function", fault)

    def test_what_comes_later(self):
        later = {"slicer.py": "", "basis/later.py": "", "layout/places.py": ""}
        (fault,) = self.faults({**later, "layout/proof.py": "from ..basis.later import later\n_s = later('slicer')\n"})
        self.assertIn("layout/proof.py:2 uses slicer", fault)
        (fault,) = self.faults({"layout/proof.py": "def f():\n    return later('layout.places').at\n"})
        self.assertIn("layout/proof.py:2 imports layout/places inside a function", fault)

    def test_circle(self):
        faults = self.faults({"layout/a.py": "from . import b\n", "layout/b.py": "from .c import x\n",
                              "layout/c.py": "from .a import y\n"})
        self.assertEqual(faults, ["a circle: layout/a -> layout/b -> layout/c -> layout/a"])

    def test_unknown_room(self):
        faults = self.faults({"cellar/a.py": "", "layout/b.py": "from ..cellar import a\n"})
        self.assertIn("no room 'cellar'", faults[0])

    def test_includes(self):
        self.write({"jit/a.cpp": '#include "runtime/pyref.hpp"\n', "runtime/pyref.hpp": "",
                    "runtime/memory/b.cpp": '#include "runtime/pyref.hpp"\n#include "runtime/memcache/c.hpp"\n',
                    "runtime/memcache/c.hpp": '#include "runtime/memory/d.hpp"\n',
                    "runtime/memory/d.hpp": '#include "runtime/memory/e.hpp"\n',
                    "runtime/memory/e.hpp": '#include "runtime/memory/d.hpp"\n'})
        jit, up, circle = include_faults(self.root)
        self.assertIn("jit/ only", jit)
        self.assertIn("memory may use only expression", up)
        self.assertEqual(circle, "a circle: runtime/memory/d -> runtime/memory/e -> runtime/memory/d")

    def test_sizes(self):
        self.write({f"runtime/rnaslicer/m{i}.py": "" for i in range(MOST_AT_TOP + 1)})
        self.write({f"runtime/rnaslicer/layout/m{i}.py": "" for i in range(MOST_IN_ROOM + 1)})
        self.write({f"runtime/{i}.cpp": "" for i in range(MOST_AT_TOP + 1)})
        self.write({f"runtime/trail/{i}.cpp": "" for i in range(MOST_IN_ROOM + 1)})
        long = (MOST_CLASS_LINES - 1) * "\n" + "    x = 1\n"
        self.write({"runtime/0.hpp": "", "jit/a.cpp": MOST_LINES * "\n", "tests/blender/model/a.py": MOST_LINES * "\n",
                    "runtime/rnaslicer/m0.py": "class C:\n" + long,
                    "tests/b.py": "def f():\n" + MOST_FUNCTION_LINES * "\n" + "    x = 1\n"})
        faults = size_faults(self.root)
        for part in ("modules in (top)", "modules in layout", "C++ files in (top)", "C++ files in trail", "jit/a.cpp has",
                     "tests/blender/model/a.py has", "class C has", "function f has"):
            self.assertEqual(sum(part in fault for fault in faults), 1, (part, faults))
        self.assertEqual(len(faults), 8, faults)
