# tests/blender/faults/without_safe_reads.py: a Blender in which neither process_vm_readv nor pipes can be had
"""Run by test_failure.py: everything must give the right values, and nothing may be direct."""
import ctypes
import pathlib
import random
import struct
import sys

FORBIDDEN = (310, 293, 22)  # process_vm_readv, pipe2, pipe on x86-64
LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06  # of classic BPF
EPERM, ALLOW = 0x00050001, 0x7FFF0000


def forbid():
    """False if this system lets no process forbid itself anything."""
    program = struct.pack("HBBI", LOAD, 0, 0, 0)
    for call in FORBIDDEN:
        program += struct.pack("HBBI", EQUALS, 0, 1, call) + struct.pack("HBBI", RETURN, 0, 0, EPERM)
    program += struct.pack("HBBI", RETURN, 0, 0, ALLOW)
    code = ctypes.create_string_buffer(program)

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    libc = ctypes.CDLL(None)
    wanted = Filter(len(program) // 8, ctypes.addressof(code))
    return libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.byref(wanted), 0, 0) == 0


def main():
    if not forbid():
        print("SKIP")
        return
    sys.path[:0] = [sys.argv[-1], str(pathlib.Path(__file__).parents[1])]
    import bpy
    from rnaslicer import Slicer, _core
    from support import EVERY, check_oracle, random_image, random_mesh, random_objects
    assert _core.probe_kind() == "none", _core.probe_kind()
    rng = random.Random(3)
    mesh = random_mesh(rng, 6, 5, layers=False)
    random_objects(rng, mesh, 5)
    cases = [(mesh.vertices, (EVERY, "co")), (mesh.vertices, (EVERY, "select")), (mesh.edges, (EVERY, "vertices")),
             (mesh.loops, (EVERY, "vertex_index")), (mesh.polygons, (EVERY, ("use_smooth", "select"))),
             (mesh.uv_layers[0].data, (EVERY, "uv", "yx")), (mesh.vertex_colors[0].data, (EVERY, "color")),
             (bpy.data.objects, (EVERY, ("location", "scale"))), (bpy.data.objects, (EVERY, "matrix_world")),
             (bpy.data.objects, (EVERY, "rotation_mode")), (random_image(rng), ("pixels", EVERY))]
    for supplier, expression in cases:
        _, route = check_oracle(supplier, expression)
        assert route != "direct", (supplier, expression)
        wrapper = Slicer(supplier)[expression]
        if not wrapper.readonly:
            with wrapper:
                wrapper.update()
            check_oracle(supplier, expression)
    check_oracle(mesh.polygons, (EVERY, "vertices"), ragged="flat")
    with Slicer(mesh.vertices)[EVERY, "co", 2] as vw:
        vw.memcache[3] = 77.0
        vw.update()
    assert mesh.vertices[3].co.z == 77.0
    print("ALL RIGHT")


main()
