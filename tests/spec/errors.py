# tests/spec/errors.py: the refusals the specification knows, by the names of the public ones
"""Only the names count: tests compare `type(e).__name__` with what rnaslicer raises."""


class ExpressionError(TypeError):
    """The expression does not fit what its path reached."""


class ReadOnlyError(TypeError):
    """An update would write a property that bpy does not let anyone write."""


class SpecificationGap(Exception):
    """DESIGN.md leaves this case open, so the oracle has no opinion: never compare."""
