# tests/blender/package/test_addon.py: the installed add-on: where the package comes from, switches, off and on again.
import functools
import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from unittest import mock

import bpy
import rnaslicer
from found_again import content, found_again
from rnaslicer import Slicer

EXTENSION = bpy.app.version >= (4, 2)
MODULE = "bl_ext.user_default.rnaslicer_addon" if EXTENSION else "rnaslicer_addon"


def preferences():
    return bpy.context.preferences.addons[MODULE].preferences


def mesh_with_vertices(count=1000):
    mesh = bpy.data.meshes.new("Addon")
    mesh.from_pydata([(i, 2 * i, 0.5 * i) for i in range(count)], [], [])
    return mesh


def test_package_comes_from_the_add_on():
    folder = pathlib.Path(rnaslicer.__file__).parents[1]
    assert folder.parts[-1] == ("site-packages" if EXTENSION else "modules"), folder
    assert pathlib.Path(bpy.utils.user_resource("EXTENSIONS" if EXTENSION else "SCRIPTS")) in folder.parents


def test_jit_switch_acts_on_entered_wrappers():
    mesh = mesh_with_vertices()
    try:
        with Slicer(mesh.vertices)[:, "co", :] as vw:
            compiled = vw.memcache.tolist()
            preferences().jit = False
            assert rnaslicer.configure()["jit"] is False
            mesh.vertices[7].co = (1, 2, 3)
            vw.refresh()
            assert vw.kernel.origin == "interpreter", vw.kernel.origin
            assert vw.memcache.tolist() == compiled[:7] + [[1, 2, 3]] + compiled[8:]
            preferences().jit = True
            vw.refresh()
            assert vw.kernel.origin != "interpreter"
    finally:
        preferences().jit = True


def test_disk_cache_switch_and_clear_button():
    folder = rnaslicer.configure()["cache_directory"]
    with tempfile.TemporaryDirectory() as scratch:
        try:
            rnaslicer.configure(cache_directory=scratch)
            preferences().disk_cache = False
            assert rnaslicer.configure()["disk_cache"] is False
            rnaslicer.clear_cache()
            with Slicer(mesh_with_vertices().vertices)[:, "co", :]:
                assert not any(os.scandir(scratch))
            preferences().disk_cache = True
            rnaslicer.clear_cache()
            with Slicer(mesh_with_vertices().vertices)[:, "co", :]:
                assert rnaslicer.cache_info()["disk_bytes"] > 0
            assert bpy.ops.rnaslicer.clear_disk_cache() == {"FINISHED"}
            assert rnaslicer.cache_info()["disk_bytes"] == 0
        finally:
            preferences().disk_cache = True
            rnaslicer.configure(cache_directory=folder)


class FakeLayout:
    """Takes whatever a panel draws and keeps its texts."""

    def __init__(self, texts):
        object.__setattr__(self, "texts", texts)

    def __setattr__(self, name, value):
        pass

    def __getattr__(self, name):
        def draw(*_arguments, text="", **_options):
            self.texts.append(text)
            return FakeLayout(self.texts)
        return draw


class FakePreferences:
    discover = True

    def __init__(self, **fields):
        self.__dict__.update(fields)


def test_preferences_draw():
    cls = type(preferences())
    for jit in (True, False):
        texts = []
        cls.draw(FakePreferences(layout=FakeLayout(texts), jit=jit, draw_fact=cls.draw_fact), bpy.context)
        assert ("Interpreter" in texts) is not jit, texts


def drawn():
    texts, cls = [], type(preferences())
    cls.draw(FakePreferences(layout=FakeLayout(texts), jit=True, draw_fact=cls.draw_fact), bpy.context)
    return texts


