# addon/preferences.py: settings that outlive a session, and what the kernel cache holds.

import time

import bpy

from . import bundle
from .operators import (IMPORT, RNASLICER_OT_cancel_discovery, RNASLICER_OT_clear_disk_cache, RNASLICER_OT_copy_import,
                        RNASLICER_OT_discover, readable_size)

# Blender redraws the panel at each mouse move; the folder need not be counted that often.
_cache_info = (0.0, {})


def cache_info():
    """`rnaslicer.cache_info()`, at most a second old."""
    global _cache_info
    asked, info = _cache_info
    if time.monotonic() - asked > 1.0:
        info = bundle.package.cache_info()
        _cache_info = (time.monotonic(), info)
    return info


def kernel_figures():
    """How many there are, and what they moved."""
    kernels = bundle.package.kernels()
    return f"{len(kernels)}, {readable_size(sum(kernel.bytes for kernel in kernels))} moved"


def apply(settings, _context=None):
    """Hands the settings to the package, for all kernels from the next refresh or update on."""
    if bundle.package:
        bundle.package.configure(jit=settings.jit, disk_cache=settings.disk_cache)
        bundle.package.discovery.allow(settings.discover, settings.discover_in_background)


def apply_saved():
    """At start: without an entry of ours, as under `--addons`, the package's defaults stand."""
    if addon := bpy.context.preferences.addons.get(__package__):
        try:
            apply(addon.preferences)
        except (AttributeError, TypeError, ValueError) as error:  # a register that raises would leave half an extension
            bundle.refuse_other_build(error)


class RnaslicerPreferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    jit: bpy.props.BoolProperty(
        name="Compile Kernels",
        description="Compile the code that copies the data for this CPU and this layout. "
                    "Off: an interpreter copies it, with the same results, only slower",
        default=True,
        update=apply,
    )
    disk_cache: bpy.props.BoolProperty(
        name="Keep on Disk",
        description="Keep compiled kernels for the next session, so that it need not compile them again",
        default=True,
        update=apply,
    )

    discover: bpy.props.BoolProperty(
        name="When a Script Would Profit",
        description="Examine in the background how this Blender stores its data, once for each Blender, when a "
                    "script would profit. Off: only by the button, or when a script asks for it",
        default=True,
        update=apply,
    )

    discover_in_background: bpy.props.BoolProperty(
        name="In Background Mode, Too",
        description="Also where Blender runs without a window (blender -b): the first script that would profit waits "
                    "for it, some fifteen seconds. RNASLICER_DISCOVER=1 or 0 in the environment has the last word",
        default=False,
        update=apply,
    )

    def draw(self, _context):
        layout = self.layout
        if bundle.trouble:
            row = layout.row()
            row.alert = True
            row.label(text=bundle.trouble, icon="ERROR")
        if not bundle.package:
            return
        info = cache_info()
        layout.use_property_split = True
        layout.use_property_decorate = False

        row = named_row(layout, "In Your Script")
        row.label(text=IMPORT)
        row.operator(RNASLICER_OT_copy_import.bl_idname, icon="COPYDOWN")

        column = layout.column(heading="Kernels")
        column.prop(self, "jit")
        column.prop(self, "disk_cache")

        column = layout.column(heading="Examine this Blender")
        column.prop(self, "discover")
        row = column.row()
        row.active = self.discover
        row.prop(self, "discover_in_background")
        draw_discovery(named_row(layout, "Flags, Keyframes, Byte Colours"))

        row = named_row(layout, "Kernels in Memory")
        row.label(text=kernel_figures())
        row.operator("rnaslicer.open_kernels", icon="TEXT")
        row = named_row(layout, "Disk Cache")
        row.label(text=readable_size(info["disk_bytes"]))
        row.operator(RNASLICER_OT_clear_disk_cache.bl_idname, icon="TRASH")

        self.draw_fact(layout, "Code For", f"{info['cpu']} ({info['tier']})" if self.jit else "Interpreter")
        self.draw_fact(layout, "Folder", info["directory"])

    @staticmethod
    def draw_fact(layout, name, value):
        row = named_row(layout, name)
        row.active = False
        row.label(text=value)


def named_row(layout, name):
    """A row for what is no property, in line with those that are."""
    split = layout.split(factor=0.4)
    label = split.row()
    label.alignment = "RIGHT"
    label.label(text=name)
    return split.row()


def draw_discovery(row):
    """Whether this Blender is examined, or how far the run is that does it."""
    discovery = bundle.package.discovery
    running = discovery.progress()
    if running is None:
        known = discovery.known()
        row.label(text=f"examined, {len(known)} properties" if known else "not examined yet (slower)")
        row.operator(RNASLICER_OT_discover.bl_idname, text="Examine Again" if known else "Examine this Blender",
                     icon="VIEWZOOM")
        return
    if hasattr(row, "progress"):  # Blender 4.0
        row.progress(factor=running[0], text=running[1])
    else:
        row.label(text=f"{running[0]:.0%} {running[1]}")
    row.operator(RNASLICER_OT_cancel_discovery.bl_idname, icon="X")
