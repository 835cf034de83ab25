# tests/blender/faults/test_moments.py: hostile moments: add-ons being registered, other threads, callbacks, exits, lost handlers
"""Right, or a SlicerError that says what happened; Blender's data is whole afterwards."""
import contextlib
import gc
import random
import sys
import threading

import bpy
import numpy as np

from hostile import Judge, property_group
from support import EVERY, random_image, random_mesh, random_objects, refused, same, snapshot


def mesh(name="Random"):
    made = random_mesh(random.Random(5), 6, 5, name, layers=False)
    made.use_fake_user = True
    return made


def kinds():
    """(name, wrapper) of all routes and kinds of suppliers."""
    from rnaslicer import Slicer
    m = mesh()
    random_objects(random.Random(2), m, 3)
    image = random_image(random.Random(1), 5, 4)
    yield from {"positions": Slicer(m.vertices)[:, "co", :], "flags": Slicer(m.polygons)[:, "use_smooth"],
                "enum": Slicer(bpy.data.objects)[:, "rotation_mode"], "objects": Slicer(bpy.data.objects)[:, ("location", "scale")],
                "sequence": Slicer(list(bpy.data.objects))[:, "location"], "pixels": Slicer(image.pixels)[:],
                "scalar": Slicer(bpy.data.objects[0])["pass_index"], "through": Slicer(bpy.data.objects)[:, "data", "vertices", EVERY, "co"],
                "flat": Slicer(m.polygons, ragged="flat")[:, "vertices"], "int8": Slicer(m.loops, dtype="b")[:, "vertex_index"],
                "normals": Slicer(m.polygons)[:, "normal"]}.items()


@contextlib.contextmanager
def registering():
    """As Blender imports and registers add-ons."""
    try:
        from _bpy_restrict_state import RestrictBlend
    except ImportError:
        from bpy_restrict_state import RestrictBlend
    with RestrictBlend():
        yield


def test_while_add_ons_are_registered():
    from rnaslicer import Slicer
    m = mesh()
    wrappers = dict(kinds())
    positions = [list(v.co) for v in m.vertices]
    with contextlib.ExitStack() as stack:
        outside = dict(kinds())["positions"]
        entered = [stack.enter_context(vw) for vw in dict(kinds()).values()]
        with registering():
            for vw in entered:
                for use in (vw.refresh, vw.update, lambda vw=vw: vw.refresh(vw.memcache)):
                    with refused("ContextError", "registers"):
                        use()
            for vw in wrappers.values():
                with refused("ContextError", "registers"):
                    vw.__enter__()
            judge = Judge()
            for vw in (*entered, *wrappers.values(), outside):
                for name in ("supplier", "shape", "format", "readonly", "alive", "kernel", "offsets"):
                    judge.call(name, getattr, vw, name)
            for supplier in (m, m.vertices, [m], m.vertices[0], bpy.data, bpy.context, None):
                slicer = judge.call("Slicer", Slicer, supplier)  # of a datablock that is known it may be made
                if slicer is not None:
                    with refused("ContextError", "registers"):
                        slicer[:, "vertices" if supplier == [m] else "co"].__enter__()
            judge.verdict(0)
        for vw in entered:
            vw.refresh()
    same([list(v.co) for v in m.vertices], positions)


def test_left_by_another_thread():
    """Between any two steps of a refresh: the values are right, or the error says that the context was left."""
    for name, vw in kinds():
        judge = Judge()
        for leave in (lambda: vw.__exit__(), lambda: (vw.__exit__(), vw.__enter__() if on_main() else None)):
            for wanted in range(0, 400, 7):
                vw.__enter__()
                steps = [0]

                def step(frame, event, _argument):
                    if "rnaslicer" not in frame.f_code.co_filename:
                        return None
                    steps[0] += 1
                    if steps[0] == wanted:
                        sys.settrace(None)
                        thread = threading.Thread(target=leave)
                        thread.start()
                        thread.join()
                    return step

                sys.settrace(step)
                try:
                    judge.call(name, lambda: (vw.refresh if wanted % 2 or vw.readonly else vw.update)())
                finally:
                    sys.settrace(None)
                vw.__exit__()
                if steps[0] < wanted:
                    break
        judge.verdict(1)
    gc.collect()


def on_main():
    return threading.current_thread() is threading.main_thread()


