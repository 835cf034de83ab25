# addon/command.py: `blender --command rnaslicer ...` from 4.2 on: the words of `python3 -m rnaslicer`.

import bpy

from . import bundle

_registered = None  # Blender's handle on it


def run(arguments):
    """What Blender calls; its result is the exit code."""
    if not bundle.package:
        print(bundle.trouble)
        return 1
    try:
        return bundle.package.inspection.command.main(arguments)
    except SystemExit as leave:  # argparse, after a wrong word or --help
        return leave.code or 0


def register():
    global _registered
    if hasattr(bpy.utils, "register_cli_command"):
        _registered = bpy.utils.register_cli_command("rnaslicer", run)


def unregister():
    global _registered
    if _registered is not None:
        bpy.utils.unregister_cli_command(_registered)
        _registered = None
