# tests/blender/model/model_due.py: what a use of a wrapper must end in: "ok", or the error that is due
LOST, SHAPE, READ, CONTEXT = "SupplierLostError", "ShapeChangedError", "ReadOnlyError", "ContextError"
OTHER_TYPES = "modifiers", "light", "nodes"  # of elements that may become others of another type


class Due:
    """Part of the campaign (model_steps.py)."""

    def is_editing(self, held):
        return self.editing is not None and self.editing in held.ids(self.state)

    def is_in_bmesh(self, held):
        return held.target[-1][0] in ("attribute", "uv")

    def is_linked(self, held):
        return any(number in self.state.ids and self.state.ids[number].linked for number in held.ids(self.state))

    def may_be_another(self, held):
        """Blender may have read linked data anew when it undid something."""
        return held.was_undone and self.is_linked(held)

    def due(self, held, use):
        if self.is_off:
            return {CONTEXT}
        status = held.status(self.state)
        due = {{"ok": "ok", "lost": LOST, "shape": SHAPE}[status]}
        if held.target[0] == "data" and status == "lost":
            due.add(SHAPE)  # of another one of the meshes, which is asked before
        if self.is_editing(held):
            in_bmesh = self.is_in_bmesh(held)
            if held.target[-1][0] == "groups":
                return {SHAPE, READ, LOST}
            due = due | {SHAPE} if use == "refresh" and in_bmesh else due if use == "refresh" else {READ, SHAPE, LOST}
            if use == "refresh" and in_bmesh:
                due = due - {"ok"}
        elif use == "update" and status != "lost" and self.is_linked(held):
            due = {READ} if status == "ok" else {READ, SHAPE}
        if held.target[0] == "list" and status == "ok":
            if use == "update" and held.order(self.state) != held.numbers:
                due = {SHAPE}
        if status == "shape" and held.target[0] == "layer" and held.kept(self.state)[0] == held.was[0]:
            self.tally[f"{held.target[-1][0]}: others, as many, while entered"] += 1
            if held.target[-1][0] in OTHER_TYPES:
                due = due | {"ok"}  # each has the property: followed, or named
        if self.may_be_another(held):
            due = due | {LOST}
        return due
