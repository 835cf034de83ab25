# runtime/rnaslicer/basis/__init__.py: what Python itself gives too slowly: classes of plain values, modules when needed.
