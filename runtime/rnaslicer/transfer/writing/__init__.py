# runtime/rnaslicer/transfer/writing/__init__.py: what must hold before a write, and what makes Blender notice it.
