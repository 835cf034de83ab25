# runtime/rnaslicer/transfer/__init__.py: what happens at each call: routes, lowering, writing.
