# tests/blender/discovery/test_wrong_discovery.py: a discovery file that is in form but says what is not so
import bpy

from support import plain


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
         "without hop": lambda f: f._replace(hop=None),
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
    bones, nodes = pose_bones(name), bpy.data.node_groups.new(name, "ShaderNodeTree").nodes
    for i in range(COUNT):
        nodes.new("ShaderNodeMath")
        if vary:
            nodes[i].location, nodes[i].width = (i, 2), 100 + i
            bones[i].location, bones[i].ik_stretch = (i, 1, 2), i / 10
    return [bones, nodes, nodes[0].inputs, bezier.bezier_points, nurbs.points, lattice.points, owner.constraints, mesh.vertices,
            mesh.attributes["bytes"].data]


def pose_bones(name, count=COUNT):
    armature = bpy.data.armatures.new(name)
    ob = bpy.data.objects.new(name, armature)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for i in range(count):
        armature.edit_bones.new(f"B{i}").tail = 0, 0, 1
    bpy.ops.object.mode_set(mode="OBJECT")
    return ob.pose.bones


def numbers(coll, name):
    return [plain(getattr(element, name)) for element in coll]


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
                            assert plain(vw.memcache.tolist()) == numbers(coll, name), (label, vary, coll, name)
    finally:
        discovery.known = right
        proof.forget()


def test_what_the_build_declares():
    """Of what RNA and DNA of the build say, too, values that are all alike leave no doubt: what RNA says alone may be of
    another struct."""
    from rnaslicer import Slicer, discovery
    from rnaslicer.layout import proof
    bones = pose_bones("Alike", 40)
    nodes = bpy.data.node_groups.new("Alike", "ShaderNodeTree").nodes
    for _ in range(40):
        nodes.new("ShaderNodeMath")
    owner = bpy.data.objects.new("Alike", None)
    for _ in range(40):
        owner.constraints.new("LIMIT_DISTANCE")
    given = {"bones": bones, "nodes": nodes, "inputs": nodes[0].inputs, "constraints": owner.constraints}
    proof.forget()

    def doubtful(coll, name):
        with Slicer(coll)[:, name] as vw:
            assert plain(vw.memcache.tolist()) == numbers(coll, name)
            return vw.kernel.route == "direct" and proof.is_doubtful(vw.leaves()[0], coll)

    for where, name in (("bones", "location"), ("bones", "scale"), ("bones", "rotation_euler"), ("nodes", "width")):
        assert not doubtful(given[where], name), (where, name)
        for i in (17, 3, 39, 0):  # not those that a later enter compares, and these
            value = getattr(given[where][i], name)
            setattr(given[where][i], name, value * 2 if name == "width" else [v + i for v in value])
            assert not doubtful(given[where], name)
    for where, name in (("bones", "lock_location"), ("constraints", "distance"), ("inputs", "default_value")):
        assert doubtful(given[where], name), (where, name)
    # A file that leaves out what leads to them: there other values lie, which may look alike.
    right, known = discovery.known, changed(WRONG["without hop"])
    try:
        discovery.known = lambda: known
        proof.forget()
        for where, name in (("inputs", "default_value"), ("constraints", "distance")):
            doubtful(given[where], name)
            assert all(key in proof._doubtful for key, layout in proof.proven() if key[-1] == name), name
            getattr(given[where][1], name)
            setattr(given[where][1], name, 3.0)
            doubtful(given[where], name)
    finally:
        discovery.known = right
        proof.forget()
