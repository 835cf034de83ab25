# tests/blender/discovery/test_discovery.py: how a discovery run goes, where it does nothing, and what it leaves
import contextlib
import io
import os
import pathlib
import shutil
import tempfile
import time

import bpy

from found_again import content, found_again
from support import VERSION, refused
from test_lifetime_contexts import blender, display


@contextlib.contextmanager
def scratch():
    """A cache folder of our own, and discovery as after a start; what the other tests need is put back."""
    import rnaslicer
    from rnaslicer import discovery
    before = rnaslicer.configure()
    folder = tempfile.mkdtemp(prefix="rnaslicer-")
    try:
        rnaslicer.configure(cache_directory=folder, disk_cache=True)
        discovery.forget()
        yield pathlib.Path(folder)
    finally:
        rnaslicer.configure(**before)
        discovery.forget()
        assert discovery.known() is not None
        shutil.rmtree(folder)


# ---- the run

def test_discover():
    """By call: nothing of the session changes, the result lies privately in the cache and is found there."""
    import rnaslicer
    from rnaslicer import discovery
    ob = bpy.data.objects.new("Mine", None)
    before = [len(getattr(bpy.data, p.identifier)) for p in bpy.data.bl_rna.properties if p.type == "COLLECTION"]
    dirty = bpy.data.is_dirty
    with scratch() as folder:
        assert discovery.known() is None
        report = rnaslicer.discover(limit=180)
        assert len(report) > 500 and report.known.complete, report.known.skipped
        assert "Keyframe.co" in str(report) and "f32[2]" in str(report)
        of_keys = discovery.report("Keyframe")
        assert {row[0] for row in of_keys} == {"Keyframe"} and "Keyframe.co" in str(of_keys), of_keys.rows
        kept = list((folder / "discovery").iterdir())
        assert [f.stat().st_mode & 0o777 for f in kept] == [0o600], kept
        assert (folder / "discovery").stat().st_mode & 0o777 == 0o700
        found = discovery.known()
        discovery.forget()
        again = discovery.known()
        assert again is not found and again.storages == found.storages and again.lists == found.lists
        assert again.tables == found.tables and again.equivalents == found.equivalents
    after = [len(getattr(bpy.data, p.identifier)) for p in bpy.data.bl_rna.properties if p.type == "COLLECTION"]
    assert after == before and bpy.data.is_dirty == dirty and ob.name == "Mine"


def test_report_of_a_type():
    from rnaslicer import discovery
    assert str(discovery.report("Mesh")).startswith("discovery: ")
    with refused("ExpressionError", "'MeshVertx'", "MeshVertex"):
        discovery.report("MeshVertx")
    with refused("ExpressionError", "MeshVertex"):
        discovery.report(3)


def test_gives_up():
    """A limit that no run can keep: an error that says so, soon, and nothing left behind."""
    import rnaslicer
    with scratch() as folder:
        try:
            rnaslicer.discover(limit=0.1)
        except rnaslicer.DiscoveryError as error:
            assert "more than 0.1 s of the processor" in str(error), error
        else:
            raise AssertionError("0.1 s were enough")
        assert not list(pathlib.Path(tempfile.gettempdir()).glob(f"rnaslicer-discovery-{os.getpid()}-*"))
        assert not (folder / "discovery").exists()


def test_background_does_nothing_by_itself():
    from rnaslicer import discovery
    with scratch():
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            assert not discovery.wanted() and not discovery.wanted()
        assert discovery.progress() is None and discovery.known() is None
        assert said.getvalue().count("\n") == 1 and "RNASLICER_DISCOVER=1" in said.getvalue(), said.getvalue()


def test_background_discovers_where_the_environment_says_so():
    """On first need, at once, and what needed it profits already."""
    from rnaslicer import discovery
    with found_again() as expected, scratch():
        os.environ[discovery.AT_ONCE] = "1"
        try:
            assert discovery.wanted() and content(discovery.known()) == expected
            assert not discovery.wanted()
        finally:
            del os.environ[discovery.AT_ONCE]


def test_background_discovers_where_the_preferences_say_so():
    """Unless the environment says that it does not."""
    from rnaslicer import discovery
    with found_again() as expected, scratch():
        discovery.allow(True, without_window=True)
        try:
            os.environ[discovery.AT_ONCE] = "0"
            said = io.StringIO()
            with contextlib.redirect_stderr(said):
                assert not discovery.wanted()
            assert not said.getvalue(), said.getvalue()
            del os.environ[discovery.AT_ONCE]
            discovery.forget()
            assert discovery.wanted() and content(discovery.known()) == expected
        finally:
            os.environ.pop(discovery.AT_ONCE, None)
            discovery.allow(True)


def test_disk_cache_off():
    """Nothing is read or written, yet what this session finds counts."""
    import rnaslicer
    from rnaslicer import discovery
    with found_again() as expected, scratch() as folder:
        rnaslicer.configure(disk_cache=False)
        assert discovery.known() is None
        rnaslicer.discover(limit=180, quiet=True)
        assert content(discovery.known()) == expected and not list(folder.iterdir())


def test_not_this_build():
    """A result that another build left is ignored."""
    from rnaslicer import discovery
    from rnaslicer.discovery import store
    data = store.load_bytes(discovery.folder(), discovery.build())
    with scratch():
        store.save(discovery.folder(), discovery.build(), data)
        assert discovery.known() is not None
        discovery.forget()
        other = discovery.build()[::-1]
        store.save(discovery.folder(), discovery.build(), store.encode(other, store.decode(data, discovery.build())))
        assert discovery.known() is None


def test_in_a_window():
    """The background run: starts once, shows progress, can be cancelled, and dies with the session."""
    server, environment = display()
    environment["WAYLAND_DISPLAY"] = ""
    file = str(pathlib.Path(__file__).with_name("windowed_discovery.py"))
    with tempfile.TemporaryDirectory() as folder:
        try:
            backend = ["--gpu-backend", "opengl"] if VERSION >= (5, 0) else []
            code, output = blender(f"sys.argv += ['--', {folder!r}]\nname = {file!r}\n"
                                   "exec(compile(open(name).read(), name, 'exec'), dict(__file__=name, __name__='__main__'))",
                                   *backend, **environment)
        finally:
            if server:
                server.kill()
                server.wait()
    assert code == 0 and "FOUND end" in output and "Traceback" not in output, output
    for line in ("not allowed: None", "one run: True", "progress: True", "known: True", "untouched: True",
                 "once is enough: None", "cancelled: None False False", "not again: None None"):
        assert f"FOUND {line}" in output, (line, output)
    child = int(output.partition("FOUND child ")[2].split()[0])
    while os.path.exists(f"/proc/{child}"):  # a run that outlives the session makes this test hang
        time.sleep(0.1)


def test_another_blender():
    """The executable was replaced since we were started: what the run says is not about us."""
    import rnaslicer
    from rnaslicer import discovery
    from rnaslicer.discovery import store
    with found_again(), scratch() as folder:
        real = store.running
        try:
            store.running = lambda: "0" * 32
            discovery.build.cache_clear()
            rnaslicer.discover(limit=180, quiet=True)
        except rnaslicer.DiscoveryError as error:
            assert "another Blender" in str(error), error
        else:
            raise AssertionError("taken")
        finally:
            store.running = real
            discovery.build.cache_clear()
        assert discovery.known() is None and not list(folder.glob("discovery/*"))
