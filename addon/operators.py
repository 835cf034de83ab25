# addon/operators.py: what the preferences' buttons do.

import bpy

from . import bundle


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
