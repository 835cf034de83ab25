# tests/blender/model/model_layers.py: the model campaign's steps with layers: made, removed, renamed, longer
import model_data as data
from support import same


class Layers:
    """Part of the campaign (model_steps.py)."""

    def do_clear_geometry(self, a, b, c):
        number = self.pick(a, "meshes", where=lambda id_: not id_.linked and not id_.keyed)
        if number is None or self.editing is not None:
            return None
        mesh, known = self.id(number), self.state.ids[number]
        mesh.clear_geometry()
        known.layers = data.mesh_layers(mesh)
        assert not any(layer.values for layer in known.layers.values())
        self.dirty = True
        return known.name

    def do_add_elements(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions", where=lambda id_: not id_.linked and not id_.keyed)
        if number is None or self.editing is not None:
            return None
        known, id_, more = self.state.ids[number], self.id(number), 1 + b % 3
        paths = [path for path in known.layers if path[0] in ("vertices", "attribute", "spline", "fcurve")]
        if not paths:
            return None
        path = paths[c % len(paths)]
        found = data.elements(id_, path)
        if path[0] == "fcurve":
            last = found[len(found) - 1].co.x if len(found) else 0
            for i in range(more):
                found.insert(last + 4 * (i + 1), 0.25 * i)
        elif path[0] == "spline":
            found.add(more)
        else:
            id_.vertices.add(more)
        grown = [p for p in known.layers if p[:2] == path[:2]] if path[0] in ("spline", "fcurve") else [
            p for p in known.layers if p[0] in ("vertices", "attribute", "groups")]
        for p in grown:  # what is new is Blender's choice, what was there stays
            layer = known.layers[p]
            now = data.read(id_, p)
            same(now[:len(layer.values)], layer.values, f"{known.name} {p} after growing")
            layer.values, layer.lengths = now, data.lengths(id_, p)
        self.dirty = True
        return f"{more} to {known.name} {path}"

    def do_new_layer(self, a, b, c):
        number = self.pick(a, "meshes", "curves", "actions")
        if number is None or self.editing is not None or len(self.state.ids[number].layers) > 14:
            return None
        known, id_ = self.state.ids[number], self.id(number)
        self.dirty = True
        name = f"L{b % 4}"  # the same name may come again, with another type
        if known.home == "curves":
            index = len(id_.splines)
            id_.splines.new("BEZIER").bezier_points.add(1 + b % 5)
            known.layers |= data.spline_layers(id_, index)
            return f"spline {index} of {known.name}"
        if known.home == "actions":
            path = ("fcurve", ("scale", b % 3), "co")
            if path in known.layers:
                return None
            known.layers[path] = data.add_fcurve(id_, path[1], 1 + c % 4)[1]
        elif known.keyed:
            user = self.pick(b, "objects", where=lambda ob: ob.data == number)
            if user is None or ("key", name, "co") in known.layers:
                return None
            path, known.layers[("key", name, "co")] = data.add_key(self.id(user), name)
        else:
            if any(path[1] == name for path in known.layers):
                return None
            path, layer = data.add_attribute(id_, name, list(data.ATTRIBUTES)[c % len(data.ATTRIBUTES)])
            known.layers[path] = layer
        return f"{path} of {known.name}"

    def removable(self, a, b):
        number = self.pick(a, "meshes", "actions", "curves")
        if number is None or self.editing is not None:
            return None
        paths = [path for path in self.state.ids[number].layers
                 if path[0] in ("attribute", "uv", "fcurve", "spline") or path[0] == "key" and path[1] != "Basis"]
        return (number, paths[b % len(paths)]) if paths else None

    def do_remove_layer(self, a, b, c):
        found = self.removable(a, b)
        if found is None:
            return None
        number, path = found
        known, id_ = self.state.ids[number], self.id(number)
        kind, name, _ = path
        if kind == "attribute":
            id_.attributes.remove(id_.attributes[name])
        elif kind == "uv":
            id_.uv_layers.remove(id_.uv_layers[name])
        elif kind == "fcurve":
            curves = data.curves_of(id_)
            curves.remove(next(c for c in curves if (c.data_path, c.array_index) == name))
        elif kind == "key":
            user = self.pick(b, "objects", where=lambda ob: ob.data == number)
            if user is None:
                return None
            self.id(user).shape_key_remove(id_.shape_keys.key_blocks[name])
        else:  # those behind take the places before them
            id_.splines.remove(id_.splines[name])
            later = {p: layer for p, layer in known.layers.items() if p[1] > name}
            known.layers = {p: layer for p, layer in known.layers.items() if p[1] < name}
            known.layers |= {(kind, p[1] - 1, p[2]): layer for p, layer in later.items()}
            path = None
        known.layers.pop(path, None)
        self.dirty = True
        return f"{found[1]} of {known.name}"

    def do_rename_layer(self, a, b, c):
        found = self.removable(a, b)
        if found is None or found[1][0] not in ("attribute", "key"):
            return None
        number, (kind, name, prop) = found
        known, id_ = self.state.ids[number], self.id(number)
        new = f"L{c % 4}"
        if any(path[1] == new for path in known.layers):
            return None
        owner = id_.attributes if kind == "attribute" else id_.shape_keys.key_blocks
        owner[name].name = new
        known.layers[kind, new, prop] = known.layers.pop((kind, name, prop))
        self.dirty = True
        return f"{found[1]} of {known.name} to {new}"

    def do_scale_image(self, a, b, c):
        number = self.pick(a, "images")
        if number is not None and self.editing is None:
            self.id(number).scale(1 + b % 5, 1 + c % 4)
            self.take_images()
            self.dirty = True
            return self.state.ids[number].name
