# tests/blender/faults/test_hostile_memcache.py: hostile arguments of a MemCache: it ends as a memoryview does
import random

import numpy as np

from hostile import Trouble, objects
from support import EVERY, random_mesh


def memory_calls(view, shape):
    """What can be asked of a memoryview with an argument, as (name, function of the argument)."""
    def setter(key):
        return lambda x: view.__setitem__(key, x)
    yield from {"get": view.__getitem__, "delete": view.__delitem__, "set at": lambda x: view.__setitem__(x, 1.0),
                "slice": lambda x: view[x:x], "step": lambda x: view[::x], "set": setter(0), "set all": setter(EVERY),
                "equal": lambda x: view == x, "less": lambda x: view < x, "in": lambda x: x in view,
                "cast": view.cast, "cast shape": lambda x: view.cast("B", x), "tobytes": view.tobytes, "hex": view.hex,
                "hex groups": lambda x: view.hex(":", x), "pair": lambda x: view[x, 0],
                "wrong shape": lambda x: view.cast("B", [x, x])}.items()


def test_memcache_is_as_a_memoryview():
    """Each call ends as memoryview's own does: a value, or an error of the same class."""
    from rnaslicer import Slicer
    m = random_mesh(random.Random(5), 4, 3, layers=False)
    wrong, count, agreed = [], 0, 0
    for part in ("x", EVERY):
        with Slicer(m.vertices)[:, "co", part] as vw:
            values = np.array(vw.memcache)
            calls = dict(memory_calls(vw.memcache, vw.shape))
            mirror = memoryview(values.copy())
            if part != "x":  # a memoryview has no slices of several axes
                for name in ("slice", "step", "set all", "set", "set at", "get", "pair", "in"):
                    calls.pop(name)
            for name, theirs in memory_calls(mirror, values.shape):
                if name not in calls:
                    continue
                for (label, mine), (_, other) in zip(objects(), objects()):
                    count += 1
                    found, wanted = ending(calls[name], mine), ending(theirs, other)
                    agreed += found == wanted
                    if found != wanted and not more_than_memoryview(name, label, found):
                        wrong.append(f"{name} {label} {part}: {found and found.__name__}, not {wanted and wanted.__name__}")
    assert count > 1500 and agreed > 1000, (count, agreed)
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong[:60])


def more_than_memoryview(name, label, found):
    """Whether a MemCache may differ there: it takes an Ellipsis, one number for all, and sequences of any kind, whose
    own errors pass as those of an __index__ do."""
    if label == "ellipsis":
        return name in ("get", "set at", "pair") and found is None
    if name == "set all":
        return found in (None, TypeError, ValueError, Trouble)
    return name == "cast shape" and found is Trouble and "subclass" in label


def ending(call, argument):
    """The class of what it raises, or None."""
    try:
        call(argument)
    except BaseException as error:
        return type(error)
    return None
