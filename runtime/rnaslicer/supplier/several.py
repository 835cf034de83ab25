# runtime/rnaslicer/supplier/several.py: structs that have paths of their own, as one supplier.
"""A sequence of structs, or one struct behind each element (`bpy.data.objects[:, 'data', 'shadow_soft_size']`): a
leaf for each would cost a plan, a kernel and a route for every single number."""

from ..errors import ShapeChangedError
from .identity import MAIN, find_all


class Structs(list):
    """What a `Several` leads to: structs, with what routes ask a collection for. No datablock owns all."""

    data = None
    id_data = None


class Several:
    """Paths that each lead to a struct; stands where a leaf has the path to a collection."""

    steps = ()

    def __init__(self, paths):
        self.paths = tuple(paths)
        self.has_steps = any(path.steps for path in self.paths)

    @property
    def root(self):
        """That of the first; who asks for permission asks all paths."""
        return self.paths[0].root

    def follow(self):
        """`Structs` now; SupplierLostError if one is gone."""
        if not self.has_steps:
            return Structs(find_all(path.root for path in self.paths))
        return Structs(path.follow() for path in self.paths)

    @property
    def in_main(self):
        """Whether all are the file's own data, no evaluated copies."""
        return all(path.root.in_main for path in self.paths)

    def __str__(self):
        return f"{self.paths[0]} and {len(self.paths) - 1} more"


class Listed(Several):
    """The datablocks of a `Roster`."""

    has_steps = False
    in_main = True

    def __init__(self, roster):
        self.paths = self.roster = roster

    def follow(self):
        """`Structs` now; SupplierLostError if one is gone."""
        return Structs(self.roster.find())


class Members(Several):
    """The datablocks of a collection, each of which lies somewhere: those that it has now."""

    has_steps = False

    def __init__(self, path):
        self.path, self.paths, self.steps = path, _Items(path), path.steps

    @property
    def root(self):
        """That of the collection."""
        return self.path.root

    @property
    def in_main(self):
        """Whether the collection is in no evaluated datablock."""
        return self.root.in_main

    def follow(self):
        """`Structs` now. SupplierLostError if the collection is gone, ShapeChangedError for an empty slot."""
        found = Structs(self.path.follow().values())
        if not all(found):  # no datablock is false
            raise ShapeChangedError(f"{self.path}[{found.index(None)}] is None now")
        return found

    def __str__(self):
        return str(self.path)


class _Items:
    """The path to each element of the collection at a path; made when it is asked for."""

    def __init__(self, path):
        self._path = path

    def __getitem__(self, i):
        return self._path.item(i)


class NoStructs:
    """Where an empty sequence leads to, or what none of the collection's elements that `path` leads to were asked for."""

    def __init__(self, path=None):
        self._path = path
        self.root, self.steps = (MAIN, ()) if path is None else (path.root, path.steps)

    def follow(self):
        """No struct; SupplierLostError if the collection is gone."""
        if self._path is not None:
            self._path.follow()
        return Structs()

    def __str__(self):
        return "[]" if self._path is None else str(self._path)
