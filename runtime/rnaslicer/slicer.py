# runtime/rnaslicer/slicer.py: Slicer(supplier)[expression], the way in.
"""`Slicer` captures who the supplier is; `Slicer(...)[...]` gives a `ViewWrapper` and touches no data."""

from __future__ import annotations

import operator
import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from . import _core
from .basis.later import later
from .errors import ExpressionError, ValueRangeError, passes, refused, shown, text_of
from .layout.storage import SCALAR

if TYPE_CHECKING:
    from .wrapper import ViewWrapper as _ViewWrapper

_captured, _rna = later("captured"), later("blender.rna")
_LONG = {"l": "q", "L": "Q"}
_SPELLED = {"b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "f2": "e",
            "f4": "f", "f8": "d"}  # as NumPy does; b1 is a bool
_NAMED = {"bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "q", "uint8": "B", "uint16": "H",
          "uint32": "I", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d"}
_NATIVE, _FOREIGN = ("<=|@", ">!") if sys.byteorder == "little" else (">=|@!", "<")
_SETTINGS = frozenset(("dtype", "ragged", "width", "fill", "transform", "normalized", "of"))
_LISTED = ", ".join(sorted(_SETTINGS))
_NORMALIZED = ("i8", "u8", "i16", "u16", "i32", "u32")


class Given:
    """What slicing needs, most of the package: loaded when the first slicer is sliced. `assemble()` fills in the rest."""

    parse: Any = None
    captured: Any = None  # captured.py, once a slicer was made
    matrices_of: Any
    wrapper_class: Any
    matrices_class: Any
    named_class: Any

    @staticmethod
    def assemble():
        """Loads and puts together the rest. Raises ImportError where its files were replaced or are gone."""
        importlib.import_module(__package__)._assemble()

    def fill(self, **functions):
        """Called by assembly.py."""
        vars(self).update(functions)
        _core.set_wrapper_class(self.wrapper_class, self.matrices_class, self.named_class)


given = Given()


class Slicer(_core.Subscripted):
    """Names bulk data of Blender: `Slicer(mesh.vertices)[:, 'co', :]`.

    supplier: a bpy collection, struct (also an ID), RNA array such as `image.pixels`, or a Python
        sequence of structs. Its identity (datablock and path) is captured at once; the collection
        itself is not kept.
    dtype: None for RNA's own type (FLOAT 'f', INT and ENUM 'i', BOOLEAN '?'), or one of
        `? b B h H i I q Q e f d`, also as NumPy spells them (`f4`, `u1`, `float32`, a dtype, np.float32):
        values are converted to nearest even, saturating, NaN to 0.
    ragged: 'error', or 'flat' to join one level of nested collections of different lengths, or 'pad' to give all
        of them the same `width` (the longest), where what is not real holds `fill`; `ViewWrapper.lengths` tells.
    transform: a 3×4 or 4×4 matrix for FLOAT vectors of three, as many as the first axis has elements, or 'WORLD': the
        world matrix of the object that the path passes through. Points, or by RNA's subtype directions and normals;
        in float64, rounded once. `update` goes through the inverse.
    of: the type of an empty sequence's structs (`of=bpy.types.Object`), which nothing else tells.
    normalized: the integers of `dtype` (b B h H i I) stand for FLOAT values: 0 to 1 as 0 to the largest, or -1 to
        1 as -largest to largest where they are signed. To nearest even, saturating, NaN to 0; and back.

    Raises ExpressionError if the supplier is nothing that can be found again, SupplierLostError if
    it is gone already.
    """

    __slots__ = ()

    if TYPE_CHECKING:  # native: a known supplier and plain settings are taken without Python, all else by _take

        _path: Any
        _scalar: str | None
        _ragged: str
        _more: dict[str, Any] | None

        def __init__(self, supplier: Any | Sequence[Any], *, dtype: Any = None,
                     ragged: Literal["error", "flat", "pad"] = "error", width: int | None = None, fill: Any = 0,
                     transform: Any = None, normalized: bool = False, of: type | None = None) -> None: ...

    def _take(self, path, /, *given, **named):
        """`path`: of the supplier, where native code knows one."""
        if len(given) != 1 or not named.keys() <= _SETTINGS:
            given = _supplier_of(given, named)
        (supplier,) = given
        captured = Given.captured = Given.captured or _captured.itself()
        if _core.is_stopped():
            captured.check_running()
        try:
            if path is None:
                path = captured.quick_path(supplier)
            if path is None:
                _core.warm_up()  # the first kernel comes sooner; a second call does nothing
            self._fill(path, supplier, **named)
        except Exception as error:  # what was given may run code of its own when it is asked what it is
            if passes(error):
                raise
            captured.check_unrestricted(f"Slicer({shown(supplier)})")
            raise refused(f"Slicer({shown(supplier)})", error) from error

    def _fill(self, path, supplier, dtype=None, ragged="error", width=None, fill=0, transform=None, normalized=False,
              of=None):
        if not isinstance(ragged, str) or ragged not in ("error", "flat", "pad"):
            raise ExpressionError(f"ragged must be 'error', 'flat' or 'pad', not {shown(ragged)}")
        if ragged != "pad" and (width is not None or not (isinstance(fill, (int, float)) and fill == 0)):
            raise ExpressionError("width and fill are for ragged='pad'")
        if dtype is None or type(dtype) is str and dtype in SCALAR:
            self._scalar = dtype if dtype is None else SCALAR[dtype]
        else:
            self._scalar = _scalar(dtype)
        self._ragged, self._more = ragged, None
        normalized = normalized if type(normalized) is bool else _yes(normalized)
        if ragged == "pad" or transform is not None or normalized:
            try:
                self._more = self._settings(width, fill, transform, normalized)
            except (ExpressionError, ValueRangeError) as error:
                raise type(error)(f"Slicer({shown(supplier)}): {error}") from None
        self._path = Given.captured.capture(supplier) if path is None else path
        if of is not None:
            Given.captured.check_type(of, supplier)
        if of is not None and not self._path:
            self._more = {**(self._more or {}), "of": of}

    if TYPE_CHECKING:  # native: what was asked before is made without Python, all else by _sliced

        def __getitem__(self, expression: Any) -> _ViewWrapper: ...

    def _sliced(self, expression):
        if given.parse is None:
            given.assemble()
        try:
            items, named = given.parse(expression)
            return given.wrapper_class(self._path, items, expression, self._scalar, self._ragged, named, self._more)
        except Exception as error:  # an __index__ or a buffer that raises
            if passes(error):
                raise
            raise ExpressionError(f"{text_of(self._path)}[{shown(expression)}]: {type(error).__name__}: "
                                  f"{error}") from error

    def __enter__(self) -> Any:
        raise ExpressionError(f"{text_of(self._path)} is no context: brackets say what is wanted of it, as in "
                              "`with Slicer(mesh.vertices)[:, 'co', :] as vw:`")

    def __exit__(self, *_: object) -> None:
        """Never entered."""

    def __copy__(self) -> Slicer:
        return self  # nothing of it changes

    def __deepcopy__(self, _memo: object) -> Slicer:
        return self

    def __reduce_ex__(self, _protocol: object) -> Any:
        raise ExpressionError(f"{text_of(self._path)} cannot be pickled: it names data of this session")

    def _settings(self, width, fill, transform, normalized):
        """What most slicers do without."""
        if width is not None:
            width = _width(width)
        if normalized and self._scalar not in _NORMALIZED:
            raise ExpressionError("normalized=True needs a dtype of 8, 16 or 32 bit integers: one of b B h H i I")
        if transform is not None:
            if given.parse is None:
                given.assemble()
            transform = given.matrices_of(transform)
        return {"width": width, "fill": fill, "transform": transform, "normalized": normalized}

    def __repr__(self) -> str:
        return f"<{text_of(self._path)}>"


def _yes(normalized):
    """Whether what was given for `normalized` says yes."""
    try:
        return bool(normalized)
    except Exception as error:  # an array, which is neither
        if passes(error):
            raise
        raise ExpressionError(f"normalized is True or False, not {shown(normalized)}: compare it first, or give one for "
                              "each slicer") from error


def _supplier_of(given, named):
    """What `Slicer(…)` is to name, as the only one; a supplier may be named. Raises ExpressionError for other arguments
    than it takes."""
    if "supplier" in named:
        given = (*given, named.pop("supplier"))
    for name in named:
        if name not in _SETTINGS:
            raise ExpressionError(f"Slicer has no setting {name!r}{_rna.near(name, _SETTINGS)}; there are {_LISTED}")
    if not given:
        raise ExpressionError("Slicer() needs a supplier, as in Slicer(mesh.vertices)[:, 'co', :]")
    if len(given) > 1:
        raise ExpressionError(f"Slicer takes one supplier, not {len(given)}: several structs as a list, settings by "
                              f"name, which are {_LISTED}")
    return given


def _width(width):
    """As an int, which NumPy's are not. Raises ExpressionError for what is none."""
    try:
        found = -1 if isinstance(width, bool) else operator.index(width)
    except TypeError:
        found = -1
    if not 0 <= found < 1 << 31:
        raise ExpressionError(f"width is an int of 0 or more, below 2**31, not {shown(width)}")
    return found


def _scalar(dtype):
    if isinstance(dtype, type):  # float, int, bool, or one of NumPy's such as np.float32
        dtype = {float: "d", int: "q", bool: "?"}.get(dtype) or getattr(dtype(), "dtype", dtype)
    char = getattr(dtype, "char", dtype)
    if not getattr(dtype, "isnative", True) or isinstance(char, str) and char[:1] in _FOREIGN and len(char) > 1:
        raise ExpressionError(f"dtype {shown(dtype)} is not in native byte order")
    if isinstance(char, str) and len(char) > 1:
        char = char[1:] if char[0] in _NATIVE else _NAMED.get(char, char)
        char = _SPELLED.get(char, char)
    scalar = SCALAR.get(_LONG.get(char, char)) if isinstance(char, str) else None
    if scalar is None:
        raise ExpressionError(f"dtype {shown(dtype)} is none of {' '.join(SCALAR)}, nor of {' '.join(_SPELLED)}, nor "
                              f"of {' '.join(_NAMED)}")
    return scalar
