# tests/blender/model/form_vocabulary.py: which expressions the campaign of expressions makes, of what
"""A Kind is a family that one trail may know: the same names, over other suppliers, lists of other lengths, other rows."""
import bpy

from form_world import VERSION

AXIS = object()  # where rows are chosen
EVERY = slice(None)
LENGTHS = (0, 1, 1, 1, 2, 2, 3, 3, 5, 150)


class Kind:
    """give(world, rng): (function that gives the supplier, its text, whether it follows renames and the like)."""

    def __init__(self, name, give, chain, props, owners=None, readonly=False, topology=None, ragged=False):
        self.name, self.give, self.chain, self.props, self.owners = name, give, chain, props, owners
        self.readonly, self.topology, self.ragged = readonly, topology, ragged


class Form:
    """One expression of a kind."""

    def __init__(self, kind, world, rng):
        self.kind, self.world = kind, world
        self.give, text, self.follows, self.names = kind.give(world, rng)
        prop = rng.choice(kind.props)
        self.items = tuple(items_of(rng, self.give(), (*kind.chain, prop), self.names))
        if rng.random() < 0.25:
            self.items += (rng.choice((0, 1, EVERY, slice(0, 2), slice(None, None, -1), [1, 0], [0, 0], Ellipsis)),)
        self.props = prop if isinstance(prop, tuple) else (prop,)
        self.is_of_corners = "polygons" in kind.name and prop == "vertices"
        self.options, self.is_new = {}, True
        if kind.ragged:
            self.options["ragged"] = rng.choice(("error", "flat", "pad"))
        self.text = f"{kind.name}: Slicer({text})[{', '.join(map(repr, self.items))}] {self.options or ''}"


def items_of(rng, node, chain, names):
    """The chain with rows chosen for each of its axes, which the first element's are taken for."""
    items = []
    for part in chain:
        if part is AXIS:
            length = len(node) if hasattr(node, "__len__") else 0
            items.append(rows(rng, length) if names is None else names)
            names = None
            node = node[0] if length else None
        else:
            items.append(part)
            node = getattr(node, part, None) if isinstance(part, str) else None
    return items


def rows(rng, n):
    """Slices, picks, masks and ranges of n rows; some leave them."""
    chance = rng.random()
    if chance < 0.3:
        return EVERY
    if chance < 0.6:
        return rng.choice((slice(None, None, -1), slice(1, None, 2), slice(1, None), slice(-2, None), slice(0, 3),
                           slice(None, None, -2), slice(3, None, -1), slice(-4, 1, -1), slice(None, -1), slice(5, 2)))
    if chance < 0.63:
        return Ellipsis
    if chance < 0.7 or not n:
        return rng.randrange(-n - (rng.random() < 0.1), n) if n else EVERY
    if chance < 0.78:
        return [rng.random() < 0.5 for _ in range(n)]
    if chance < 0.84:
        return rng.choice((range(n), range(n - 1, -1, -1), range(-n, 0), range(0, n, 2)))
    return [rng.randrange(-n, n + (rng.random() < 0.03)) for _ in range(rng.choice((1, 2, 2, 3)))]


# ---- suppliers: (function, text, whether it means the same after events, names of layers or None)

def of_main(home):
    return lambda world, rng: (lambda: getattr(bpy.data, home), f"bpy.data.{home}", True, None)


def of(text, give):
    return lambda world, rng: (lambda: give(world), text, True, None)


def listed(home):
    """A Python list of datablocks, some of them more than once."""
    def give(world, rng):
        found = world.tokens(home)
        tokens = [rng.choice(found) for _ in range(rng.choice(LENGTHS))] if found else []
        return lambda: [world.id(token) for token in tokens], f"{len(tokens)} {home} {tokens[:5]}", True, None
    return give


def one(home, then):
    """A collection of one datablock, or the struct itself."""
    def give(world, rng):
        found = world.tokens(home)
        token = rng.choice(found) if found else None
        return lambda: then(world.id(token)), f"of {token}", True, None
    return give


def structs(homes):
    """A Python list of structs of several collections; after events its own references mean nothing."""
    def give(world, rng):
        every = [struct for home in homes(world) for struct in home]
        chosen = [rng.randrange(len(every)) for _ in range(rng.choice(LENGTHS))] if every else []
        if rng.random() < 0.3:
            chosen = chosen[:1]
        return lambda: pick(homes(world), chosen), f"structs {chosen[:6]}", False, None
    return give


def pick(homes, chosen):
    every = [struct for home in homes for struct in home]
    return [every[i] for i in chosen]


def layers(names, form):
    """Some layers of a mesh by name: by keys, of a Python list."""
    def give(world, rng):
        found = world.tokens("meshes")
        token = rng.choice(found) if found else None
        there = [name for name in names if token and name in world.id(token).attributes]
        some = [rng.choice(there) for _ in range(rng.choice((1, 2, 2, 3)))] if there else list(names[:1])
        if form == "keys":
            return lambda: world.id(token).attributes, f"attributes of {token}", True, some
        return lambda: [world.id(token).attributes[name] for name in some], f"attributes {some} of {token}", False, None
    return give


def meshes(name):
    return lambda world: [struct for mesh in bpy.data.meshes for struct in getattr(mesh, name)]


def elements(home):
    return lambda world: [struct for among in world.homes(home) for struct in among]


def values(world):
    """Of the attributes that are numbers or vectors."""
    return [struct for mesh in bpy.data.meshes for layer in mesh.attributes if layer.data_type in ("INT", "FLOAT_VECTOR", "INT8",
            "FLOAT", "BOOLEAN") for struct in layer.data]


