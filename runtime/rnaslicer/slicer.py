# runtime/rnaslicer/slicer.py: Slicer(supplier)[expression], the way in.
"""`Slicer` captures who the supplier is; `Slicer(...)[...]` gives a `ViewWrapper` and touches no data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from . import _core
from .supplier.capture import capture_member, capture_struct, quick_path
from .errors import ExpressionError
from .supplier.identity import check_running, looking_for_many
from .layout.storage import SCALAR
from .wrapper import ViewWrapper, text_of

_LONG = {"l": "q", "L": "Q"}


class Slicer:
    """Names bulk data of Blender: `Slicer(mesh.vertices)[:, 'co', :]`.

    supplier: a bpy collection, struct (also an ID), RNA array such as `image.pixels`, or a Python
        sequence of structs. Its identity (datablock and path) is captured at once; the collection
        itself is not kept.
    dtype: None for RNA's own type (FLOAT 'f', INT and ENUM 'i', BOOLEAN '?'), or one of
        `? b B h H i I q Q e f d`: values are converted to nearest even, saturating, NaN to 0.
    ragged: 'error', or 'flat' to join one level of nested collections of different lengths.

    Raises ExpressionError if the supplier is nothing that can be found again, SupplierLostError if
    it is gone already.
    """

    __slots__ = ("_path", "_ragged", "_scalar")

    def __init__(self, supplier: Any | Sequence[Any], *, dtype: Any = None,
                 ragged: Literal["error", "flat"] = "error") -> None:
        check_running()
        _core.warm_up()  # the first kernel comes sooner; a second call does nothing
        if ragged not in ("error", "flat"):
            raise ExpressionError(f"ragged must be 'error' or 'flat', not {ragged!r}")
        self._scalar = None if dtype is None else _scalar(dtype)
        self._ragged = ragged
        self._path = _capture(supplier)

    def __getitem__(self, expression: Any) -> ViewWrapper:
        return ViewWrapper(self._path, _core.parse(expression), expression, self._scalar, self._ragged)

    def __repr__(self) -> str:
        return f"<{text_of(self._path)}>"


def _scalar(dtype):
    if isinstance(dtype, type):  # float, int, bool, or one of NumPy's such as np.float32
        dtype = {float: "d", int: "q", bool: "?"}.get(dtype) or getattr(dtype(), "dtype", dtype)
    char = getattr(dtype, "char", dtype)
    if not getattr(dtype, "isnative", True):
        raise ExpressionError(f"dtype {dtype!r} is not in native byte order")
    scalar = SCALAR.get(_LONG.get(char, char)) if isinstance(char, str) else None
    if scalar is None:
        raise ExpressionError(f"dtype {dtype!r} is none of {' '.join(SCALAR)}")
    return scalar


def _capture(supplier):
    path = quick_path(supplier)
    if path is not None:
        return path
    import bpy

    if isinstance(supplier, bpy.types.bpy_struct):
        return capture_struct(supplier)
    if hasattr(supplier, "path_from_id") and hasattr(supplier, "foreach_get"):
        return capture_member(supplier)
    if isinstance(supplier, (list, tuple)):
        for i, struct in enumerate(supplier):
            if not isinstance(struct, bpy.types.bpy_struct):
                raise ExpressionError(f"a sequence as supplier holds structs of bpy; its item {i} is "
                                      f"{struct!r}")
        with looking_for_many():
            return [capture_struct(struct) for struct in supplier]
    hint = ""
    if type(supplier).__module__ in ("mathutils", "builtins"):
        hint = "; name the property instead, as in Slicer(ob)['location', :]"
    raise ExpressionError(f"{supplier!r} is no collection, struct or array of bpy, nor a sequence of "
                          f"structs{hint}")
