# tests/blender/package/test_addon_updates.py: the archives as a user meets them: checked by Blender, installed over
# another version while Blender runs, beside another copy.
import contextlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile

import bpy
import rnaslicer
from test_addon import EXTENSION, MODULE

ROOT = pathlib.Path(__file__).resolve().parents[3]
DIST = pathlib.Path(os.environ.get("RNASLICER_DIST", ROOT / "build/release/dist"))
LEGACY, PLATFORM = "*-blender3.4-to-4.1.zip", "*-linux-x64.zip"
OLD, NEW = "0.1.9", rnaslicer.__version__


def archive(pattern):
    (found,) = DIST.glob(pattern)
    return found


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()


def as_older(data):
    """An archive of ours as an older version would have been; its add-on's files say that they are old."""
    files = {}
    for name, content in unpacked(data).items():
        if name.endswith(".whl"):
            content = as_older(content)
        elif name.endswith((".toml", "METADATA", "RECORD", "WHEEL")) or name.endswith("rnaslicer/__init__.py"):
            content = content.replace(NEW.encode(), OLD.encode())
        elif name.endswith("rnaslicer/BUILD"):
            content = b"older"
        elif name.endswith(("bundle.py", "menu.py", "operators.py", "preferences.py")):
            content += b"\nIS_OLD = True\n"
        elif name.endswith("__init__.py"):
            numbers = [str(tuple(map(int, version.split(".")))).encode() for version in (NEW, OLD)]
            content = content.replace(*numbers)
        files[name.replace(NEW, OLD)] = content
    return packed(files)


