# tests/blender/model/model_datablocks.py: the model campaign's steps that make, copy, rename and remove datablocks
import bpy

import model_data as data
from model_state import Id
from model_suppliers import PENCILS

MORE = (*filter(None, [PENCILS]), "materials")  # homes of what is written and removed as meshes are


class Datablocks:
    """Part of the campaign (model_steps.py)."""

    def do_new_mesh(self, a, b, c):
        if self.room("meshes") and self.room("objects"):
            mesh = data.new_mesh(self.name("M"), a)
            number = self.add(mesh)
            made = [data.add_uv(mesh[0], "UV")]
            made += [data.add_attribute(mesh[0], f"L{i}", list(data.ATTRIBUTES)[(a + b + i) % len(data.ATTRIBUTES)]) for i in range(2)]
            self.state.ids[number].layers |= dict(made)
            self.new_object(mesh[0], number)
            return mesh[0].name

    def new_object(self, shown, number):
        made = data.new_object(self.name("ABO"[self.counter % 3]), shown, number)
        self.add(made)
        return made[0]

    def do_new_keyed(self, a, b, c):
        if self.room("meshes") and self.room("objects"):
            mesh, known = data.new_mesh(self.name("K"), 0)
            known.keyed = True
            number = self.add((mesh, known))
            ob = self.new_object(mesh, number)
            for name in ("Basis", "Key"):
                path, layer = data.add_key(ob, name)
                known.layers[path] = layer
            return mesh.name

    def do_new_curve(self, a, b, c):
        if self.room("curves") and self.room("objects"):
            made = data.new_curve(self.name("C"), a)
            self.new_object(made[0], self.add(made))
            return made[0].name

    def do_new_action(self, a, b, c):
        if self.room("actions"):
            action = bpy.data.actions.new(self.name("T"))
            known = Id("actions", action.name, {})
            for axis in range(2):
                path, layer = data.add_fcurve(action, ("location", axis), 3 + a % 4)
                known.layers[path] = layer
            self.add((action, known))
            return action.name

    def do_new_rig(self, a, b, c):
        if self.room("objects"):
            made = data.new_rig(self.name("P"))
            self.add(made)
            return made[0].name

    def do_assign_weight(self, a, b, c):
        """A vertex gets a weight in one of two groups; or loses it."""
        number = self.pick(a, "objects", where=lambda id_: id_.data is not None and self.state.ids[id_.data].home == "meshes"
                           and not self.state.ids[id_.data].linked)
        if number is None or self.editing is not None:
            return None
        ob, known = self.id(number), self.state.ids[self.state.ids[number].data]
        while len(ob.vertex_groups) < 2:
            ob.vertex_groups.new(name=f"Group{len(ob.vertex_groups)}")
        vertices = list(range(len(ob.data.vertices)))[b % 4:6:1 + b % 3]
        if c % 5:
            ob.vertex_groups[c % 2].add(vertices, (c % 16) / 16, "REPLACE")
        else:
            ob.vertex_groups[c % 2].remove(vertices)
        path = ("groups", None, "weight")
        known.layers[path] = data.layer(self.id(self.state.ids[number].data), path, "f", 1)
        self.dirty = True
        return f"{vertices} of {known.name}"

    def do_new_image(self, a, b, c):
        if self.room("images"):
            made = data.new_image(self.name("I"), a)
            self.add(made)
            return made[0].name

    def do_new_object(self, a, b, c):
        number = self.pick(a, "meshes", "curves", where=lambda id_: True)
        if number is not None and self.room("objects"):
            return f"{self.new_object(self.id(number), number).name} of {self.state.ids[number].name}"

    def do_remove(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions", *MORE, "images", "objects", where=lambda id_: True)
        if number is None or self.editing is not None:
            return None
        bpy_id, known = self.id(number), self.state.ids.pop(number)
        getattr(bpy.data, known.home).remove(bpy_id)
        for other, id_ in list(self.state.ids.items()):  # Blender takes its objects along
            if id_.data == number:
                del self.state.ids[other]
        self.dirty = True
        return known.name

    def do_copy(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions", *MORE, "images", "objects", where=lambda id_: True)
        if number is None or not self.room(self.state.ids[number].home):
            return None
        known, source = self.state.ids[number], self.id(number)
        made = source.copy()
        made.name = self.name(known.name[0])
        copied = known.copy(name=made.name, linked=False)
        if known.home == "images":
            copied.layers = {path: data.layer(made, path, "f", 1) for path in known.layers}
        if known.home == "objects":
            bpy.context.scene.collection.objects.link(made)
        self.add((made, copied))
        return f"{made.name} of {known.name}"

    def do_rename(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions", *MORE, "images", "objects")
        if number is None or self.editing is not None:
            return None
        known, id_ = self.state.ids[number], self.id(number)
        old = known.name
        id_.name = known.name = self.name("ABMOZ"[b % 5])
        self.fresh()
        self.dirty = True
        return f"{old} to {known.name}"

    def do_single_user(self, a, b, c):
        number = self.pick(a, "objects", where=lambda id_: id_.data is not None)
        if number is None or not self.room("meshes") or not self.room("curves"):
            return None
        shown = self.state.ids[number].data
        source = self.id(shown)
        made = source.copy()
        made.name = self.name(self.state.ids[shown].name[0])
        copied = self.state.ids[shown].copy(name=made.name, linked=False)
        self.id(number).data = made
        self.state.ids[number].data = self.add((made, copied))
        return f"{self.state.ids[number].name} of {source.name}"