def test_import_line():
    """The button copies what the preferences show, and that line is Python."""
    operators = importlib.import_module(MODULE + ".operators")
    assert operators.IMPORT in drawn()
    exec(operators.IMPORT, {})
    context, told = mock.Mock(), mock.Mock()
    assert operators.RNASLICER_OT_copy_import.execute(told, context) == {"FINISHED"}
    assert context.window_manager.clipboard == operators.IMPORT and told.report.call_count == 1
    assert bpy.ops.rnaslicer.copy_import() == {"FINISHED"}


def test_discovery_preferences():
    """Each is handed over at once."""
    ours = preferences()
    try:
        for name, value, wanted in (("discover_in_background", True, (True, True)), ("discover", False, (False, True))):
            with mock.patch.object(rnaslicer.discovery, "allow") as allow:
                setattr(ours, name, value)
                allow.assert_called_once_with(*wanted)
    finally:
        ours.discover, ours.discover_in_background = True, False


def test_discover_button():
    """Finds out anew how this Blender stores its data; in the background the button waits for it."""
    discovery = rnaslicer.discovery
    assert not bpy.ops.rnaslicer.cancel_discovery.poll()
    try:
        with found_again() as expected:
            discovery.forget(disk=True)
            assert {"not examined yet (slower)", "Examine this Blender"} <= set(drawn()), drawn()
            with mock.patch.object(rnaslicer, "discover", functools.partial(rnaslicer.discover, limit=180)):
                assert bpy.ops.rnaslicer.discover() == {"FINISHED"}  # a loaded machine is no fault
            assert content(discovery.known()) == expected
        assert {f"examined, {len(discovery.known())} properties", "Examine Again"} <= set(drawn()), drawn()
    finally:
        if discovery.known() is None:
            rnaslicer.discover(limit=180, quiet=True)


def test_discovery_under_way():
    """What the preferences show meanwhile, and the button that ends it."""
    discovery, run = rnaslicer.discovery, importlib.import_module("rnaslicer.discovery.run")
    discovery._running = run.Run(bpy.app.binary_path)
    try:
        assert any("Examining" in text for text in drawn()) or hasattr(bpy.types.UILayout, "progress"), drawn()
        assert not bpy.ops.rnaslicer.discover.poll()
        assert bpy.ops.rnaslicer.cancel_discovery() == {"FINISHED"}
        assert discovery._running is None and discovery.progress() is None
    finally:
        discovery.cancel()
        discovery.forget()


def test_discovery_switch():
    discovery = rnaslicer.discovery
    for on in (False, True):
        preferences().discover = on
        assert discovery._allowed is on


def test_preferences_say_why_the_package_is_missing():
    bundle = importlib.import_module(MODULE + ".bundle")
    package = bundle.package
    try:
        bundle.package, bundle.trouble = None, "RNA Slicer cannot be loaded: no such library"
        texts = []
        cls = type(preferences())
        cls.draw(FakePreferences(layout=FakeLayout(texts), jit=True, draw_fact=cls.draw_fact), bpy.context)
        assert texts[-1] == bundle.trouble
        assert not bpy.ops.rnaslicer.clear_disk_cache.poll()
    finally:
        bundle.package, bundle.trouble = package, ""


def test_the_package_is_compiled_where_it_was_unpacked():
    """So that a user's first session does not wait for that at its first slicing."""
    bundle = importlib.import_module(MODULE + ".bundle")
    of_run = os.path.join(os.path.dirname(rnaslicer.__file__), "discovery", "child", "walk.py")  # never imported here
    assert sys.dont_write_bytecode or bundle.is_compiled(of_run)
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        with tempfile.TemporaryDirectory() as scratch:
            folder = os.path.join(scratch, "rnaslicer")
            shutil.copytree(os.path.dirname(rnaslicer.__file__), folder, ignore=shutil.ignore_patterns("__pycache__"))
            paths = [str(path) for path in pathlib.Path(folder).rglob("*.py")]
            sys.dont_write_bytecode = True
            bundle.compile_ahead(folder)
            assert not any(map(bundle.is_compiled, paths)), "Python was told to write nothing"
            sys.dont_write_bytecode = False
            bundle.compile_ahead(folder)
            assert len(paths) > 100 and all(map(bundle.is_compiled, paths))
            seen, loader = [], importlib.machinery.SourceFileLoader
            importlib.machinery.SourceFileLoader = lambda *given: seen.append(given) or loader(*given)
            try:
                bundle.compile_ahead(folder)
                assert not seen, "compiled once"
                late = time.time() + 60
                os.utime(os.path.join(folder, "wrapper.py"), (late, late))  # unpacked over what was compiled
                bundle.compile_ahead(folder)
                assert seen
            finally:
                importlib.machinery.SourceFileLoader = loader
    finally:
        sys.dont_write_bytecode = writes_none