def test_other_threads():
    """Every public call: nothing is moved there."""
    import rnaslicer
    judge = Judge()

    def work(vw, entered):
        for use in (vw.refresh, vw.update, lambda: vw.refresh(vw.memcache), lambda: vw.update(vw.memcache[...])):
            judge.call("entered", use)
        judge.call("enter", entered.__enter__)
        for function in (rnaslicer.kernels, rnaslicer.cache_info, rnaslicer.clear_cache, rnaslicer.configure):
            judge.call(function.__name__, function)

    for (_, vw), (_, entered) in zip(kinds(), kinds()):
        with vw:
            thread = threading.Thread(target=work, args=(vw, entered))
            thread.start()
            thread.join()
    judge.verdict(50)


class Scripted:
    """What the update callback of a class runs: whatever a test wants."""

    hook = None

    @staticmethod
    def changed(group, _context):
        if Scripted.hook is not None:
            Scripted.hook(group)


@contextlib.contextmanager
def scripted(count=7):
    """A collection of such groups."""
    made = property_group({"number": bpy.props.IntProperty(update=Scripted.changed),
                           "vector": bpy.props.FloatVectorProperty(update=Scripted.changed)})
    bpy.utils.register_class(made)
    bpy.types.Object.test_scripted = bpy.props.CollectionProperty(type=made)
    try:
        ob = bpy.data.objects.new("Scripted", None)
        for i in range(count):
            ob.test_scripted.add().number = i
        yield ob.test_scripted
    finally:
        Scripted.hook = None
        del bpy.types.Object.test_scripted
        bpy.utils.unregister_class(made)


def test_callbacks_that_use_wrappers():
    """An update callback leaves, enters, refreshes and updates: its own wrapper and others."""
    from rnaslicer import Slicer
    judge = Judge()
    for name in ("number", "vector"):
        with scripted() as groups:
            others = dict(kinds())
            vw = Slicer(groups)[:, name]
            depth = []

            def within(use):
                def hook(_group):
                    if not depth:
                        depth.append(1)
                        try:
                            judge.call(f"{name} within", use)
                        finally:
                            depth.clear()
                return hook

            uses = [lambda: vw.__exit__(), lambda: vw.refresh(), lambda: vw.update(), lambda: (vw.__exit__(), vw.__enter__()),
                    lambda: vw.update(vw.memcache[:2]), lambda: vw.__enter__()]
            for other in others.values():
                uses += [other.__enter__, other.__exit__, lambda other=other: (other.__enter__(), other.refresh(), other.__exit__())]
            for use in uses:
                if "entered" not in repr(vw):
                    vw.__enter__()
                np.asarray(vw.memcache)[...] = random.randrange(100)
                before = np.array(vw.memcache).tolist()
                Scripted.hook = within(use)
                judge.call(name, vw.update)
                Scripted.hook = None
                if "entered" in repr(vw):
                    vw.refresh()
                values = [list(getattr(g, name)) if name == "vector" else getattr(g, name) for g in groups]
                assert all(v in before for v in values) or "entered" not in repr(vw), (name, values, before)
            vw.__exit__()
            for other in others.values():
                other.__exit__()
    judge.verdict(4)


def test_loads_that_nobody_told():
    """All handlers cleared, then another file: not "removed"."""
    from rnaslicer import Slicer
    others = handlers_of_all()
    try:
        load_untold(Slicer)
    finally:  # other add-ons miss theirs when they are switched off
        for handlers, before in others:
            handlers[:] = before


def handlers_of_all():
    lists = (getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers))
    return [(handlers, handlers[:]) for handlers in lists if isinstance(handlers, list)]


def load_untold(Slicer):
    for clear_first in (False, True):
        m = mesh()
        kept = mesh("Kept")
        vw, gone = Slicer(m.vertices)[:, "co"], Slicer(kept.vertices)[:, "co"]
        with contextlib.ExitStack() as stack:
            if not clear_first:
                stack.enter_context(vw)
            clear_handlers()
            bpy.data.meshes.remove(kept)
            with refused("SupplierLostError", "removed"):  # no file was loaded
                gone.__enter__()
            bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
            again = mesh("Again")
            with Slicer(again.vertices)[:, "co"]:  # which puts our handlers back
                pass
            with refused("SupplierLostError", "another file was loaded"):
                vw.supplier
            with refused("SupplierLostError", "another file was loaded" if not clear_first else "loaded"):
                (vw.refresh if not clear_first else vw.__enter__)()
            bpy.data.meshes.remove(again)


