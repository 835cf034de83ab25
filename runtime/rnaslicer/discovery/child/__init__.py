# runtime/rnaslicer/discovery/child/__init__.py: what the throw-away Blender of a discovery run executes.