def test_a_package_of_this_version_and_another_build():
    """Its calls may differ. A register that raises would leave an extension without its package."""
    bundle, settings = (importlib.import_module(f"{MODULE}.{name}") for name in ("bundle", "preferences"))
    package, allow = bundle.package, rnaslicer.discovery.allow
    try:
        rnaslicer.discovery.allow = lambda: None
        settings.apply_saved()
        assert bundle.package is None and bundle.trouble.startswith("Restart Blender"), bundle.trouble
    finally:
        bundle.package, bundle.trouble, rnaslicer.discovery.allow = package, "", allow
    settings.apply_saved()
    assert not bundle.trouble


SWITCHED_OFF = f"""
import sys, addon_utils, bpy
import rnaslicer
assert addon_utils.check({MODULE!r}) == (True, True)
from rnaslicer import Slicer
mesh = bpy.data.meshes.new("m")
mesh.vertices.add(3)
told = []
kept = Slicer(mesh.vertices)[:, "co", :]
kept.on_lost.append(told.append)
kept.__enter__()
bpy.ops.preferences.addon_disable(module={MODULE!r})
assert addon_utils.check({MODULE!r}) == (False, False)
assert not any("rnaslicer" in str(h.__module__) for h in bpy.app.handlers.load_post)
assert told == [kept] and not kept.alive
try:
    kept.refresh()
except rnaslicer.ContextError as error:
    assert "switched off" in str(error), error
else:
    raise AssertionError("not refused")
bpy.ops.preferences.addon_enable(module={MODULE!r})
kept.refresh()
with Slicer(mesh.vertices)[:, "co", :] as vw:
    assert vw.memcache.shape == (3, 3)
prefs = bpy.context.preferences.addons[{MODULE!r}].preferences
prefs.jit = False
bpy.ops.preferences.addon_disable(module={MODULE!r})
bpy.ops.wm.save_userpref()
"""
STAYS_OFF = f"""
import importlib.util, bpy
assert importlib.util.find_spec("rnaslicer") is None
bpy.ops.preferences.addon_enable(module={MODULE!r})
import rnaslicer
bpy.context.preferences.addons[{MODULE!r}].preferences.jit = False
bpy.ops.wm.save_userpref()
"""
COMES_BACK = """
import rnaslicer
assert rnaslicer.configure()["jit"] is False, "saved settings act from the start"
"""


def test_off_and_on_again_also_over_restarts():
    """In Blenders of their own, on a copy of this one's user folder."""
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(os.environ["BLENDER_USER_RESOURCES"], scratch, dirs_exist_ok=True)
        environment = dict(os.environ, BLENDER_USER_RESOURCES=scratch)
        for name in ("CONFIG", "SCRIPTS", "DATAFILES"):
            environment[f"BLENDER_USER_{name}"] = os.path.join(scratch, name.lower())
        for script in (SWITCHED_OFF, STAYS_OFF, COMES_BACK):
            done = subprocess.run(
                [bpy.app.binary_path, "-b", "--python-exit-code", "1", "--python-expr", script],
                env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            assert done.returncode == 0, done.stdout
            assert "Traceback" not in done.stdout, done.stdout
