# addon/bundle.py: makes the package `rnaslicer` importable at top level and loads it.
"""An extension's wheel is put on sys.path by Blender itself. A legacy add-on carries the same files
in its folder modules/ and has to do that on its own; the folder is missing in an extension.

Compiled code cannot be replaced while Blender runs: after an update the package that is loaded is the
older one until Blender is started again. All that is asked of a package of another version is
`__version__`, `events` and `discovery.cancel()`."""

import importlib
import importlib.machinery
import importlib.util
import os
import re
import sys

MODULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "modules")

#: The loaded package of this add-on's version, or None; then `trouble` says why.
package = None
#: What the user should know, in one line; empty if all is well.
trouble = ""

_loaded = None  # of whatever version


def provide(version):
    """Puts the bundled package on sys.path, if there is one, and loads it."""
    global package, trouble, _loaded
    refuse_beside_another()
    if os.path.isdir(MODULES) and MODULES not in sys.path:
        sys.path.append(MODULES)
    package, trouble = None, ""
    try:
        _loaded = importlib.import_module("rnaslicer")
    except ImportError as error:  # another platform, or an older glibc
        _loaded = None
        tell(f"RNA Slicer cannot be loaded: {error}")
        return
    _loaded.events.resume()  # what scripts kept entered while it was off works again
    loaded = getattr(_loaded, "__version__", "of unknown version")
    if loaded == version:
        package = _loaded
        compile_ahead(os.path.dirname(_loaded.__file__))
    elif (found := version_on_path()) == version:
        tell(f"Restart Blender to go from RNA Slicer {loaded} to {version}")
    else:
        folder = os.path.dirname(_loaded.__file__ or "")
        tell(f"RNA Slicer {version} brings its package, but Blender finds {found or loaded} first: remove {folder} "
             "and restart Blender")


def compile_ahead(folder):
    """Has Python compile the package where it was just unpacked, as importing all of it would: else a user's first slicing,
    for which most of it is loaded, takes 0.1 s longer. At later starts this is a look at one file."""
    if is_compiled(os.path.join(folder, "wrapper.py")):  # the last of those below
        return
    for path in sorted(os.path.join(where, name) for where, _, names in os.walk(folder) for name in names):
        if path.endswith(".py"):
            try:
                importlib.machinery.SourceFileLoader("ahead", path).get_code("ahead")
            except (OSError, SyntaxError):
                return
            if not is_compiled(path):  # a folder that cannot be written to, or Python is told to write nothing
                return


def is_compiled(path):
    """Whether Python keeps code of a file as it is now."""
    try:
        return os.path.getmtime(importlib.util.cache_from_source(path)) >= os.path.getmtime(path)
    except OSError:
        return False


def withdraw():
    """Undoes `provide` for imports to come; what scripts have imported stays theirs."""
    global package, _loaded
    if _loaded:
        _loaded.discovery.cancel()
        _loaded.events.unsubscribe()  # wrappers that are entered are told, and refuse until it is on again
    package = _loaded = None
    if MODULES in sys.path:
        sys.path.remove(MODULES)


def refuse_other_build(error):
    """The package that is loaded has this add-on's version, and yet not what this add-on calls: it was built anew."""
    global package
    package = None
    tell(f"Restart Blender: the RNA Slicer that is loaded is of another build ({error})")


def tell(text):
    """In the preferences, and where Blender was started from."""
    global trouble
    trouble = text
    print(text, file=sys.stderr)


def refuse_beside_another():
    """Both copies would use one package and register the same operators."""
    for name, module in list(sys.modules.items()):
        if name != __package__ and getattr(module, "__addon_enabled__", False) and is_copy(module):
            raise RuntimeError(f"RNA Slicer {module.VERSION} is enabled as '{name}' already: disable it, restart "
                               f"Blender, then enable '{__package__}'")


def is_copy(module):
    return hasattr(module, "VERSION") and hasattr(getattr(module, "bundle", None), "provide")


def version_on_path():
    """Of the package that Blender would import if it were started now; None if it says nothing."""
    importlib.invalidate_caches()
    spec = importlib.machinery.PathFinder.find_spec("rnaslicer")
    if spec is None or not spec.origin:
        return None
    with open(spec.origin, encoding="utf-8") as file:
        found = re.search(r"^__version__ = ['\"](.+?)['\"]", file.read(), re.M)
    return found and found[1]
