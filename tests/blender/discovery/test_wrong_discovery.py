# tests/blender/discovery/test_wrong_discovery.py: a discovery file that is in form but says what is not so
import bpy


COUNT = 9


def changed(how):
    """The running build's result, every storage in it changed where the file's form allows that."""
    from rnaslicer import discovery
    from rnaslicer.discovery import found, store
    known = discovery.known()

    def wrong(one):
        other = how(one)
        try:
            store.finding(["A", "A", "a", list(other)])
        except ValueError:
            return one
        return other

    storages = {key: tuple(wrong(one) for one in several) for key, several in known.storages.items()}
    result = store.decode(store.encode("build", found.Known(storages, known.lists, known.tables)), "build")
    assert result is not None
    return result


PLAIN = dict(mask=0, masks=(), lookup="", inverted=False)
WRONG = {"fewer": lambda f: f._replace(steps=f.steps[:1], masks=f.masks[:1]),
         "more": lambda f: f._replace(steps=f.steps + f.steps[-1:], masks=f.masks and f.masks + f.masks[-1:]),
         "shifted": lambda f: f._replace(offset=f.offset + 4),
         "before": lambda f: f._replace(steps=tuple(step - 4 for step in f.steps)),
         "inverted": lambda f: f._replace(inverted=not f.inverted),
         "unorm": lambda f: f._replace(decode="unorm", scalar="u8", **PLAIN),
         "lookup": lambda f: f._replace(decode="lookup", scalar="u8", **{**PLAIN, "lookup": "srgb"}),
         "field": lambda f: f._replace(decode="field", scalar="i32", **{**PLAIN, "mask": 0xFF}),
         "flag": lambda f: f._replace(decode="flag", scalar="u8", **{**PLAIN, "mask": 1}),
         "hop": lambda f: f._replace(hop=8),
         **{scalar: lambda f, scalar=scalar: f._replace(decode="plain", scalar=scalar, **PLAIN)
            for scalar in ("f32", "f64", "u8", "i16", "i32", "i64")}}


def collections(name, vary):
    """Few elements, so that a proof sees each; all alike unless they are to vary."""
    curve = bpy.data.curves.new(name, "CURVE")
    bezier, nurbs = curve.splines.new("BEZIER"), curve.splines.new("NURBS")
    bezier.bezier_points.add(COUNT - 1)
    nurbs.points.add(COUNT - 1)
    lattice = bpy.data.lattices.new(name)
    lattice.points_u = COUNT // 3
    owner = bpy.data.objects.new(name, None)
    for _ in range(COUNT):
        owner.constraints.new("COPY_LOCATION")
        owner.modifiers.new(name, "BEVEL")
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(COUNT)
    mesh.attributes.new("bytes", "BYTE_COLOR", "POINT")
    if vary:
        for i in range(COUNT):
            bezier.bezier_points[i].co = bezier.bezier_points[i].handle_left = (i, 2 * i, 1)
            bezier.bezier_points[i].select_control_point = nurbs.points[i].select = bool(i % 2)
            nurbs.points[i].co = (i, 1, 2, i + 0.5)
            owner.constraints[i].use_x, owner.constraints[i].influence = bool(i % 2), i / 10
            mesh.attributes["bytes"].data[i].color = (i / 10, 0, 1, 0.5)
    return [bezier.bezier_points, nurbs.points, lattice.points, owner.constraints, mesh.vertices,
            mesh.attributes["bytes"].data]


def numbers(coll, name):
    values = [getattr(element, name) for element in coll]
    return [list(value) if hasattr(value, "__len__") else value for value in values]


def test_wrong_discovery():
    """Whatever the file says, values are those of bpy, and no error comes of it."""
    from rnaslicer import Slicer, discovery
    from rnaslicer.layout import proof
    right = discovery.known
    try:
        for label, how in WRONG.items():
            known = changed(how)
            discovery.known = lambda: known
            proof.forget()
            for vary in (False, True):
                for coll in collections(label, vary):
                    for prop in coll[0].bl_rna.properties:
                        name = prop.identifier
                        if prop.type not in ("FLOAT", "INT", "BOOLEAN") or name.startswith("is_runtime"):
                            continue
                        with Slicer(coll)[:, name] as vw:
                            assert vw.memcache.tolist() == numbers(coll, name), (label, vary, coll, name)
    finally:
        discovery.known = right
        proof.forget()
