# tests/blender/trails/trail_ways.py: who did a transfer, native code or the routes, for the tests of trails
"""A trail is kept for the session and followed for every datablock of a kind. `natively` says who did it."""
from support import plain


def counts():
    from rnaslicer import _core
    return _core.trail_counts()


def natively(direction, function):
    """Runs it; native code must have done it."""
    before = counts()[direction]
    result = function()
    after = counts()[direction]
    assert after == (before[0] + 1, before[1]), (direction, before, after)
    return result


def read(supplier, *items, **options):
    """(values, how many enters native code did)."""
    from rnaslicer import Slicer
    before = counts()["enter"][0]
    with Slicer(supplier, **options)[items] as vw:
        return vw.memcache.tolist(), counts()["enter"][0] - before


def known(supplier, *items, **options):
    """Reads until native code does it."""
    read(supplier, *items, **options)
    values, native = read(supplier, *items, **options)
    if not native:  # of values that foreach_get tells Python looks now and then if memory tells them
        values, native = read(supplier, *items, **options)
    assert native, items
    return values


def values(collection, name):
    return [plain(getattr(one, name)) for one in collection]


def layer(mesh, data_type, domain="POINT", name="Layer"):
    """The layer of that name made anew, with values that tell it from others."""
    if name in mesh.attributes:
        mesh.attributes.remove(mesh.attributes[name])
    data = mesh.attributes.new(name, data_type, domain).data
    for i, one in enumerate(data):
        if hasattr(one, "value"):
            one.value = type(one.value)(i % 2 if data_type == "BOOLEAN" else i + 1)
        else:
            setattr(one, "vector" if hasattr(one, "vector") else "color", [i + 1] * (2 if data_type == "FLOAT2" else 3))
    return mesh.attributes[name]
