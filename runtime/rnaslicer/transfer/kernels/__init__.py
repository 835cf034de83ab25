# runtime/rnaslicer/transfer/kernels: from leaves to plans and kernels; see README.md.
