# runtime/rnaslicer/layout/findings.py: what was found out about this build elsewhere, handed in; which layers it makes.
"""Layout asks here and not where it is found (discovery/): whoever puts the rooms together says whom to ask."""

import functools


def _nobody():
    return None


_ask = _nobody


def hand_in(ask):
    """`ask()` gives, from now on, what is known of the running build, or None: an object such as
    `discovery.found.Known`."""
    global _ask
    _ask = ask


def known():
    """What is known of the running build, or None. Cheap."""
    return _ask()


# What makes bpy's setters make their layers: collection, property, a value that is not the default.
_SETTERS = (("vertices", "select", True), ("vertices", "hide", True), ("edges", "select", True),
            ("edges", "hide", True), ("edges", "use_seam", True), ("edges", "use_edge_sharp", True),
            ("polygons", "select", True), ("polygons", "hide", True), ("polygons", "use_smooth", False),
            ("polygons", "material_index", 1))


@functools.cache
def _made():
    """Names of the layers that bpy's setters make in this build, seen on a scratch mesh."""
    import bpy

    mesh = bpy.data.meshes.new("scratch")
    try:
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        for collection, name, value in _SETTERS:
            setattr(getattr(mesh, collection)[0], name, value)
        return frozenset(mesh.attributes.keys())
    finally:
        bpy.data.meshes.remove(mesh)


def made():
    """Names of the layers that bpy's setters make: as the discovery run saw it, else by trying. None where
    bpy does not let us find out now (restricted contexts)."""
    found = known()
    if found is not None and found.layers:
        return found.layers
    try:
        return _made()
    except (AttributeError, RuntimeError):
        return None


def made_before():
    """The same if it is known already; else None."""
    found = known()
    if found is not None and found.layers:
        return found.layers
    return _made() if _made.cache_info().currsize else None
