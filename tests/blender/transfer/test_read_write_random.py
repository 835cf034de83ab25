# tests/blender/transfer/test_read_write_random.py: read, write and edit of random buffers, against NumPy
"""Each case lends a buffer of random strides, alignment and format within random bytes; all bytes around its items must
stay. Kernels and lent buffers alone meet many more (tests/memcache/test_lent.py). RNASLICER_SEED repeats a run, RNASLICER_CASES sets its length."""
import os
import random
import time

import bpy
import numpy

from support import VERSION, random_image, random_mesh, random_objects, seed

CASES = int(os.environ.get("RNASLICER_CASES", "7000"))
FORMATS = "?bBhHiIqQefdlL"
LEAST = {"b": -128, "h": -2**15, "i": -2**31, "q": -2**63, "l": -2**63}
MOST = {"b": 127, "B": 255, "h": 2**15 - 1, "H": 2**16 - 1, "i": 2**31 - 1, "I": 2**32 - 1}


def as_format(values, format):
    """Numbers of up to some thousands in another format, as `dtype` says: to nearest even, saturating, NaN to 0."""
    kind = numpy.dtype(format).kind
    if kind == "f":
        return values.astype(format)
    if kind == "b":
        return numpy.nan_to_num(values.astype("d")) != 0
    whole = numpy.rint(numpy.nan_to_num(values.astype("d"), posinf=1e6, neginf=-1e6))
    return numpy.clip(whole, LEAST.get(format, 0), MOST.get(format, 2**62)).astype(format)


def random_buffer(rng, shape, format):
    """(array on a bytearray, that bytearray): packed, a field of a structure, turned, reversed or with gaps."""
    size = numpy.dtype(format).itemsize
    kind = rng.random()
    order = list(range(len(shape)))
    if kind < 0.25:
        rng.shuffle(order)
    strides, stride = [0] * len(shape), size
    for at, axis in enumerate(reversed(order)):
        if kind > 0.4:
            stride += rng.choice((0, 0, 0, 1, size, 12)) if at == 0 or rng.random() < 0.2 else 0
        strides[axis] = stride * (rng.choice((1, 1, 1, -1)) if kind > 0.55 else 1)
        stride = stride * max(shape[axis], 1)
        if at + 1 < len(order) and kind > 0.5:
            stride += rng.choice((0, 0, 4, 12, 3))
    low = sum((n - 1) * s for n, s in zip(shape, strides) if s < 0)
    high = sum((n - 1) * s for n, s in zip(shape, strides) if s > 0) + size
    first = rng.randrange(0, 9) - low
    memory = bytearray(rng.randbytes(first + high + rng.randrange(0, 9)))
    return numpy.ndarray(shape, format, memory, first, strides), memory


def exact_mesh(rng):
    """A mesh whose positions, doubled, are exact in float32: a transform rounds to the format of the buffer only."""
    mesh = random_mesh(rng, 3, 2, name="Exact", layers=False)
    mesh.vertices.foreach_set("co", [rng.randrange(-32, 32) / 4 for _ in range(3 * len(mesh.vertices))])
    mesh.update()
    return mesh


def suppliers(rng):
    """(wrapper, whether it can be written) of several routes and shapes."""
    from rnaslicer import Slicer
    mesh = random_mesh(rng, 3, 2)
    objects = random_objects(rng, mesh, 5)
    image = random_image(rng, 3, 2)
    every = slice(None)
    attributes = mesh.attributes
    yield Slicer(mesh.vertices)[:, "co", :], True
    yield Slicer(mesh.vertices)[::2, "co", "zx"], True
    yield Slicer(mesh.vertices)[:, "co", ("xy", "zz")], False  # of two writes of z the last one wins
    yield Slicer(mesh.vertices)[:, ("co", "normal"), :], False
    yield Slicer(mesh.vertices)[:, "select"], True
    yield Slicer(mesh.polygons)[::-1, "material_index"], False  # clamped
    yield Slicer(mesh.polygons)[:, "center", :], False
    for name, field in (("FLOAT_POINT", "value"), ("INT_EDGE", "value"), ("BOOLEAN_FACE", "value"),
                        ("FLOAT_VECTOR_POINT", "vector"), ("FLOAT2_CORNER", "vector")):
        yield Slicer(attributes[name].data)[:, field], True
    yield Slicer(mesh.loops)[:, "vertex_index", mesh.vertices, "co", :], False
    twice = [[2, 0, 0, 1], [0, 2, 0, 0], [0, 0, 2, 0]]
    yield Slicer(exact_mesh(rng).vertices, transform=twice)[:, "co"], False
    yield Slicer(objects)[:, "location", :], True
    yield Slicer(objects)[:, "data", "vertices", :, "co", "x"], False  # one mesh five times
    yield Slicer(objects[0])["location", ::-1], True
    yield Slicer(objects[0])["pass_index"], False  # not negative
    yield Slicer(image)["pixels", every, every, every], True
    yield Slicer(image.pixels)[2:-3:2], True
    if VERSION >= (4, 3):
        yield Slicer(attributes["FLOAT4X4_POINT"].data)[:, "value"], True


