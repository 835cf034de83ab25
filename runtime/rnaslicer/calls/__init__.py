# runtime/rnaslicer/calls/__init__.py: functions that scripts call in place of loops and calls of bpy.
