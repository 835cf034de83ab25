# addon/inspector/rows.py: what the list shows: a copy of the kernels' figures, taken now and then.
"""Drawing may not write, and a list draws what a collection holds. So a timer copies the figures once a second
while the tab is drawn; it runs when Blender has nothing else to do, so that scripts never wait for it."""

import time

import bpy

from .. import bundle

PERIOD = 1.0  # seconds between two looks
_WIDEST = 1000  # characters of an expression

#: When the tab was drawn last (0: never); the text of the chosen kernel's verdict.
drawn, verdict = 0.0, ""
_asked = 0.0  # when it was asked to be drawn
_shown = ()  # what the list was filled from


def changed(_group, _context):
    """Another order or another row was chosen."""
    refresh(anew=True)


class RnaslicerKernel(bpy.types.PropertyGroup):
    """One row; `name` is what the list's filter searches."""

    signature: bpy.props.StringProperty()
    route: bpy.props.StringProperty()
    compiled: bpy.props.BoolProperty()
    share: bpy.props.StringProperty()
    moved: bpy.props.StringProperty()
    rate: bpy.props.StringProperty()
    memcpy: bpy.props.StringProperty()


class RnaslicerKernels(bpy.types.PropertyGroup):
    """The list, in the window manager: it belongs to no file (save_pre empties it)."""

    rows: bpy.props.CollectionProperty(type=RnaslicerKernel)
    active: bpy.props.IntProperty(update=lambda self, context: choose())
    sort: bpy.props.EnumProperty(
        name="Sort By",
        items=[("time", "Time", "Share of the time that all kernels ran"), ("bytes", "Bytes", "Bytes moved"),
               ("rate", "GB/s", "Bytes moved in a second"),
               ("memcpy", "% of memcpy", "Speed beside that of memcpy with as many bytes"),
               ("calls", "Calls", "How often it ran"), ("expression", "Expression", "By name")],
        default="time", update=changed)


def group():
    """The list, and what is chosen in it."""
    return bpy.context.window_manager.rnaslicer_kernels


def chosen():
    """`KernelInfo` of the chosen row, or None: nothing chosen, or it is gone, or bpy alone moves it."""
    listed = group()
    if not bundle.package or not 0 <= listed.active < len(listed.rows):
        return None
    return find(listed.rows[listed.active].signature)


def find(signature):
    """`KernelInfo` of a kernel in memory, or None."""
    for info in bundle.package.kernels() if signature and bundle.package else ():
        if info.signature == signature:
            return info
    return None


def refresh(anew=False):
    """Takes the figures into the list, if there are others; the chosen kernel stays chosen."""
    global _shown
    if not bundle.package:
        group().rows.clear()
        return False
    overview = bundle.package.inspection.rows
    listed = group()
    found = overview(listed.sort)
    state = [(row.kernel and row.kernel.signature, row.expression, row.calls, row.seconds, row.compiled)
             for row in found]
    if not anew and state == _shown and len(listed.rows) == len(found):
        return False
    _shown = state
    before = listed.rows[listed.active] if 0 <= listed.active < len(listed.rows) else None
    before = before and (before.signature, before.name)
    listed.rows.clear()
    at = 0
    for i, row in enumerate(found):
        item = listed.rows.add()
        fill(item, row)
        if (item.signature, item.name) == before or (before and item.signature and item.signature == before[0]):
            at = i
    listed["active"] = at  # without the update, which would look a second time
    choose()
    return True


def fill(item, row):
    """A row's texts."""
    share, _, _, _, _, moved, rate, memcpy, signature, expression = bundle.package.inspection.cells(row)
    item.name = (expression or signature)[:_WIDEST]
    item.signature = row.kernel.signature if row.kernel else ""
    item.route, item.compiled = row.route, row.compiled
    item.share, item.moved, item.rate, item.memcpy = share, moved, rate, memcpy


def choose():
    """Takes the verdict of the chosen row."""
    global verdict
    info, listed = chosen(), group()
    if info is not None:
        verdict = info.verdict
    elif 0 <= listed.active < len(listed.rows):
        item = listed.rows[listed.active]
        verdict = "\n".join([item.name, *bundle.package.inspection.reasons_of(item.name)])
    else:
        verdict = ""


def tick():
    """The timer: looks only while somebody sees the result. A tab that was asked to be drawn and was not is
    not seen."""
    global _asked
    if drawn > _asked and refresh():
        _asked = time.monotonic()
        redraw()
    return PERIOD


def redraw():
    """The sidebars of all text editors."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "TEXT_EDITOR":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


@bpy.app.handlers.persistent
def before_saving(*_):
    """Files keep no figures."""
    group().rows.clear()


@bpy.app.handlers.persistent
def after_saving(*_):
    refresh(anew=True)


CLASSES = (RnaslicerKernel, RnaslicerKernels)


def register():
    bpy.types.WindowManager.rnaslicer_kernels = bpy.props.PointerProperty(type=RnaslicerKernels)
    bpy.app.handlers.save_pre.append(before_saving)
    bpy.app.handlers.save_post.append(after_saving)
    if not bpy.app.background:
        bpy.app.timers.register(tick, first_interval=PERIOD, persistent=True)


def unregister():
    global _shown, verdict, drawn, _asked
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    bpy.app.handlers.save_pre.remove(before_saving)
    bpy.app.handlers.save_post.remove(after_saving)
    del bpy.types.WindowManager.rnaslicer_kernels
    _shown, verdict, drawn, _asked = (), "", 0.0, 0.0