def test_random_buffers():
    import rnaslicer
    number = seed()
    rng = random.Random(number)
    wrappers = list(suppliers(rng))
    before, start = rnaslicer.configure(), time.perf_counter()
    try:
        for case in range(CASES):
            rnaslicer.configure(jit=case % 8 == 0)  # compiled plans are tested elsewhere; a layout takes milliseconds
            wrapper, writable = wrappers[case % len(wrappers)]
            if rng.random() < 0.01:
                wrapper.close() if wrapper._memcache is not None else wrapper.open()
            note = f"seed {number}, case {case}, {wrapper}"
            if writable and rng.random() < 0.15:
                edited_case(rng, wrapper, note)
            else:
                one_case(rng, wrapper, writable and rng.random() < 0.6, note)
    finally:
        rnaslicer.configure(**before)
        for wrapper, _ in wrappers:
            wrapper.close()
    print(f"{CASES} buffers in {time.perf_counter() - start:.1f} s")


def one_case(rng, wrapper, writes, note):
    own = numpy.asarray(wrapper.read())
    array, memory = random_buffer(rng, own.shape, rng.choice(FORMATS))
    note += f", {array.dtype} {array.shape} {array.strides}"
    if not writes:
        wanted = bytearray(memory)
        first = array.__array_interface__["data"][0] - numpy.frombuffer(memory, "B").ctypes.data
        numpy.ndarray(array.shape, array.dtype, wanted, first, array.strides)[...] = as_format(own, array.dtype.char)
        assert wrapper.read(array) is array, note
        assert memory == wanted, note
        return
    fill(rng, array)
    kept = bytearray(memory)
    assert wrapper.write(array) is None, note
    assert memory == kept, note
    now, wanted = numpy.asarray(wrapper.read()), as_format(array, own.dtype.char)
    assert (now == wanted).all(), (note, now, wanted)


def fill(rng, array):
    """Random numbers that the format holds exactly."""
    whole = numpy.array([rng.randrange(100) for _ in range(array.size)]).reshape(array.shape)
    if array.dtype.kind in "if":
        whole -= 50
    if array.dtype.kind == "f":
        whole = whole + rng.choice((0.0, 0.5, 0.25))
    array[...] = whole.astype(array.dtype)


class Dropped(Exception):
    """Ends an edit that is not to be written."""


def edited_case(rng, wrapper, note):
    """What a random buffer holds is put into the cache, or into a part of it; written unless an error ends the edit."""
    before = numpy.asarray(wrapper.read()).copy()
    array, memory = random_buffer(rng, before.shape, rng.choice(FORMATS))
    fill(rng, array)
    note += f", edit from {array.dtype} {array.shape} {array.strides}"
    kept, wanted = bytearray(memory), as_format(array, before.dtype.char)
    part = slice(rng.randrange(3), None, rng.choice((1, 1, 2, 3))) if array.shape else ...
    drops = rng.random() < 0.2
    try:
        with wrapper.edit() as vw:
            numpy.asarray(vw)[part] = wanted[part]
            if drops:
                raise Dropped
    except Dropped:
        pass
    assert memory == kept, note
    whole = before.copy()
    if not drops:
        whole[part] = wanted[part]
    now = numpy.asarray(wrapper.read())
    assert now.tobytes() == whole.tobytes(), (note, now, whole)
    assert (wrapper._memcache is None) or numpy.asarray(wrapper.memcache).shape == before.shape, note
