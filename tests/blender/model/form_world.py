# tests/blender/model/form_world.py: a small file for the campaign of expressions, and what befalls it
"""Datablocks are known by tokens, which no rename changes: a wrapper must keep to the one it was entered on. Values are alike
at first, so that memory tells nothing and bpy has to."""
import bpy

VERSION = bpy.app.version[:2]
FACES = {"quads": ([4] * 4, 0), "turned": ([4] * 4, 1), "as many corners": ([3, 5, 4, 4], 0), "triangles": ([3] * 5, 0),
         "ragged": ([3, 4, 5], 2), "one": ([4], 0), "none": ([], 0), "many": ([4, 3] * 20, 0)}
CLASSES = {"modifiers": ("CAST", "SMOOTH", "WAVE", "SUBSURF"),
           "constraints": ("COPY_LOCATION", "LIMIT_SCALE", "COPY_ROTATION", "TRACK_TO"),
           "strips": ("COLOR", "TEXT", "ADJUSTMENT"),
           "nodes": ("ShaderNodeMath", "ShaderNodeRGB", "NodeReroute", "ShaderNodeTexNoise")}
CUSTOM = (1, 2, 1.5, 2.5, True, [1.0, 2.0, 3.0], [1, 2, 3], [1.0, 2.0], "text", None)
KEPT = []  # classes that were registered


