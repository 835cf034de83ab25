# tests/packaging/test_archives.py: what `./run package` made: names, contents and promises.
import base64
import csv
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest
import zipfile

import rnaslicer
from rnaslicer import system

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIST = pathlib.Path(os.environ.get("RNASLICER_DIST", ROOT / "build/release/dist"))
# What scripts may count on: taking one away, or making another public, is a decision, and is written here.
PUBLIC = {
    "rnaslicer": "ContextError DiscoveryError ExpressionError History KernelInfo MemCache ReadOnlyError RegionError "
                 "ShapeChangedError Slicer SlicerError SupplierLostError ValueRangeError ViewWrapper assign_weights "
                 "cache_info clear_cache configure discover foreach_get foreach_set history kernels",
    "ViewWrapper": "alive changes close edit format kernel kernels leaves lengths memcache offsets on_lost open read "
                   "readonly refresh shape supplier unclamped update write",
    "MemCache": "c_contiguous cast contiguous count f_contiguous format hex index itemsize nbytes ndim obj readonly "
                "release shape strides suboffsets tobytes tolist toreadonly wrapper",
    "KernelInfo": "asm beside bytes calls codes compile_seconds expressions idle ir listing origin others plan reasons "
                  "refresh route seconds signature tier trouble update verdict why",
    "Slicer": "dtype fill normalized of ragged supplier transform width",  # its arguments
}
EMPTY_MODULE = "#include <stdlib.h>\nvoid *PyInit__core(void) { return malloc(1); }\n"


def only(pattern):
    found = list(DIST.glob(pattern))
    assert len(found) == 1, found
    return found[0]


def asking_for(function):
    return f"void {function}(void); static __attribute__((used)) void *use_{function} = {function};\n"


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class Archives(unittest.TestCase):
    def test_wheel_records_every_file(self):
        files = contents(only("*.whl"))
        record = next(name for name in files if name.endswith(".dist-info/RECORD"))
        rows = {row[0]: row for row in csv.reader(io.StringIO(files[record].decode()))}
        self.assertEqual(rows.keys(), files.keys())
        for name, digest, size in rows.values():
            if name != record:
                algorithm, expected = digest.split("=", 1)
                found = base64.urlsafe_b64encode(hashlib.new(algorithm, files[name]).digest())
                self.assertEqual((found.rstrip(b"=").decode(), len(files[name])), (expected, int(size)))

    def test_tag_is_true_to_the_library(self):
        """`sort -V` is another opinion than package.py's on which version is the newest."""
        wheel = only("*.whl")
        floor = re.search(r"-cp311-abi3-manylinux_(\d+)_(\d+)_x86_64\.whl$", wheel.name)
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(wheel) as archive:
                library = archive.extract("rnaslicer/_core.abi3.so", folder)
            symbols = subprocess.run(["objdump", "-T", library], check=True, capture_output=True, text=True).stdout
        asked = "\n".join(re.findall(r"\(?\bGLIBC_([^\s)]+)", symbols))
        ordered = subprocess.run(["sort", "-V"], input=asked + "\n2.28\n", check=True, capture_output=True, text=True,
                                 env=dict(os.environ, LC_ALL="C")).stdout.split()
        self.assertEqual(ordered[-1], "2.28", "blender.org's builds are made for glibc 2.28")
        newest = [version for version in ordered if version in asked.split()][-1]
        self.assertEqual(newest, ".".join(floor.groups()))
        self.assertEqual(system.GLIBC, tuple(map(int, floor.groups())), "what rnaslicer/system.py tells users")

    def test_one_version_everywhere(self):
        version = only("*.whl").name.split("-")[1]
        self.assertEqual(rnaslicer.__version__, version)
        self.assertIn(f"project(rnaslicer VERSION {version} ", (ROOT / "CMakeLists.txt").read_text())
        self.assertIn(f"\n## {version}", (ROOT / "CHANGELOG.md").read_text())

    def test_wheel_has_types(self):
        names = set(contents(only("*.whl")))
        self.assertLessEqual({"rnaslicer/py.typed", "rnaslicer/_core.pyi", "rnaslicer/__init__.py"}, names)
        self.assertFalse([name for name in names if "__pycache__" in name or "/." in name])

    def test_wheel_has_the_public_names(self):
        script = ("import inspect, json, rnaslicer\n"
                  "found = {name: sorted(one for one in dir(getattr(rnaslicer, name)) if one[0] != '_')\n"
                  "         for name in ('ViewWrapper', 'MemCache', 'KernelInfo')}\n"
                  "found['rnaslicer'] = sorted(rnaslicer.__all__)\n"
                  "found['Slicer'] = sorted(inspect.signature(rnaslicer.Slicer).parameters)\n"
                  "print(rnaslicer.__file__)\nprint(json.dumps(found))")
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(only("*.whl")) as archive:
                archive.extractall(folder)
            where, found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True,
                                          env=dict(os.environ, PYTHONPATH=folder)).stdout.splitlines()
            self.assertTrue(where.startswith(folder), where)
        self.assertEqual(json.loads(found), {name: names.split() for name, names in PUBLIC.items()})

    def test_extension_carries_the_wheel_that_its_manifest_names(self):
        files = contents(only("*-linux-x64.zip"))
        manifest = tomllib.loads(files["blender_manifest.toml"].decode())
        (wheel,) = manifest["wheels"]
        self.assertEqual(files[wheel.removeprefix("./")], only("*.whl").read_bytes())
        self.assertEqual(manifest["license"], ["SPDX:GPL-3.0-or-later"])
        self.assertIn(b"GNU GENERAL PUBLIC LICENSE", files["LICENSE"])

    def test_installing_the_legacy_add_on_removes_an_older_one(self):
        """Blender removes what has an entry without a folder of its own: else it would write into a mapped library."""
        names = zipfile.ZipFile(only("*-blender3.4-to-4.1.zip")).namelist()
        self.assertEqual([name for name in names if "/" not in os.path.normpath(name)], ["rnaslicer_addon/"])

    def test_both_add_ons_have_the_same_content(self):
        extension, legacy = contents(only("*-linux-x64.zip")), contents(only("*-blender3.4-to-4.1.zip"))
        ours = {name.removeprefix("rnaslicer_addon/"): data for name, data in legacy.items()}
        modules = {name.removeprefix("modules/"): data for name, data in ours.items() if name.startswith("modules/")}
        rest = {name: data for name, data in ours.items() if name and not name.startswith("modules/")}
        packed = {name: data for name, data in contents(only("*.whl")).items() if ".dist-info/" not in name}
        self.assertEqual(modules, packed)
        self.assertEqual(rest, {name: data for name, data in extension.items()
                                if name != "blender_manifest.toml" and not name.startswith("wheels/")})


