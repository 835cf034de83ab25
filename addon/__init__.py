# addon/__init__.py: the add-on RNA Slicer: brings the package `rnaslicer` and its settings into Blender.
"""Legacy add-on in 3.4 (`bl_info`), extension from 4.2 on (blender_manifest.toml); same source."""

bl_info = {
    "name": "RNA Slicer",
    "description": "JIT-compiled memoryviews over Blender's data, for scripts",
    "author": "The RNA Slicer developers",
    "version": (0, 2, 0),
    "blender": (3, 4, 0),
    "location": "Python: from rnaslicer import Slicer; Text Editor > Sidebar > Kernels",
    "category": "Development",
}

import sys

import bpy

# Installed over another version while Blender runs, this file is loaded anew, but not those beside it.
for name in [name for name in sys.modules if name.startswith(__package__ + ".")]:
    del sys.modules[name]
    globals().pop(name[len(__package__) + 1:], None)

from . import bundle, command, inspector, menu, operators, preferences  # noqa: E402

# Blender deletes an extension's bl_info after the import.
VERSION = ".".join(map(str, bl_info["version"]))
CLASSES = (operators.RNASLICER_OT_clear_disk_cache, operators.RNASLICER_OT_copy_import,
           operators.RNASLICER_OT_discover, operators.RNASLICER_OT_cancel_discovery, preferences.RnaslicerPreferences)


def register():
    bundle.provide(VERSION)
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    menu.register()
    inspector.register()
    command.register()
    preferences.apply_saved()


def unregister():
    command.unregister()
    inspector.unregister()
    menu.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    bundle.withdraw()