def clear_handlers():
    for handlers, _ in handlers_of_all():
        handlers.clear()


def test_generators_that_are_closed():
    from rnaslicer import Slicer
    m = mesh()

    def stream():
        with Slicer(m.vertices)[:, "co", :] as vw:
            while True:
                yield vw
                vw.refresh()

    judge = Judge(ValueError)
    for end in ("close", "throw", "collect", "thread"):
        running = stream()
        vw = next(running)
        view = vw.memcache[1:3]
        if end == "close":
            running.close()
        elif end == "throw":
            with contextlib.suppress(KeyError):
                running.throw(KeyError("x"))
        elif end == "thread":
            thread = threading.Thread(target=running.close)
            thread.start()
            thread.join()
        else:
            del running
            gc.collect()
        for use in (vw.refresh, vw.update, lambda: vw.memcache, lambda: vw.refresh(view), view.tolist):
            judge.call(end, use)
        vw.__exit__()
    judge.verdict(20)


def test_while_a_view_layer_is_behind():
    """Through a view layer's depsgraph, before and after it was evaluated."""
    from rnaslicer import Slicer
    m = mesh()
    random_objects(random.Random(1), m, 2)
    layer = bpy.context.view_layer
    judge = Judge()
    for expression in ((("depsgraph", "objects", EVERY, "location")), ("depsgraph", "ids", EVERY, "tag"),
                       ("depsgraph", "object_instances", EVERY, "matrix_world"), ("depsgraph", "updates", EVERY, "is_updated_geometry"),
                       ("depsgraph", "object_instances", EVERY, "object", "location"), ("depsgraph", "scene", "frame_current"),
                       ("depsgraph", "object_instances", 0, "random_id"), ("objects", EVERY, "location"),
                       ("depsgraph", "object_instances", EVERY, ("random_id", "show_self")), ("depsgraph", "objects", EVERY, "data", "vertices", EVERY, "co"),
                       ("depsgraph", "view_layer", "objects", EVERY, "scale"), ("layer_collection", "children", EVERY, "exclude")):
        for supplier in (layer, bpy.context.scene.view_layers[0]):
            wrapper = judge.call(str(expression), lambda: Slicer(supplier)[expression])
            if wrapper is None:
                continue
            for _ in range(2):
                entered = judge.call(str(expression), wrapper.__enter__)
                if entered is not None:
                    judge.call(f"refresh {expression}", wrapper.refresh)
                    judge.call(f"update {expression}", wrapper.update)
                    bpy.context.view_layer.update()
                    judge.call(f"refresh {expression}", wrapper.refresh)
                    wrapper.__exit__()
                bpy.context.scene.frame_set(random.randrange(5))
    for supplier in (layer.depsgraph, bpy.context.evaluated_depsgraph_get()):
        judge.call("depsgraph", Slicer, supplier)
        judge.call("instances", Slicer, supplier.object_instances)
    judge.verdict(1)


def test_inside_handlers():
    """Of frame changes, evaluations, loads, undo: each public call."""
    from rnaslicer import Slicer
    m = mesh()
    judge, wrappers = Judge(), dict(kinds())

    def handler(*_):
        for name, vw in wrappers.items():
            judge.call(f"enter {name}", vw.__enter__)
            judge.call(f"refresh {name}", vw.refresh)
            if not judge.call("readonly", getattr, vw, "readonly"):
                judge.call(f"update {name}", vw.update)
            vw.__exit__()
            judge.call("alive", getattr, vw, "alive")
        judge.call("slicer", lambda: Slicer(bpy.data.meshes)[:, "use_fake_user"].__enter__().__exit__())

    names = ("frame_change_pre", "frame_change_post", "depsgraph_update_pre", "depsgraph_update_post", "load_pre", "load_post",
             "undo_pre", "undo_post", "redo_pre", "redo_post")
    try:
        for name in names:
            getattr(bpy.app.handlers, name).append(handler)
        bpy.context.scene.frame_set(3)
        m.update_tag()
        bpy.context.view_layer.update()
        bpy.ops.ed.undo_push()
        bpy.ops.ed.undo_push()
        for operator in (bpy.ops.ed.undo, bpy.ops.ed.redo):
            with contextlib.suppress(RuntimeError):
                operator()
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    finally:
        for name in names:
            handlers = getattr(bpy.app.handlers, name)
            while handler in handlers:
                handlers.remove(handler)
    assert judge.count > 200
    judge.verdict(0)
