# runtime/rnaslicer/transfer/kernels/__init__.py: from leaves to plans and kernels; see README.md.
