# runtime/rnaslicer/entered/__init__.py: what a wrapper does beside its routes.