class World:
    """The file now; `ids`: token -> (list of bpy.data, name)."""

    def __init__(self):
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        self.ids, self.counter, self.changes, self.pushed, self.row = {}, 0, 0, [], None
        self.register(0)
        for name in ("Home", "Other"):
            bpy.data.collections.new(name)
        for i in range(4):
            self.new_object(self.new_mesh("quads"))
        bpy.data.node_groups.new("Tree", "ShaderNodeTree")
        bpy.context.scene.sequence_editor_create()
        for home in ("modifiers", "constraints", "strips", "nodes"):
            for i in range(3):
                self.new_element(home, i)
        for i in range(3):
            bpy.data.materials.new(f"M{i}")
        for ob in self.all("objects"):
            self.new_rows(ob, 3)
            ob["n"], ob["w"] = 1, 1.5
        bpy.context.view_layer.update()

    # ---- what there is

    def add(self, home, made):
        self.counter += 1
        self.ids[self.counter] = home, made.name
        return made

    def tokens(self, home):
        return [token for token, (of, _) in self.ids.items() if of == home]

    def all(self, home):
        return [self.id(token) for token in self.tokens(home)]

    def id(self, token):  # KeyError where it was removed
        home, name = self.ids[token]
        return getattr(bpy.data, home)[name]

    def name(self, rng):
        self.counter += 1
        return f"{rng.choice('AMZ')}{self.counter}"

    @staticmethod
    def strips():
        editor = bpy.context.scene.sequence_editor
        return getattr(editor, "strips" if hasattr(editor, "strips") else "sequences")

    def homes(self, home):
        """The collections of that name."""
        if home == "strips":
            return [self.strips()]
        if home == "nodes":
            return [bpy.data.node_groups["Tree"].nodes]
        return [getattr(ob, home) for ob in self.all("objects")]

    # ---- making

    def new_mesh(self, form, name=None):
        self.counter += 1
        mesh = bpy.data.meshes.new(name or f"Me{self.counter}")
        fill(mesh, form)
        self.add("meshes", mesh)
        return mesh

    def new_object(self, shown, name=None):
        ob = bpy.data.objects.new(name or f"Ob{self.counter}", shown)
        bpy.context.scene.collection.objects.link(ob)
        bpy.data.collections[self.counter % 2].objects.link(ob)
        return self.add("objects", ob)

    def new_element(self, home, at, kind=None):
        kinds = CLASSES[home]
        for among in self.homes(home):
            new_of(among, home, kinds[(at if kind is None else kind) % len(kinds)])

    def register(self, extra):
        """A collection of groups; registered anew its struct is another one."""
        if self.row is not None:
            del bpy.types.Object.form_rows
            bpy.utils.unregister_class(self.row)
        more = {f"more{i}": bpy.props.FloatVectorProperty(size=8) for i in range(extra)}
        self.row = type("FormRow", (bpy.types.PropertyGroup,), {"__annotations__": more | {
            "number": bpy.props.IntProperty(), "factor": bpy.props.FloatProperty(), "flag": bpy.props.BoolProperty(),
            "place": bpy.props.FloatVectorProperty()}})
        KEPT.append(self.row)
        bpy.utils.register_class(self.row)
        bpy.types.Object.form_rows = bpy.props.CollectionProperty(type=self.row)

    @staticmethod
    def new_rows(ob, count):
        for _ in range(count):
            row = ob.form_rows.add()
            row.number, row.factor, row.flag, row.place = 1, 0.5, False, (0, 0, 0)

    def end(self):
        del bpy.types.Object.form_rows
        bpy.utils.unregister_class(self.row)

    # ---- events; each says what it did, or gives None

    def event(self, name, rng):
        done = getattr(self, "on_" + name)(rng)
        if done is not None:
            self.changes += 1
        return done

    def mesh(self, rng):
        found = self.tokens("meshes")
        return self.id(rng.choice(found)) if found else None

    def object(self, rng):
        found = self.tokens("objects")
        return self.id(rng.choice(found)) if found else None

    def on_faces(self, rng):
        form, every = rng.choice(list(FACES)), rng.random() < 0.4
        for mesh in self.all("meshes") if every else filter(None, [self.mesh(rng)]):
            fill(mesh, form)
        return f"{form} {'all' if every else 'one'}"

    def on_layer(self, rng):
        """An attribute is made anew, perhaps of another type."""
        mesh, name = self.mesh(rng), rng.choice("AB")
        if mesh is None or name not in mesh.attributes:
            return None
        mesh.attributes.remove(mesh.attributes[name])
        kind = rng.choice(("INT", "INT", "INT8", "FLOAT", "BOOLEAN"))
        mesh.attributes.new(name, kind, rng.choice(("CORNER", "POINT")))
        return f"{kind} {name} of {mesh.name}"

    def on_elements(self, rng):
        """Modifiers, constraints, strips or nodes: one more, one less, moved, or of another class."""
        home, what = rng.choice(list(CLASSES)), rng.choice(("new", "remove", "replace", "replace", "move", "clear", "all new"))
        among = rng.choice(self.homes(home)) if self.homes(home) else ()
        kind = rng.choice(CLASSES[home])
        if what in ("remove", "replace") and len(among):
            among.remove(among[rng.randrange(len(among))])
        if what in ("new", "replace") and hasattr(among, "remove") and len(among) < 6:
            new_of(among, home, kind)
        if what == "move" and hasattr(among, "move") and len(among) > 1:
            among.move(0, len(among) - 1)
        if what in ("clear", "all new"):
            for one in list(among):
                among.remove(one)
        if what == "all new":
            for i in range(rng.choice((1, 3, 7))):
                new_of(among, home, CLASSES[home][i % len(CLASSES[home])] if rng.random() < 0.5 else kind)
        return f"{what} {home}"

    def on_rows(self, rng):
        ob = self.object(rng)
        if ob is None:
            return None
        rows, what = ob.form_rows, rng.choice(("add", "remove", "move", "clear"))
        if what == "add":
            self.new_rows(ob, rng.choice((1, 2, 20)))
        elif what == "clear":
            rows.clear()
        elif len(rows) > 1:
            rows.remove(0) if what == "remove" else rows.move(0, len(rows) - 1)
        return f"{what} rows"

    def on_register(self, rng):
        self.register(rng.choice((0, 3)))
        for ob in self.all("objects"):
            if not len(ob.form_rows):
                self.new_rows(ob, 2)
        return "registered anew"

    def on_materials(self, rng):
        materials, count = bpy.data.materials, rng.choice((0, 1, 2, 3, 5, 11))
        while len(materials) > count:
            materials.remove(materials[rng.randrange(len(materials))])
        while len(materials) < count:
            materials.new(self.name(rng))
        return f"{count} materials"

    def on_rename(self, rng):
        token = rng.choice(list(self.ids)) if self.ids else None
        if token is None:
            return None
        one = self.id(token)
        one.name = self.name(rng)
        self.ids[token] = self.ids[token][0], one.name
        return one.name

    def on_remove(self, rng):
        """An object or a mesh; perhaps another one takes its name at once."""
        token = rng.choice(list(self.ids)) if self.ids else None
        if token is None:
            return None
        (home, name), again = self.ids[token], rng.random() < 0.5
        getattr(bpy.data, home).remove(self.id(token))
        self.ids = {t: where for t, where in self.ids.items() if where[1] in getattr(bpy.data, where[0])}
        if again and home == "meshes":
            self.new_object(self.new_mesh("quads", name))
        elif again:
            self.new_object(self.mesh(rng), name)["n"] = 3
        return f"{home} {name}{' and another' if again else ''}"

    def on_new(self, rng):
        if len(self.tokens("objects")) > 4:
            return None
        ob = self.new_object(self.mesh(rng) if rng.random() < 0.3 else self.new_mesh(rng.choice(list(FACES))), self.name(rng))
        ob["n"], ob["w"] = 1, 1.5
        return ob.name

    def on_data(self, rng):
        """An object shows another mesh, or something that is none."""
        ob, mesh = self.object(rng), self.mesh(rng)
        if ob is None or mesh is None or ob.type != "MESH":
            return None
        ob.data = mesh
        return f"{ob.name} shows {mesh.name}"

    def on_custom(self, rng):
        """A custom property takes a value of another type, or goes away."""
        name, every = rng.choice(("n", "n", "w")), rng.random() < 0.4
        for ob in self.all("objects") if every else filter(None, [self.object(rng)]):
            value = rng.choice(CUSTOM) if not every or ob == self.all("objects")[0] else value  # noqa: F821
            if value is not None:
                ob[name] = value
            elif name in ob:
                del ob[name]
        return f"{name} = {value}" if self.tokens("objects") else None

    def on_groups(self, rng):
        """A mesh's object gets vertex groups, or has none any more."""
        ob = self.object(rng)
        return None if ob is None or ob.type != "MESH" else f"{ob.name} has {regroup(ob, rng)} groups"

    def on_undo(self, rng):
        if not self.pushed:
            return None
        bpy.ops.ed.undo_push(message="now")
        bpy.ops.ed.undo()
        self.ids = dict(self.pushed[-1])
        self.pushed = []
        return "undone"

    def on_edit(self, rng):
        ob = self.object(rng)
        if ob is None or ob.type != "MESH" or ob.data is None:
            return None
        bpy.context.view_layer.objects.active = ob
        for mode in ("EDIT", "OBJECT"):
            bpy.ops.object.mode_set(mode=mode)
        return ob.name


