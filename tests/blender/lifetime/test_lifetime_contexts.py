# tests/blender/lifetime/test_lifetime_contexts.py: threads, drivers, handlers, windows, render jobs, add-on off, exit
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import bpy

from support import VERSION, random_image, random_mesh, refused, same

HERE = Path(__file__).resolve().parent


def mesh(name="Random"):
    made = random_mesh(random.Random(1), 6, 5, name=name, layers=False)
    made.use_fake_user = True
    return made


def positions(supplier):
    from rnaslicer import Slicer
    return Slicer(supplier.vertices)[:, "co"]


def enter_and_leave(supplier):
    with positions(supplier):
        pass


def blender(script, *arguments, **environment):
    """(exit code, output) of a Blender of its own that runs `script` with this package."""
    import rnaslicer
    paths = [str(Path(rnaslicer.__file__).parents[1]), str(HERE.parent)]
    with tempfile.TemporaryDirectory() as scratch:
        file = os.path.join(scratch, "script.py")
        with open(file, "w", encoding="utf-8") as text:
            text.write(f"import sys\nsys.path[:0] = {paths!r}\n{script}")
        done = subprocess.run(
            [bpy.app.binary_path, "--factory-startup", *arguments, "--python-exit-code", "1", "--python", file],
            env={**os.environ, "TMPDIR": scratch, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
    return done.returncode, done.stdout


# ---- threads, drivers, handlers

def test_other_threads_are_refused():
    m = mesh()
    findings = []
    told = []

    def work(vw):
        for use in (lambda: enter_and_leave(m), vw.refresh, vw.update, lambda: vw.refresh(vw.memcache[1:2])):
            try:
                use()
            except BaseException as error:
                findings.append(error)

    with positions(m) as vw:
        vw.on_lost.append(told.append)
        before = vw.memcache.tolist()
        vw.memcache[0, 0] = 9.0
        thread = threading.Thread(target=work, args=(vw,))
        thread.start()
        thread.join()
        assert [type(e).__name__ for e in findings] == ["ContextError"] * 4, findings
        assert all("main thread" in str(e) for e in findings)
        same([list(v.co) for v in m.vertices], before)
        vw.update()
        same(m.vertices[0].co.x, 9.0)
    assert told == []


def test_events_on_other_threads_call_no_script():
    """A render job runs frame handlers on its own thread: counted there, told on the main thread."""
    from rnaslicer.supplier import events
    told = []
    m = mesh()
    with positions(m) as vw:
        vw.on_lost.append(lambda _: told.append(threading.current_thread()))
        bpy.data.meshes.remove(m)
        before = events.generation()
        thread = threading.Thread(target=events._on_frame)
        thread.start()
        thread.join()
        assert told == [] and events.generation() == before + 1
        bpy.context.scene.frame_set(2)
        assert told == [threading.main_thread()]


def test_code_of_drivers_is_told_from_other_code():
    """Code that was no driver's is remembered, and held: else a driver's may come to lie where such code was."""
    from rnaslicer import _core
    where = set()
    for turn in range(3000):
        is_driver = turn % 3 == 2
        code = compile(f"free() + {turn}", "<bpy driver>" if is_driver else "<script>", "eval")
        assert eval(code, {"free": _core.is_free}) - turn == (not is_driver), turn
        where.add(id(code))
    assert len(where) < 3000  # places were used again
    codes = [compile(f"free() + {turn}", "<script>", "eval") for turn in range(40)]
    counts = [sys.getrefcount(code) for code in codes]
    for _ in range(5):
        assert all(eval(code, {"free": _core.is_free}) for code in codes)
    held = [after - before for before, after in zip(counts, [sys.getrefcount(code) for code in codes])]
    assert {1} <= set(held) <= {0, 1}, held  # of 64 places: some may have taken those of others


def test_drivers_are_refused():
    """Blender evaluates them on any thread; here it happens to be the main one."""
    from rnaslicer import ContextError
    findings = []
    m = mesh()
    ob = bpy.data.objects.new("Driven", None)
    bpy.context.scene.collection.objects.link(ob)

    def driven():
        for use in (lambda: enter_and_leave(m), vw.refresh, vw.update):
            try:
                use()
                findings.append(None)
            except ContextError as error:
                findings.append(error)
        return 3.0

    with positions(m) as vw:
        before = vw.memcache.tolist()
        vw.memcache[0, 0] = 9.0
        bpy.app.driver_namespace["driven"] = driven
        ob.driver_add("location", 0).driver.expression = "driven()"
        bpy.context.view_layer.update()
        assert len(findings) >= 3 and all(findings), findings
        assert "in a driver" in str(findings[0]) or "main thread" in str(findings[0])
        same(ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).location.x, 3.0)
        same([list(v.co) for v in m.vertices], before)
        vw.refresh()
        same(vw.memcache.tolist(), before)


def test_handlers_of_evaluations_and_undo():
    """Handlers on the main thread may enter, refresh and update, also after undo and load."""
    m = mesh()
    m.use_fake_user = True
    bpy.ops.ed.undo_push(message="made")
    done = []

    def used(*_):
        enter_and_leave(bpy.data.meshes["Random"])
        vw.refresh()
        vw.memcache[1, 1] = len(done) + 40.0
        vw.update(vw.memcache[1:2])
        done.append(True)

    lists = [getattr(bpy.app.handlers, name) for name in ("depsgraph_update_post", "frame_change_post", "undo_post",
                                                         "redo_post", "save_pre", "save_post")]
    with positions(m) as vw, tempfile.TemporaryDirectory() as folder:
        for handlers in lists:
            handlers.append(used)
        try:
            for happen in (lambda: (bpy.context.scene.update_tag(), bpy.context.view_layer.update()),
                           lambda: bpy.context.scene.frame_set(7),
                           lambda: bpy.ops.ed.undo_push(message="used") and bpy.ops.ed.undo(),
                           bpy.ops.ed.redo,
                           lambda: bpy.ops.wm.save_as_mainfile(filepath=os.path.join(folder, "x.blend"))):
                before = len(done)
                happen()
                assert len(done) > before, happen
                same(bpy.data.meshes["Random"].vertices[1].co.y, len(done) + 39.0)
        finally:
            for handlers in lists:
                handlers.remove(used)


def test_a_render_in_the_background_is_no_job():
    """bpy.ops.render.render() in a script renders on the main thread; its handlers may use wrappers."""
    findings = []
    m = mesh()

    class Engine(bpy.types.RenderEngine):
        bl_idname, bl_label = "NOTHING", "Nothing"

        def render(self, depsgraph):
            from rnaslicer import Slicer
            vw.refresh()
            ob = depsgraph.objects[0]
            temporary.append(Slicer(ob)["location", :])
            with temporary[0]:
                findings.append("engine")

    temporary = []
    bpy.utils.register_class(Engine)
    scene = bpy.context.scene
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.render.engine = "NOTHING"
    scene.render.resolution_x = scene.render.resolution_y = 8

    def used(*_):
        vw.refresh()
        findings.append("handler")

    bpy.app.handlers.render_pre.append(used)
    try:
        with positions(m) as vw:
            bpy.ops.render.render()
        assert sorted(findings) == ["engine", "handler"], findings
        with refused("SupplierLostError", "evaluated or temporary"):  # the render's own copies went with it
            with temporary[0]:
                pass
    finally:
        bpy.app.handlers.render_pre.remove(used)
        scene.render.engine = "BLENDER_WORKBENCH"
        bpy.utils.unregister_class(Engine)


# ---- a window

def display():
    """What a window needs, as environment; skips where there is none."""
    if shutil.which("Xvfb"):
        read, write = os.pipe()
        server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
                                  pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as numbers:
            number = numbers.readline().strip()
        return server, {"DISPLAY": f":{number}", "LIBGL_ALWAYS_SOFTWARE": "1"}
    if os.environ.get("DISPLAY"):
        return None, {}
    raise unittest.SkipTest("a window needs Xvfb or DISPLAY")


def test_timers_modal_operators_and_render_jobs():
    """In a Blender with a window (windowed.py): which contexts work, which are refused, and that it quits well."""
    server, environment = display()
    environment["WAYLAND_DISPLAY"] = ""
    try:
        backend = ["--gpu-backend", "opengl"] if VERSION >= (5, 0) else []
        file = str(HERE / "windowed.py")
        code, output = blender(f"exec(compile(open({file!r}).read(), {file!r}, 'exec'), "
                               f"dict(__file__={file!r}, __name__='__main__'))", *backend, **environment)
    finally:
        if server:
            server.kill()
            server.wait()
    assert code == 0 and "FOUND end" in output and "Traceback" not in output, output
    for where in ("timer", "modal", "depsgraph_update_post", "timer after rendering"):
        for use in ("enter", "refresh", "update"):
            assert f"FOUND {where} {use} works" in output, output
    for where, why in (("timer while rendering", "render job"), ("engine", "main thread"), ("render_pre", "main thread")):
        for use in ("enter", "refresh", "update"):
            lines = [line for line in output.splitlines() if line.startswith(f"FOUND {where} {use}")]
            assert lines and "refused" in lines[0] and why in lines[0], output


# ---- off, on, exit

def test_add_on_switched_off_and_on():
    from rnaslicer.supplier import events
    told = []
    m, image = mesh(), random_image(random.Random(1))
    from rnaslicer import Slicer
    with positions(m) as vw, Slicer(image)["pixels", :, :, :] as other:
        for wrapper in (vw, other):
            wrapper.on_lost.append(told.append)
        held = vw.memcache.tolist()
        try:
            events.unsubscribe()
            assert sorted(map(id, told)) == sorted(map(id, (vw, other)))
            assert not vw.alive
            for use in (vw.refresh, vw.update, lambda: vw.supplier, lambda: enter_and_leave(m)):
                with refused("ContextError", "add-on", "switched off", "switch it on"):
                    use()
            same(vw.memcache.tolist(), held)
            m.vertices[0].co.x = 5.0
            bpy.context.scene.update_tag()
            bpy.context.view_layer.update()
            assert len(told) == 2
        finally:
            events.resume()
        assert vw.alive and len(told) == 2
        vw.refresh()
        same(vw.memcache[0, 0], 5.0)
        bpy.data.meshes.remove(m)
        bpy.context.scene.update_tag()
        bpy.context.view_layer.update()
        assert told[2:] == [vw], "told again: this is another loss"


def test_left_while_switched_off():
    from rnaslicer.supplier import events
    m = mesh()
    try:
        with positions(m):
            events.unsubscribe()
        assert not events._watched
    finally:
        events.resume()
    enter_and_leave(m)


EXIT = """
import atexit, builtins, bpy
from rnaslicer import Slicer
mesh = bpy.data.meshes.new("Random")
mesh.vertices.add(100)
vw = Slicer(mesh.vertices)[:, 'co', :]
vw.__enter__()
vw.on_lost.append(lambda w: print("LOST", bpy.context.scene.name, flush=True))


def trying(where):
    for use in (vw.refresh, vw.update, lambda: vw.supplier, lambda: Slicer(mesh)):
        try:
            use()
            print(where, "did it", flush=True)
        except BaseException as error:
            print(where, type(error).__name__, error, flush=True)
    print(where, "alive", vw.alive, vw.memcache.shape, flush=True)


class Holder:
    def __del__(self):
        trying("DEL")
        vw.__exit__(None, None, None)


def generator():
    with Slicer(mesh.vertices)[:, 'co', :] as inner:
        while True:
            yield inner.memcache


builtins.holder, builtins.generator = Holder(), generator()
next(builtins.generator)
atexit.register(trying, "ATEXIT")
"""


def check_exit(output):
    assert "Traceback" not in output and "Exception ignored" not in output, output
    for where in ("ATEXIT", "DEL"):
        assert output.count(f"{where} ContextError rnaslicer cannot be used now: Blender is exiting") == 4, output
        assert f"{where} alive False (100, 3)" in output, output


def test_exit_with_entered_wrappers():
    """atexit's functions, __del__ and generators run when Blender has freed its data: refused, no crash."""
    code, output = blender(EXIT, "-b")
    assert code == 0, output
    check_exit(output)
    assert VERSION < (5, 0) or "LOST Scene" in output, output


def test_exit_by_a_script():
    code, output = blender(EXIT + "\nsys.exit(3)", "-b")
    assert code == 3, output
    check_exit(output)
