# runtime/rnaslicer/discovery/child/start.py: the script that the throw-away Blender of a discovery run executes.
"""blender -b --factory-startup --python start.py -- FOLDER OUTPUT REQUEST

FOLDER: where the package is. OUTPUT: findings, one JSON line each, as they come. REQUEST: JSON with
`seconds` of the processor to use, `done` groups and `skip` ("Type.property", "group:name") after a crash.
"""

import importlib
import json
import os
import sys
import threading


def watch_parent():
    """Ends this process when the parent closes our standard input, or dies."""
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    folder, output, request = sys.argv[sys.argv.index("--") + 1 :]
    threading.Thread(target=watch_parent, daemon=True).start()
    sys.path.insert(0, folder)

    from rnaslicer import _core
    from rnaslicer.discovery import store
    from rnaslicer.discovery.child.tour import Tour

    assert importlib.import_module("rnaslicer").ViewWrapper  # which puts the rooms together: a process has a top of its own
    _core.configure(jit=False, disk_cache=False)
    tour = Tour(output, json.loads(request))
    tour.say(build=store.running())
    tour.groups()
    os._exit(0)  # not Blender's own exit: its data was tampered with
