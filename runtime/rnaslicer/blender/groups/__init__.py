# runtime/rnaslicer/blender/groups: how the values of scripts' properties are kept; see README.md.
