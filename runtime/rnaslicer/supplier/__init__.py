# runtime/rnaslicer/supplier/__init__.py: who the supplier is, and how it is found anew.
