# runtime/rnaslicer/blender/temporary.py: data beside the file's, to look at
"""What is made there leaves nothing in the file, and no handler hears of it."""

import contextlib

from .. import _core


@contextlib.contextmanager
def entered(manager):
    """`with manager as data` for what `bpy.data.temp_data()` gives: hazards.TEMPORARY_DATA. No object for what is made
    within may outlive this: Blender frees it."""
    data = manager.__enter__()
    _core.add_reference(data)
    try:
        yield data
    finally:
        manager.__exit__(None, None, None)
