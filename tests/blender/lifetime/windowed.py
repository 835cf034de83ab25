# tests/blender/lifetime/windowed.py: a Blender with a window, in which timers, a modal operator and a render job use wrappers
"""Started by test_lifetime_contexts.py as `blender --python windowed.py`; prints one line per finding and quits."""
import random
import sys
import threading
import traceback
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import random_mesh  # noqa: E402

from rnaslicer import Slicer  # noqa: E402
from rnaslicer.errors import ContextError  # noqa: E402

seen = set()
enough = threading.Event()


def find(what):
    if what not in seen:
        seen.add(what)
        sys.stdout.write(f"FOUND {what}\n")  # in one piece: the render job writes, too
        sys.stdout.flush()


def uses(where, wrapper, mesh_name="Random"):
    """Enter, refresh and update, here and now: what each ends in."""
    def enter():
        with Slicer(bpy.data.meshes[mesh_name].vertices)[:, "co", 0]:
            pass

    for name, use in (("enter", enter), ("refresh", wrapper.refresh), ("update", wrapper.update)):
        try:
            use()
        except ContextError as error:
            find(f"{where} {name} refused: {error}")
        except BaseException:
            traceback.print_exc()
            find(f"{where} {name} FAILED")
        else:
            find(f"{where} {name} works")


class Engine(bpy.types.RenderEngine):
    """Renders nothing, slowly."""

    bl_idname, bl_label = "SLOW", "Slow"

    def render(self, _depsgraph):
        uses("engine", wrapper)
        enough.wait()


class Modal(bpy.types.Operator):
    bl_idname, bl_label = "rnaslicer.test_modal", "Modal"

    def invoke(self, context, _event):
        self.timer = context.window_manager.event_timer_add(0.05, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        uses("modal", wrapper)
        context.window_manager.event_timer_remove(self.timer)
        return {"FINISHED"}


def on_render_pre(*_):
    uses("render_pre", wrapper)


def on_update(*_):
    uses("depsgraph_update_post", wrapper)


def window():
    return {"window": bpy.context.window_manager.windows[0]}


def steps():
    """What happens, one step at each call of the timer."""
    uses("timer", wrapper)
    bpy.context.scene.update_tag()
    yield
    bpy.app.handlers.depsgraph_update_post.remove(on_update)
    with bpy.context.temp_override(**window()):
        bpy.ops.rnaslicer.test_modal("INVOKE_DEFAULT")
    while "modal update works" not in seen:
        yield
    bpy.app.handlers.render_pre.append(on_render_pre)
    with bpy.context.temp_override(**window()):
        bpy.ops.render.render("INVOKE_DEFAULT")
    while not bpy.app.is_job_running("RENDER"):
        yield
    uses("timer while rendering", wrapper)
    enough.set()
    while bpy.app.is_job_running("RENDER"):
        yield
    uses("timer after rendering", wrapper)
    find("end")


def tick():
    try:
        next(running)
        return 0.05
    except StopIteration:
        pass
    except BaseException:
        traceback.print_exc()
    enough.set()
    # Leaves with the wrapper entered.
    with bpy.context.temp_override(**window()):
        bpy.ops.wm.quit_blender()


for cls in (Engine, Modal):
    bpy.utils.register_class(cls)
scene = bpy.context.scene
scene.render.engine = "SLOW"
scene.render.resolution_x = scene.render.resolution_y = 8
scene.render.filepath = "/dev/null"
random_mesh(random.Random(1), 3, 3, layers=False).use_fake_user = True
wrapper = Slicer(bpy.data.meshes["Random"].vertices)[:, "co"]
wrapper.__enter__()
bpy.app.handlers.depsgraph_update_post.append(on_update)
running = steps()
bpy.app.timers.register(tick, first_interval=0.5)
