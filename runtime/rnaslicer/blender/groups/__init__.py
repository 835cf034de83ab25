# runtime/rnaslicer/blender/groups/__init__.py: how the values of scripts' properties are kept; see README.md.
