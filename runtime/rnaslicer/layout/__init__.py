# runtime/rnaslicer/layout/__init__.py: where values lie: places, storage, proofs.