@contextlib.contextmanager
def user_folder(installed=True):
    """A copy of this Blender's, or an empty one; gives a function that runs a script in a Blender of its own there."""
    with tempfile.TemporaryDirectory() as scratch:
        if installed:
            shutil.copytree(os.environ["BLENDER_USER_RESOURCES"], scratch, dirs_exist_ok=True)
        environment = dict(os.environ, BLENDER_USER_RESOURCES=scratch)
        for name in ("CONFIG", "SCRIPTS", "DATAFILES"):
            folder = environment[f"BLENDER_USER_{name}"] = os.path.join(scratch, name.lower())
            os.makedirs(folder, exist_ok=True)

        def run(*arguments):
            done = subprocess.run([bpy.app.binary_path, "-b", "--python-exit-code", "1", *arguments], env=environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            assert done.returncode == 0, done.stdout
            return done.stdout
        yield run, pathlib.Path(scratch)


COMMON = f"""
import importlib, sys, addon_utils, bpy
MODULE = {MODULE!r}
def install(path):
    if bpy.app.version >= (4, 2):
        bpy.ops.extensions.package_install_files(filepath=path, repo='user_default', enable_on_install=True)
    else:
        bpy.ops.preferences.addon_install(filepath=path, overwrite=True)
        bpy.ops.preferences.addon_disable(module=MODULE)
        bpy.ops.preferences.addon_enable(module=MODULE)
    assert addon_utils.check(MODULE) == (True, True)
def part(name):
    return importlib.import_module(MODULE + '.' + name)
"""
INSTALLED_OVER = """
import rnaslicer
from rnaslicer import Slicer
assert rnaslicer.__version__ == {before!r} and part('bundle').trouble == '', part('bundle').trouble
mesh = bpy.data.meshes.new('m')
mesh.from_pydata([(1, 2, 3)] * 300, [], [])
kept = Slicer(mesh.vertices)[:, 'co', :].__enter__()
for again in range(2):
    install({path!r})
    bundle = part('bundle')
    assert bundle.package is None
    assert bundle.trouble == 'Restart Blender to go from RNA Slicer {before} to {after}', bundle.trouble
    for name in ('bundle', 'menu', 'operators', 'preferences'):
        assert hasattr(part(name), 'IS_OLD') is {after_is_old}, name
    assert not bpy.ops.rnaslicer.discover.poll()
kept.refresh()  # what is loaded goes on
mesh.vertices[7].co = 4, 5, 6
kept.refresh()
assert kept.memcache[7].tolist() == [4, 5, 6]
with Slicer(mesh.vertices, dtype='h')[::2, 'co', 'zx'] as vw:  # a kernel that is new to it
    assert vw.memcache[1].tolist() == [3, 1]
    vw.update()
bpy.ops.preferences.addon_disable(module=MODULE)
try:
    kept.refresh()
except rnaslicer.ContextError:
    pass
bpy.ops.preferences.addon_enable(module=MODULE)
kept.refresh()
bpy.ops.wm.save_userpref()
print('WENT ON')
"""
STARTED_AGAIN = """
import rnaslicer
assert rnaslicer.__version__ == {after!r} and part('bundle').trouble == '', part('bundle').trouble
assert part('bundle').package is rnaslicer
"""


def test_installing_over_another_version_asks_for_a_restart(before, after):
    pattern = PLATFORM if EXTENSION else LEGACY
    with user_folder() as (run, scratch):
        other = scratch / archive(pattern).name.replace(NEW, OLD)
        other.write_bytes(as_older(archive(pattern).read_bytes()))
        path = {NEW: str(archive(pattern)), OLD: str(other)}
        if before == OLD:
            run("--python-expr", COMMON + f"install({path[OLD]!r})\nbpy.ops.wm.save_userpref()")
        fields = dict(before=before, after=after, path=path[after], after_is_old=after == OLD)
        said = run("--python-expr", COMMON + INSTALLED_OVER.format(**fields))
        assert "WENT ON" in said and "Traceback" not in said, said
        assert f"Restart Blender to go from RNA Slicer {before} to {after}" in said, said
        said = run("--python-expr", COMMON + STARTED_AGAIN.format(**fields))
        assert "Restart" not in said and "Traceback" not in said, said


test_installing_over_another_version_asks_for_a_restart.cases = {"update": (OLD, NEW), "back": (NEW, OLD)}

BESIDE = """
assert addon_utils.check(MODULE) == (True, True)
try:
    bpy.ops.preferences.addon_enable(module='rnaslicer_copy')
except RuntimeError as error:  # Blender 3.4 reports what went wrong, later ones only print it
    print(error)
assert addon_utils.check('rnaslicer_copy')[1] is False
assert addon_utils.check(MODULE) == (True, True)
import rnaslicer
assert rnaslicer.__version__ == {first!r}
assert bpy.ops.rnaslicer.discover.poll() and part('bundle').package is rnaslicer  # the first is as it was
"""
IN_ITS_PLACE = """
import rnaslicer
bpy.ops.preferences.addon_disable(module=MODULE)
bpy.ops.preferences.addon_enable(module='rnaslicer_copy')
assert addon_utils.check('rnaslicer_copy')[1]
print('NOW:', importlib.import_module('rnaslicer_copy.bundle').trouble)
"""


def test_two_versions_side_by_side_refuse_by_name():
    with user_folder() as (run, scratch):
        addons = scratch / "scripts/addons"
        for name, content in unpacked(as_older(archive(LEGACY).read_bytes())).items():
            if name.endswith("/"):
                continue
            target = addons / name.replace("rnaslicer_addon/", "rnaslicer_copy/", 1)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        said = run("--python-expr", COMMON + BESIDE.format(first=NEW))
        assert f"RNA Slicer {NEW} is enabled as '{MODULE}' already: disable it, restart Blender, then enable " \
               "'rnaslicer_copy'" in said, said
        said = run("--python-expr", COMMON + IN_ITS_PLACE)
        (now,) = re.findall("NOW: (.*)", said)
        assert f"{OLD}" in now and "estart Blender" in now, said


def test_another_package_comes_first():
    """A package that somebody put where Python looks first: named with its folder, and no restart would help."""
    with user_folder() as (run, scratch):
        folder = scratch / "elsewhere/rnaslicer"
        shutil.copytree(pathlib.Path(rnaslicer.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
        start = folder / "__init__.py"
        start.write_text(start.read_text().replace(f'"{NEW}"', f'"{OLD}"'))
        said = run("--python-expr", COMMON + f"""
bpy.ops.preferences.addon_disable(module=MODULE)
for name in [name for name in sys.modules if name.partition('.')[0] == 'rnaslicer']:
    del sys.modules[name]
sys.path.insert(0, {str(folder.parent)!r})
bpy.ops.preferences.addon_enable(module=MODULE)
assert part('bundle').package is None
print('NOW:', part('bundle').trouble)
""")
        (now,) = re.findall("NOW: (.*)", said)
        assert now == f"RNA Slicer {NEW} brings its package, but Blender finds {OLD} first: remove {folder} and " \
                      "restart Blender", now


FACTORY = """
import rnaslicer
if {whole}:
    rnaslicer.Slicer
bpy.ops.wm.read_factory_settings(use_empty=True)
mesh = bpy.data.meshes.new('m')
mesh.vertices.add(300)
try:
    with rnaslicer.Slicer(mesh.vertices)[:, 'co']: pass
except (rnaslicer.ContextError, ImportError) as error:
    print('OFF:', error)
bpy.ops.preferences.addon_enable(module=MODULE)
with rnaslicer.Slicer(mesh.vertices)[:, 'co'] as vw:
    print('ON:', vw.shape, vw.kernel.route)
rnaslicer.foreach_get, rnaslicer.kernels, rnaslicer.assign_weights
"""


def test_factory_settings_and_on_again(whole):
    """They switch add-ons off, and from 4.2 on Blender takes the wheel away: it is back where the add-on is on."""
    with user_folder() as (run, _):
        said = run("--python-expr", COMMON + FACTORY.format(whole=whole))
        (off,) = re.findall("OFF: (.*)", said)
        assert "switched off, as factory settings do" in off and "switch it on again" in off, off
        assert "files of rnaslicer" in off or f"addon_enable(module={MODULE!r})" in off, off
        assert "ON: (300, 3) direct" in said, said


test_factory_settings_and_on_again.cases = {"imported": (False,), "loaded whole": (True,)}


def test_a_package_imported_anew_hears():
    """Of loads and undo, although the one before has its handlers still."""
    with user_folder() as (run, _):
        said = run("--python-expr", COMMON + """
for _ in range(2):
    from rnaslicer import Slicer
    mesh = bpy.data.meshes.new('m')
    mesh.from_pydata([(1, 2, 3)] * 9, [], [])
    with Slicer(mesh.vertices)[:, 'co'] as vw:
        vw.refresh()
        lost = []
        vw.on_lost.append(lost.append)
        bpy.ops.wm.read_homefile(use_empty=True)
        assert lost, 'not told'
    for name in [name for name in sys.modules if name.partition('.')[0] == 'rnaslicer']:
        del sys.modules[name]
print('NOW: heard')
""")
        assert "NOW: heard" in said and "Traceback" not in said, said


def test_legacy_archive_installs():
    """As in 3.4 to 4.1, into an empty profile; later ones still know such add-ons, and stand in for 4.0 and 4.1."""
    with user_folder(installed=False) as (run, _):
        said = run("--factory-startup", "--python-expr", f"""
import addon_utils, bpy
bpy.ops.preferences.addon_install(filepath={str(archive(LEGACY))!r}, overwrite=True)
bpy.ops.preferences.addon_enable(module='rnaslicer_addon')
assert addon_utils.check('rnaslicer_addon') == (True, True)
import rnaslicer
from rnaslicer import Slicer
assert rnaslicer.__version__ == {NEW!r} and 'modules' in rnaslicer.__file__
mesh = bpy.data.meshes.new('m')
mesh.from_pydata([(1, 2, 3)] * 300, [], [])
with Slicer(mesh.vertices)[:, 'co', 'z'] as vw:
    assert vw.memcache.tolist() == [3] * 300
""")
        assert "Traceback" not in said, said


def command(*arguments):
    return subprocess.run([bpy.app.binary_path, "--command", "extension", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)


def test_blender_finds_the_extension_valid():
    if not EXTENSION:
        raise unittest.SkipTest("needs Blender 4.2")
    done = command("validate", str(archive(PLATFORM)))
    assert done.returncode == 0 and "rror" not in done.stdout and "arning" not in done.stdout, done.stdout
    with tempfile.TemporaryDirectory() as scratch:
        broken = pathlib.Path(scratch, "broken.zip")
        files = unpacked(archive(PLATFORM).read_bytes())
        files["blender_manifest.toml"] = files["blender_manifest.toml"].replace(b"tagline", b"tag_line")
        broken.write_bytes(packed(files))
        assert command("validate", str(broken)).returncode != 0, "Blender finds everything valid"


def test_blender_builds_the_same_extension():
    if not EXTENSION:
        raise unittest.SkipTest("needs Blender 4.2")
    with tempfile.TemporaryDirectory() as scratch:
        source, target = pathlib.Path(scratch, "source"), pathlib.Path(scratch, "target")
        target.mkdir()
        with zipfile.ZipFile(archive(PLATFORM)) as opened:
            opened.extractall(source)
        done = command("build", "--source-dir", str(source), "--output-dir", str(target))
        assert done.returncode == 0, done.stdout
        (built,) = target.iterdir()
        assert built.name == f"rnaslicer_addon-{NEW}.zip", built
        assert unpacked(built.read_bytes()) == unpacked(archive(PLATFORM).read_bytes())
