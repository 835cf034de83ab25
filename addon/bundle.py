# addon/bundle.py: makes the package `rnaslicer` importable at top level and loads it.
"""An extension's wheel is put on sys.path by Blender itself. A legacy add-on carries the same files
in its folder modules/ and has to do that on its own; the folder is missing in an extension."""

import importlib
import os
import sys

MODULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "modules")

#: The loaded package, or None; then `trouble` says why.
package = None
#: What the user should know, in one line; empty if all is well.
trouble = ""


def provide(version):
    """Puts the bundled package on sys.path, if there is one, and loads it."""
    global package, trouble
    if os.path.isdir(MODULES) and MODULES not in sys.path:
        sys.path.append(MODULES)
    trouble = ""
    try:
        package = importlib.import_module("rnaslicer")
    except ImportError as error:  # another platform, or an older glibc
        package = None
        trouble = f"rnaslicer cannot be loaded: {error}"
        print(trouble, file=sys.stderr)
        return
    package.events.resume()  # what scripts kept entered while it was off works again
    # A compiled module cannot be replaced while Blender runs.
    loaded = getattr(package, "__version__", version)
    if loaded != version:
        trouble = f"Restart Blender to go from rnaslicer {loaded} to {version}"


def withdraw():
    """Undoes `provide` for imports to come; what scripts have imported stays theirs."""
    global package
    if package:
        package.discovery.cancel()
        package.events.unsubscribe()  # wrappers that are entered are told, and refuse until it is on again
    package = None
    if MODULES in sys.path:
        sys.path.remove(MODULES)
