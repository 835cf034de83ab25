# tests/blender/expression/test_said.py: errors say what was asked, what was found and what to do, in few words
import bpy

from support import refused


def said(use):
    from rnaslicer import SlicerError
    try:
        use()
    except SlicerError as error:
        return str(error)
    raise AssertionError("nothing was said")


def points(count=4):
    mesh = bpy.data.meshes.new("Said")
    mesh.vertices.add(count)
    return mesh


def test_matrices():
    from rnaslicer import Slicer
    mesh = points()
    for wrong in ([[0] * 4] * 100_000, [[[0] * 4] * 100_000], [[0] * 100_000] * 4):
        assert len(said(lambda wrong=wrong: Slicer(mesh.vertices, transform=wrong))) < 600
    flat, far = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]], [[1, 0, 0, float("inf")], [0, 1, 0, 0], [0, 0, 1, 0]]
    with refused("ValueRangeError", "meshes['Said", "singular", "no inverse", "transform the values that were read"):
        Slicer(mesh.vertices, transform=flat)
    with refused("ValueRangeError", "meshes['Said", "not finite"):
        Slicer(mesh.vertices, transform=far)


def test_values_that_are_no_buffer():
    import numpy
    from rnaslicer import Slicer
    mesh = points()
    view = Slicer(mesh.vertices)[:, "co"]
    for values in (1.5, [1.0, 2.0, 3.0], [[1.0, 2.0, 3.0]] * 4):
        with refused("ExpressionError", "is no buffer", "numpy.broadcast_to(values, wrapper.shape)"):
            view.write(values)
        view.write(numpy.broadcast_to(values, view.shape))
        assert [list(v.co) for v in mesh.vertices] == numpy.broadcast_to(values, view.shape).tolist()
    with refused("ExpressionError", "is no buffer", "numpy.empty(wrapper.shape, wrapper.format)"):
        view.read(out=[[0.0] * 3] * 4)


def test_which_element_lacks_the_property():
    from rnaslicer import Slicer
    shown = [bpy.data.objects.new("A", points()), bpy.data.objects.new("B", bpy.data.cameras.new("Camera"))]
    for objects in (shown, shown[::-1]):
        with refused("ExpressionError", "Object 'B'.data"):
            Slicer(objects)[:, "data", "vertices", :, "co"].read()
    with refused("ExpressionError", "Camera has no property 'vertices'", "that is Object 'B'.data"):
        Slicer(shown[::-1])[:, "data", "vertices", :, "co"].read()


def test_what_a_memcache_does_not_take():
    from rnaslicer import Slicer
    mesh = points()
    cache = Slicer(mesh.vertices, dtype="i")[:, "co"].read()
    for key, value, words in (([0, 3], 7, ("slice key", "numpy.asarray(memcache)[key]")), (..., 1.5, ("'i'", "whole numbers")),
                              ((0, 0), 2**40, ("'i'", "of its range")), (0, [0.5] * 3, ("'i'", "numpy.rint"))):
        try:
            cache[key] = value
        except (TypeError, ValueError) as error:
            assert all(word in str(error) for word in words), (key, value, error)
        else:
            raise AssertionError(f"{key} = {value} was taken")
