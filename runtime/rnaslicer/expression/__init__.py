# runtime/rnaslicer/expression/__init__.py: items bound to RNA: shapes, leaves, components, nested collections.
