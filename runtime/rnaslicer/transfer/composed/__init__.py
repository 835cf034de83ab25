# runtime/rnaslicer/transfer/composed/__init__.py: routes between a cache and what other routes move; see README.md.