def graph(_):
    return bpy.context.evaluated_depsgraph_get().objects


def layer_objects(_):
    """Blender settles what a layer shows when it evaluates."""
    bpy.context.view_layer.update()
    return bpy.context.view_layer.objects


def kinds():
    """All; in an order that stays."""
    objects, every = lambda world: list(bpy.data.objects), ("location", "pass_index", "hide_render", "display_type", "scale",
                                                            ("location", "scale"), "rotation_mode", "lock_location")
    materials = lambda world: list(bpy.data.materials)  # noqa: E731
    shade = "pass_index", "roughness", "diffuse_color", "use_backface_culling", ("roughness", "metallic")
    made = [Kind("materials", of_main("materials"), (AXIS,), shade, materials),
            Kind("objects of the file", of_main("objects"), (AXIS,), every, objects),
            Kind("objects of the scene", of("scene.objects", lambda w: bpy.context.scene.objects), (AXIS,), every, objects),
            Kind("objects of the layer", of("layer.objects", layer_objects), (AXIS,), every, objects),
            Kind("list of objects", listed("objects"), (AXIS,), every, objects),
            Kind("an object", one("objects", lambda ob: ob), (), every, objects),
            Kind("custom of a list", listed("objects"), (AXIS,), ('["n"]', '["w"]'), objects, ragged=True),
            Kind("custom of the file", of_main("objects"), (AXIS,), ('["n"]', '["w"]'), objects, ragged=True),
            Kind("custom behind", of_main("collections"), (AXIS, "objects", AXIS), ('["n"]', '["w"]'), objects, ragged=True),
            Kind("custom of one", one("objects", lambda ob: ob), (), ('["n"]', '["w"]'), objects),
            Kind("graph", of("depsgraph.objects", graph), (AXIS,), (*every, "matrix_world", '["n"]'), readonly=True),
            Kind("graph's meshes", of("depsgraph.objects", graph), (AXIS, "data", "vertices", AXIS), ("co", "select"), readonly=True)]
    for home, props in (("modifiers", ("show_viewport", "show_render", "show_expanded")), ("constraints", ("influence", "mute", "active")),
                        ("strips", ("mute", "blend_alpha", "select")), ("nodes", ("mute", "hide", "location", "color"))):
        props, owners = tuple(name for name in props if name != "active"), elements(home)
        made += [Kind(f"list of {home}", structs(lambda w, home=home: w.homes(home)), (AXIS,), props, owners)] * 2
        if home in ("strips", "nodes"):
            made += [Kind(home, of(home, lambda w, home=home: w.homes(home)[0]), (AXIS,), props, owners)] * 2
        else:
            made += [Kind(home, one("objects", lambda ob, home=home: getattr(ob, home)), (AXIS,), props, owners),
                     Kind(f"{home} behind", listed("objects"), (AXIS, home, AXIS), props, owners, ragged=True)]
    def groups(_):
        """They are the mesh's, whichever object shows it."""
        shown = {ob.data: ob for ob in bpy.data.objects if ob.type == "MESH"}
        return [group for ob in shown.values() for group in ob.vertex_groups]

    made += [Kind("vertex groups", one("objects", lambda ob: ob.vertex_groups), (AXIS,), ("lock_weight",), groups)] * 2  # often none
    rowed = lambda world: [row for ob in bpy.data.objects for row in ob.form_rows]  # noqa: E731
    fields = "number", "factor", "flag", "place"
    made += [Kind("rows", one("objects", lambda ob: ob.form_rows), (AXIS,), fields, rowed),
             Kind("rows behind", listed("objects"), (AXIS, "form_rows", AXIS), fields, rowed, ragged=True)]
    for name, props, limit in (
            ("vertices", ("co", "select", "hide"), None), ("edges", ("use_seam", "select"), None), ("edges", ("vertices",), "vertices"),
            ("polygons", ("material_index", "use_smooth", "hide"), None), ("polygons", ("loop_start",), "loops"),
            ("polygons", ("vertices",), "vertices"), ("loops", ("vertex_index",), "vertices"), ("loops", ("edge_index",), "edges")):
        more = {"topology": limit}
        made += [Kind(f"{name} of a mesh", one("meshes", lambda mesh, name=name: getattr(mesh, name)), (AXIS,), props,
                      meshes(name), ragged=props == ("vertices",), **more),
                 Kind(f"{name} of meshes", listed("meshes"), (AXIS, name, AXIS), props, meshes(name), ragged=True, **more),
                 Kind(f"{name} of objects", listed("objects"), (AXIS, "data", name, AXIS), props, meshes(name), ragged=True, **more),
                 Kind(f"{name} of the file", of_main("meshes"), (AXIS, name, AXIS), props, meshes(name), ragged=True, **more),
                 Kind(f"list of {name}", structs(lambda w, name=name: [getattr(m, name) for m in w.all("meshes")]), (AXIS,), props,
                      meshes(name), ragged=props == ("vertices",), **more)]
    for form in ("keys", "list"):
        made += [Kind(f"numbers by {form}", layers(("A", "B", ".corner_vert", ".corner_edge"), form), (AXIS, "data", AXIS),
                      ("value",), values, topology="edges" if VERSION >= (4, 0) else None),
                 Kind(f"vectors by {form}", layers(("VA", "VB", "position"), form), (AXIS, "data", AXIS), ("vector",), values)]
    return made
