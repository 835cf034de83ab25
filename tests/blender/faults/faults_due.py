# tests/blender/faults/faults_due.py: what an event of the fault table is, and in what its phases may end
"""Each event is a class with the name of a row of the fault table: `prepare(kind)` runs before the wrapper is made,
`happen(kind)` is the event, `due(kind)` what the four phases must end in. An event that a kind of data cannot have
itself (an image has no edit mode) happens to the mesh beside it: then everything must be as if nothing had happened.

`happen` returns the snapshot that is right afterwards, where that can be told without touching Blender's arrays
(touching un-shares copies, and would hide a write that goes astray); else None."""
import faults_scene

# What the four phases end in: before enter, between enter and refresh, between refresh and update, after exit.
# "right": all values are as bpy gives them, a following update stores exactly them and nothing else. "right, then X":
# reading is right and the update raises X. An error's name: the step after the event raises it, all data intact.
LOST, SHAPE, READ, CONTEXT = "SupplierLostError", "ShapeChangedError", "ReadOnlyError", "ContextError"
READING = f"right, then {READ}"
RIGHT = ("right",) * 4
GONE = (LOST,) * 4
RESIZED = ("right", SHAPE, SHAPE, "right")
CHANGED = f"right, then {SHAPE}"
REORDERED = ("right", CHANGED, SHAPE, "right")  # an update would reach others than the ones that were read
LOCKED = (READING, READING, READ, READING)


class Event:
    """`own`: kind of data to (what the event is for it, what is due), given as the method's name."""

    due_of = {}

    def prepare(self, kind):
        pass

    def happen(self, kind):
        return getattr(self, str(kind).replace(" ", "_"), self.beside)(kind)

    def clean_up(self):
        pass

    def due(self, kind):
        return self.due_of.get(str(kind), RIGHT)

    def beside(self, kind):
        return self.mesh_layer(faults_scene.mesh_layer())

    def __str__(self):
        return type(self).__name__.replace("_", " ")


def same_for_all(due):
    return {str(kind()): due for kind in faults_scene.KINDS}
