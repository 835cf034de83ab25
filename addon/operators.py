# addon/operators.py: what the preferences' buttons do.

import bpy

from . import bundle

IMPORT = "from rnaslicer import Slicer"


def readable_size(nbytes):
    """`1536` as '1.5 KiB'."""
    size, units = float(nbytes), ["B", "KiB", "MiB", "GiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{size:.0f} {units[0]}" if units[0] == "B" or size >= 100 else f"{size:.1f} {units[0]}"


class RNASLICER_OT_clear_disk_cache(bpy.types.Operator):
    bl_idname = "rnaslicer.clear_disk_cache"
    bl_label = "Clear"
    bl_description = ("Delete the compiled kernels on disk. "
                      "They are compiled again when they are needed; those in use stay loaded")

    @classmethod
    def poll(cls, _context):
        return bundle.package is not None

    def execute(self, _context):
        before = bundle.package.cache_info()["disk_bytes"]
        bundle.package.clear_cache(memory=False, disk=True)
        after = bundle.package.cache_info()["disk_bytes"]
        self.report({"INFO"}, f"Freed {readable_size(before - after)}")
        return {"FINISHED"}


class RNASLICER_OT_copy_import(bpy.types.Operator):
    bl_idname = "rnaslicer.copy_import"
    bl_label = "Copy"
    bl_description = "Copy the line that a script begins with (r, n, a: RNA is Blender's word for its data)"

    def execute(self, context):
        context.window_manager.clipboard = IMPORT
        self.report({"INFO"}, f"Copied: {IMPORT}")
        return {"FINISHED"}


class RNASLICER_OT_discover(bpy.types.Operator):
    bl_idname = "rnaslicer.discover"
    bl_label = "Examine this Blender"
    bl_description = ("Find out how this Blender stores flags, keyframes, byte colours and the like: some fifteen "
                      "seconds of another Blender in the background. Only speed depends on it; this session and its "
                      "file are not touched")

    @classmethod
    def poll(cls, _context):
        return bundle.package is not None and bundle.package.discovery.progress() is None

    def execute(self, _context):
        try:
            if bpy.app.background:
                bundle.package.discover()
            else:
                bundle.package.discovery.start()
        except (bundle.package.DiscoveryError, OSError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class RNASLICER_OT_cancel_discovery(bpy.types.Operator):
    bl_idname = "rnaslicer.cancel_discovery"
    bl_label = "Cancel"
    bl_description = "Stop examining this Blender. It is not started again by itself in this session"

    @classmethod
    def poll(cls, _context):
        return bundle.package is not None and bundle.package.discovery.progress() is not None

    def execute(self, _context):
        bundle.package.discovery.cancel()
        return {"FINISHED"}
