# runtime/rnaslicer/__main__.py: `python3 -m rnaslicer …`, without Blender.
import sys

from .inspection.command import main

sys.exit(main())
