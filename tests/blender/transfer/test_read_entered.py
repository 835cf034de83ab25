# tests/blender/transfer/test_read_entered.py: a read while entered compares what a refresh compares
import bpy
import numpy as np

from support import EVERY

CO = EVERY, "data", "vertices", EVERY, "co"


def forget():
    from rnaslicer.entered import again
    from rnaslicer.transfer import trails
    trails.forget_all()
    again._kept.clear()


def meshes():
    made = []
    for k in range(3):
        mesh = bpy.data.meshes.new(f"M{k}")
        mesh.from_pydata([(i, k, 0) for i in range(4)], [], [])
        made.append(bpy.data.objects.new(f"O{k}", mesh))
    return lambda: made, lambda: [(made[k].data.clear_geometry(), made[k].data.vertices.add(count)) for k, count in ((0, 3), (1, 5))]


def spline():
    curve = bpy.data.curves.new("C", "CURVE")
    curve.splines.new("POLY").points.add(3)

    def replaced():
        curve.splines.clear()
        curve.splines.new("POLY").points.add(6)
    return lambda: curve.splines[0].points, replaced


def told(use):
    try:
        use()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def check(make, items, options, known):
    from rnaslicer import Slicer
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    supplier, changed = make()
    forget()

    def wrapper():
        return Slicer(supplier(), **options)[items]
    reads = {
        "refresh": lambda vw, out: vw.refresh(), "read": lambda vw, out: vw.read(), "read into": lambda vw, out: vw.read(out),
        "into another type": lambda vw, out: vw.read(out.astype("d" if out.dtype == "f" else "f")),
        "into strides": lambda vw, out: vw.read(np.repeat(out, 2, 0)[::2] if out.ndim else out)}
    with wrapper() as vw:
        like = np.array(vw.memcache)
        for _ in range(3 if known else 0):
            for use in reads.values():
                use(vw, like.copy())
                vw.update()
    entered = []
    for _ in reads:
        if not known:
            forget()
        entered.append(wrapper().open())
    for vw, use in zip(entered, reads.values()):
        use(vw, like.copy())
        assert np.array_equal(vw.memcache, vw.read())
    if not known:
        forget()
    changed()
    found = {use: told(lambda: reads[use](vw, like.copy())) for use, vw in zip(reads, entered)}
    assert "ShapeChangedError" in found["refresh"] and len({text for text in found.values()}) == 1, found
    for vw in entered:
        vw.close()


EXPRESSIONS = {"flat": (meshes, CO, {"ragged": "flat"}), "padded": (meshes, CO, {"ragged": "pad", "width": 6, "fill": 7}),
               "numbers": (spline, ([1, 0], "radius"), {"dtype": "d"}), "a part": (spline, (slice(2), "radius"), {}),
               "one": (spline, (0, "radius"), {})}


def test_lengths_that_moved_are_compared_by_reads_too(name, known):
    check(*EXPRESSIONS[name], known)


test_lengths_that_moved_are_compared_by_reads_too.cases = {
    f"{name}{' with a trail' if known else ''}": (name, known) for name in EXPRESSIONS for known in (False, True)}


def test_errors_name_what_is_at_hand():
    """Not what the trail was learnt from."""
    from rnaslicer import Slicer
    from rnaslicer.entered.packed import told
    made, _ = meshes()
    first, other = (ob.data for ob in made()[:2])
    Slicer(first.vertices)[:, "co"].read()
    vw = Slicer(other)["vertices", :, "co"]
    for wrapper in (Slicer(other.vertices)[:, "co"], vw):
        wrapper.read()
        known = wrapper._known_for(wrapper._key)
        text = str(told(ValueError("why"), known, wrapper._path))
        assert f"Mesh {other.name!r}.vertices: why" in text, text


def test_outside_its_context_first():
    """Of what may not be written, too, whether a trail is known or not: the wrapper is not entered."""
    from rnaslicer import Slicer
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    make, _ = meshes()
    ob = make()[0]
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    wrappers = Slicer(ob.data.vertices)[:, "co"], Slicer([ob])[CO]
    for vw in wrappers:
        with vw:
            pass
    bpy.ops.object.mode_set(mode="EDIT")
    for vw in wrappers:
        for use in (vw.refresh, vw.update):
            assert told(use).startswith("ContextError"), told(use)
    bpy.ops.object.mode_set(mode="OBJECT")