def regroup(ob, rng):
    """How many vertex groups it has from now on: none, if it had any."""
    count = 0 if len(ob.vertex_groups) else rng.randrange(1, 4)
    ob.vertex_groups.clear()
    for _ in range(count):
        ob.vertex_groups.new()
    return count


EVENTS = [name[3:] for name in vars(World) if name.startswith("on_")]


def fill(mesh, form):
    """So many faces with so many corners each; layers of numbers and vectors of all domains."""
    sizes, turn = FACES[form]
    mesh.clear_geometry()
    count = len(sizes) + max(sizes, default=0) + 1
    mesh.from_pydata([(i, i % 2, i * 7 % 5) for i in range(count)], [],
                     [[(i + k + turn) % count for k in range(size)] for i, size in enumerate(sizes)])
    for name in "AB":
        if name not in mesh.attributes:
            mesh.attributes.new(name, "INT", "CORNER")
        if "V" + name not in mesh.attributes:
            mesh.attributes.new("V" + name, "FLOAT_VECTOR", "POINT")


def new_of(among, home, kind):
    if home == "modifiers":
        made = among.new(kind, kind)
        made.show_viewport = made.show_render = False
    elif home == "strips":
        used = {strip.channel for strip in among}
        length = {"length" if VERSION >= (5, 0) else "frame_end": 30}
        among.new_effect(name=kind, type=kind, channel=next(c for c in range(1, 99) if c not in used), frame_start=1, **length)
    elif home == "constraints":
        among.new(kind).mute = True
    else:
        among.new(kind)
