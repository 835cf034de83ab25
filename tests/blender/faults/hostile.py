# tests/blender/faults/hostile.py: objects that scripts should never hand over, and judges of what came of it
"""Each is made anew for every use, for some have side effects."""
import array
import ctypes
import decimal
import fractions
import mmap
import tempfile
import traceback

import bpy
import numpy as np

HUGE = (2**31, 2**32, 2**61, 2**62, 2**63 - 1, 2**63, 2**64, 10**30, 10**400)


class Trouble(Exception):
    """What hostile objects raise: no class of ours, nor of Python's."""


def raises(*_):
    raise Trouble("hostile")


def hostile_class(*methods, base=object, **namespace):
    """A class whose named methods raise."""
    return type("Hostile", (base,), dict.fromkeys(methods, raises) | namespace)


class Everything:
    """Raises whatever is asked of it."""

    __getattr__ = __index__ = __len__ = __iter__ = __eq__ = __hash__ = __bool__ = __repr__ = __getitem__ = raises
    __int__ = __float__ = __str__ = __buffer__ = __array__ = __call__ = __copy__ = __lt__ = __gt__ = raises


class Meta(type):
    """Classes that raise as arguments."""

    __hash__ = __eq__ = __call__ = __repr__ = raises


class Lying:
    """Says that it is something else."""

    @property
    def __class__(self):
        raise Trouble("class")


class Index:
    """An __index__ that does something first."""

    def __init__(self, value, before=lambda: None):
        self.value, self.before = value, before

    def __index__(self):
        self.before()
        return self.value


def objects():
    """(name, object) of everything odd that may stand anywhere."""
    growing = []
    growing += [1, Index(0, lambda: growing.append(1) if len(growing) < 9 else None)]
    shrinking = [0, Index(0, lambda: shrinking.clear()), 1, 1, 1]
    yield from {
        "everything": Everything(), "class": Meta("Class", (), {}), "lying": Lying(), "none": None, "not": NotImplemented,
        "ellipsis": ..., "object": object(), "type": type, "int": int, "nan": float("nan"), "inf": float("inf"),
        "complex": 1j, "decimal": decimal.Decimal(1), "fraction": fractions.Fraction(1, 3), "bytes": b"co",
        "bytearray": bytearray(b"co"), "surrogate": "\ud800", "nul": "co\0", "long": "x" * 10**6, "empty": "",
        "set": {1}, "dict": {1: 2}, "generator": (i for i in range(3)), "range": range(3), "iterator": iter([1]),
        "bpy": bpy, "operator": bpy.ops.mesh, "context": bpy.context, "app": bpy.app, "types": bpy.types,
        "rna type": bpy.types.Mesh, "rna": bpy.types.Mesh.bl_rna, "datetime": np.datetime64("2020"),
        "timedelta": np.timedelta64(1), "void": np.void(b"abcdefgh"), "npstr": np.str_("co"), "npbytes": np.bytes_(b"co"),
        "npfloat": np.float32(1), "npbool": np.bool_(True), "npint": np.int8(-1), "longdouble": np.longdouble(1),
        "datetimes": np.array(["2020", "2021"], "M8[D]"), "objects": np.array([0, None], object),
        "structured": np.zeros(3, "i4,f4"), "0d": np.array(1), "0d datetime": np.array("2020", "M8[D]"),
        "2d": np.zeros((2, 2), int), "swapped": np.array([0, 1], ">i4"), "strided": np.arange(9)[::-3],
        "empty array": np.zeros(0, int), "floats": array.array("d", [0.0]), "wide": array.array("u", "ab"),
        "uint64": np.array([2**63 + 1], np.uint64), "ctypes": (ctypes.c_int * 3)(0, 1, 2), "c_int": ctypes.c_int(1),
        "pointer": ctypes.pointer(ctypes.c_int(1)), "released": released(), "growing": growing, "shrinking": shrinking,
        "recursive": recursive(), "deep": deep(), "nested": [[0]], "mixed": ["co", 0], "module": np, "lambda": raises,
        "exception": Trouble(), "tuple": ("co", 1), "list subclass": hostile_class("__len__", "__iter__", base=list)([0]),
        "str subclass": hostile_class("__eq__", "__len__", "__repr__", "__hash__", base=str)("co"),
        "int subclass": hostile_class("__index__", "__eq__", "__repr__", "__lt__", "__hash__", base=int)(1),
        "tuple subclass": hostile_class("__len__", "__iter__", "__getitem__", base=tuple)(("co",)),
    }.items()
    for method in ("__index__", "__len__", "__eq__", "__hash__", "__getattr__", "__repr__", "__bool__", "__iter__"):
        yield method, hostile_class(method)()
    for number in HUGE:
        yield f"{number:.3e}" if number < 10**300 else "10**400", number
        yield f"-{number:.3e}" if number < 10**300 else "-10**400", -number
        yield "index of that", Index(number)


def released():
    view = memoryview(b"abcd")
    view.release()
    return view


def recursive():
    found = []
    found.append(found)
    return found


def deep():
    found = 0
    for _ in range(10_000):
        found = [found]
    return found


def of_another_process(size):
    """A buffer that other processes may write, too. (To import multiprocessing.shared_memory makes 3.4 crash at exit.)"""
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        return mmap.mmap(file.fileno(), size)


_groups = []


def property_group(properties):
    """A class to register; kept for ever, as an add-on's is."""
    made = type("Group", (bpy.types.PropertyGroup,), {"__annotations__": properties})
    _groups.append(made)
    return made


class Judge:
    """Runs calls; whatever comes out that is neither a value nor an error of ours is kept."""

    def __init__(self, *allowed):
        from rnaslicer import SlicerError
        self.ours, self.allowed, self.wrong, self.count, self.refused = SlicerError, allowed, [], 0, 0

    def call(self, what, function, *arguments, **named):
        """The value, or None after an error of ours."""
        self.count += 1
        try:
            return function(*arguments, **named)
        except self.ours as error:
            self.refused += 1
            if type(error) is self.ours:  # a fault of ours that nobody foresaw
                self.wrong.append(f"{what}: unforeseen: {error} from {error.__cause__!r}")
            if len(str(error)) < 10:
                self.wrong.append(f"{what}: {type(error).__name__} says {str(error)!r}")
        except self.allowed:
            self.refused += 1
        except BaseException as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
            self.wrong.append(f"{what}: {type(error).__name__}: {str(error)[:150]} ({place})")
        return None

    def verdict(self, at_least):
        assert not self.wrong, f"{len(self.wrong)} of {self.count}:\n" + "\n".join(self.wrong[:60])
        assert self.refused >= at_least, (self.refused, self.count)
