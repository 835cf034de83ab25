# tests/blender/model/model_files.py: the model campaign's steps with history, files and libraries
import os

import bpy

import model_data as data
from model_state import Id, State

MOST_PUSHES = 25


def make_library(folder):
    """A file with two meshes to link."""
    path = os.path.join(folder, "library.blend")
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    meshes = [data.new_mesh(f"Linked{i}", 3 * i)[0] for i in range(2)]
    bpy.data.libraries.write(path, set(meshes), fake_user=True)
    return path


class Files:
    """What Campaign does with undo steps, saved files and libraries."""

    saved = None

    def take_images(self):
        for number, known in self.state.of("images"):
            for path, layer in known.layers.items():
                layer.values = data.read(self.id(number), path)

    def do_push(self, a, b, c):
        if self.editing is not None or self.at >= MOST_PUSHES:
            return None
        bpy.ops.ed.undo_push(message="push")
        del self.pushed[self.at + 1:]
        self.pushed.append(self.state.copy())
        self.at, self.dirty = len(self.pushed) - 1, False
        return self.at

    def travel(self, direction):
        """One step of undo (-1) or redo (1)."""
        if self.editing is not None:
            return None
        if self.dirty:
            self.do_push(0, 0, 0)
        to = self.at + direction
        if self.dirty or not 0 <= to < len(self.pushed):
            return None
        (bpy.ops.ed.undo if direction < 0 else bpy.ops.ed.redo)()
        self.at, self.state = to, self.pushed[to].copy()
        for held in self.held:
            held.was_undone = True
            held.was_lost |= held.cache is not None and held.status(self.state) == "lost"
        self.drop_unused()
        self.take_images()
        return to

    def drop_unused(self):
        """Linked data that nothing uses is neither in files nor in undo steps for sure."""
        used = {id_.data for id_ in self.state.ids.values()}
        there = {id_.name for id_ in bpy.data.meshes if id_.library}
        for number, id_ in list(self.state.ids.items()):
            if id_.linked and number not in used and id_.name not in there:
                del self.state.ids[number]

    def do_undo(self, a, b, c):
        """Some steps back; often some forth again."""
        done = [self.travel(-1) for _ in range(1 + a % 3)]
        done += [self.travel(1) for _ in range(b % 4)]
        return done if any(to is not None for to in done) else None

    def do_redo(self, a, b, c):
        return self.travel(1)

    def do_save(self, a, b, c):
        if self.editing is None:
            bpy.ops.wm.save_as_mainfile(filepath=os.path.join(self.folder, "saved.blend"), copy=True)
            self.saved = self.state.copy()
            return ""

    def do_load(self, a, b, c):
        if self.saved is None or self.editing is not None:
            return None
        bpy.ops.wm.open_mainfile(filepath=os.path.join(self.folder, "saved.blend"))
        self.renumber(self.saved.copy())
        self.forget_files()
        self.drop_unused()
        self.take_images()
        return ""

    def renumber(self, state, chosen=lambda id_: True):
        """Such datablocks are others now, with the same values."""
        new = {number: self.fresh() if chosen(id_) else number for number, id_ in state.ids.items()}
        self.state = State({new[number]: id_ for number, id_ in state.ids.items()})
        for id_ in self.state.ids.values():
            id_.data = new.get(id_.data)

    def do_reset(self, a, b, c):
        self.start()
        return ""

    def do_link(self, a, b, c):
        if self.editing is not None or any(id_.linked for id_ in self.state.ids.values()):
            return None
        with bpy.data.libraries.load(self.library, link=True) as (there, here):
            here.meshes = list(there.meshes)
        for mesh in here.meshes:
            number = self.fresh()
            self.state.ids[number] = Id("meshes", mesh.name, data.mesh_layers(mesh), linked=True)
            self.new_object(mesh, number)
        self.pushed, self.at, self.dirty = [], -1, True
        return ""

    def do_reload(self, a, b, c):
        if self.editing is not None or not any(id_.linked for id_ in self.state.ids.values()):
            return None
        for library in bpy.data.libraries:
            library.reload()
        self.renumber(self.state, lambda id_: id_.linked)
        self.pushed, self.at, self.dirty = [], -1, True
        return ""
