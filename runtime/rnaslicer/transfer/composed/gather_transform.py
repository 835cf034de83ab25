# runtime/rnaslicer/transfer/composed/gather_transform.py: vectors that indices lead to, through a matrix in one pass.
"""As gather.py, by kernels that go through the indices and through the matrix. An update goes through the inverse and
scatters; it gives whole vectors."""

from ...basis.records import replace
from ..kernels.lowering import are_vectors
from ..routes import Route
from .gather import GatherRoute, lowered


class GatherTransform(GatherRoute):
    """Stands in a `TransformRoute` (transform.py), which hands in the matrices; indices and targets are those of the
    vectors' own route."""

    def __init__(self, leaf, view, vectors):
        whole = leaf.inner
        Route.__init__(self, replace(whole, components=leaf.components, place=leaf.place), view, None)
        self.kind = leaf.kind
        self._stand_between(vectors.index, vectors.target, vectors.choose)

    def storage(self):
        """The target's, if it holds vectors."""
        storage = super().storage()
        return storage if storage is not None and are_vectors(storage) else None

    def lower(self, leaf, storage, strides, is_copy):
        """A copy has whole vectors, too."""
        first = storage.step(0)
        return lowered(leaf, self.view, storage, strides,
                       [f" at {first}" + (f" row {flat}" if flat else "") for flat in leaf.components.flat],
                       (f"transform {self.kind} step {storage.step(1) - first}",))