class Refusals(unittest.TestCase):
    """package.py on libraries that are not what it ships."""

    def package(self, source, *options, system=""):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "package").mkdir()
            (folder / "package/__init__.py").touch()
            (folder / "package/system.py").write_text(system)
            (folder / "core.c").write_text(source)
            subprocess.run(["gcc", "-shared", "-fPIC", folder / "core.c", *options,
                            "-o", folder / "package/_core.abi3.so"], check=True)
            done = subprocess.run(
                [sys.executable, ROOT / "cmake/package.py", "--package", folder / "package", "--addon", ROOT / "addon",
                 "--licence", ROOT / "LICENSE", "--out", folder / "out"], capture_output=True, text=True)
            archives = {path.name: path.read_bytes() for path in (folder / "out").glob("*")}
            return done, archives

    def test_an_old_library_gets_an_old_tag_and_the_same_bytes_each_time(self):
        first, second = self.package(EMPTY_MODULE), self.package(EMPTY_MODULE)
        self.assertEqual(first[0].returncode, 0, first[0].stderr)
        self.assertIn("manylinux_2_5_x86_64.whl", first[0].stdout)
        self.assertEqual(first[1], second[1])

    def test_versions_are_compared_as_numbers(self):
        """openat is of 2.4, pipe2 of 2.9, clock_gettime of 2.17: as text the largest is 2.9."""
        done, _ = self.package(EMPTY_MODULE + "".join(map(asking_for, ("openat", "clock_gettime", "pipe2"))), "-w")
        self.assertIn("manylinux_2_17_x86_64.whl", done.stdout, done.stderr)

    def test_a_floor_above_what_users_are_told_is_refused(self):
        source = EMPTY_MODULE + asking_for("getrandom")  # 2.25
        done, archives = self.package(source, "-w", system="GLIBC = (2, 9)\n")
        self.assertEqual((done.returncode, archives), (1, {}))
        self.assertIn("needs glibc 2.25, while system.py says 2.9", done.stderr)
        done, archives = self.package(source, "-w", system="GLIBC = (2, 25)\n")
        self.assertEqual((done.returncode, len(archives)), (0, 3), done.stderr)

    def test_a_foreign_library_is_refused(self):
        done, archives = self.package(EMPTY_MODULE, "-Wl,--no-as-needed", "-lz")
        self.assertEqual((done.returncode, archives), (1, {}))
        self.assertIn("libz.so.1: link it statically", done.stderr)

    def test_a_visible_symbol_is_refused(self):
        done, archives = self.package(EMPTY_MODULE + "void LLVMShutdown(void) {}\n")
        self.assertEqual((done.returncode, archives), (1, {}))
        self.assertIn("exports LLVMShutdown", done.stderr)


if __name__ == "__main__":
    unittest.main()
