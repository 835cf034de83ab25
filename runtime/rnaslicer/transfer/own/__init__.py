# runtime/rnaslicer/transfer/own/__init__.py: nothing.
