# cmake/run/enable_addon.py: inside Blender: installs the archive after `--` and saves it as enabled.

import sys

import addon_utils
import bpy

archive = sys.argv[sys.argv.index("--") + 1]
if bpy.app.version < (4, 2):
    module = "rnaslicer_addon"
    bpy.ops.preferences.addon_install(filepath=archive, overwrite=True)
    bpy.ops.preferences.addon_enable(module=module)
else:
    module = "bl_ext.user_default.rnaslicer_addon"
    bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
if addon_utils.check(module) != (True, True):
    raise SystemExit(f"{module} could not be enabled")
bpy.ops.wm.save_userpref()
