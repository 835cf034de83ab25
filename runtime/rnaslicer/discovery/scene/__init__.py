# runtime/rnaslicer/discovery/scene/__init__.py: the scratch data that a discovery run probes.
