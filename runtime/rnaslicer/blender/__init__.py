# runtime/rnaslicer/blender/__init__.py: what the running build says of itself: RNA, SDNA, calibration, layers, lists.
