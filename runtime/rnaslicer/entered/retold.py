# runtime/rnaslicer/entered/retold.py: what has changed since a wrapper was entered, in the same words whichever way met it.
"""Routes compare what they hold with what is there now; where a trail has declined, what the expression leads to now is
compared with what was entered. Each meets a change in its own place. What a script is told is asked here, once and of
both."""

from __future__ import annotations

from typing import Any

from .. import _core
from ..blender.names import key_in
from ..blender.rna import COMPUTED
from ..errors import ContextError, ExpressionError, ReadOnlyError, ShapeChangedError, SlicerError, SupplierLostError
from ..expression.resolve import resolve
from ..supplier.identity import MAIN, Path, lost
from ..transfer.writing.permission import why_readonly

_PLAIN = "enter again"
_SAID = "what the expression leads to is another than when the context was entered"


def retold(wrapper: Any, error: Exception, shape: tuple, since: Any, writing: bool) -> Exception:
    """The error to raise for one that says that something is gone, or has another shape. shape: of the MemCache; since:
    when all was last seen to be there; writing: what may never be written is told first."""
    if _says_what_was_written(error):  # which nobody could tell again
        return error
    try:  # what the expression begins with is told first
        wrapper._find()
    except SupplierLostError as gone:
        return lost(gone.where, since) if hasattr(gone, "where") else gone
    except Exception:
        return error
    found = _broken(wrapper, since)
    view, problem = _now(wrapper)
    if isinstance(problem, ExpressionError) and hasattr(problem, "where"):  # a pointer or key that leads nowhere
        return lost(problem.where, since)
    if found is None and not isinstance(error, ShapeChangedError):
        return lost(error.where, since) if hasattr(error, "where") else error
    if writing and not isinstance(found, SupplierLostError) and view is not None:
        why = _why_not_written(view)
        if why is not None:
            return why
    if isinstance(found, SupplierLostError):
        return found
    if found is None and hasattr(problem, "changed"):
        found = ShapeChangedError(f"{problem.changed}; {_PLAIN}")
    told = found or (_lengths_told(wrapper, view, shape) if view is not None else None)
    is_elsewhere = problem is not None and (not isinstance(error, ShapeChangedError) or str(problem).endswith(" is None"))
    if told is None and (is_elsewhere or _SAID in str(error)):
        return _noted(ShapeChangedError(str(error) if _SAID in str(error) else leads_elsewhere(wrapper, problem)), error)
    text = str(told or error)
    if wrapper._text not in text:
        text = f"{wrapper._text}: {text}"
    after = [f"entering again would fail now: {problem}"] if problem is not None else _axes(shape, view)
    return _noted(ShapeChangedError("; ".join([text, *after])), error)


def _says_what_was_written(error: Exception) -> bool:
    return any("written before" in text or "while it was written" in text
               for text in (str(error), *getattr(error, "__notes__", ())))


def readonly_first(wrapper: Any, error: Exception) -> Exception:
    """The error to raise where a write met one: that it may never be written is told before that geometry is not whole."""
    if not isinstance(error, ContextError) or not _core.is_free() or _says_what_was_written(error):
        return error
    view, _ = _now(wrapper)
    return view is not None and _why_not_written(view) or error


def leads_elsewhere(wrapper: Any, problem: Exception) -> str:
    """What is said where the expression would not be entered now."""
    return f"{_SAID}, so that it would not be entered now: {problem}"


def what_changed(wrapper: Any, shape: tuple) -> list[str]:
    """How the shape is another than that of the MemCache, or why it is none any more."""
    view, problem = _now(wrapper)
    return [f"entering again would fail now: {problem}"] if problem is not None else _axes(shape, view)


def _noted(found, error):
    for note in getattr(error, "__notes__", ()):
        found.add_note(note)
    return found


def _broken(wrapper, since):
    """The error for the first step that names and indices from the supplier name and that leads nowhere now; None where
    all lead on."""
    path = wrapper._path
    if type(path) is not Path:
        return None
    for kind, *what in wrapper._items:
        if kind == "keys":
            ways = [(*path.steps, ("key", key)) for key in what[0]]
        elif kind == "name" and (key := key_in(what[0])) is not None:
            ways = [(*path.steps, ("key", key))]
        elif kind == "name" and what[0] not in COMPUTED:
            path = path.attr(what[0])
            continue
        elif kind == "int":
            number, length = what[0], _length(path)
            if length is None:
                return None
            if not -length <= number < length:
                return ShapeChangedError(f"{path} had more elements when the context was entered and has {length} now, "
                                         f"none of which is number {number}; {_PLAIN}")
            path = path.item(number % length)
            continue
        else:
            return None
        for steps in ways:
            path = Path(path.root, steps)
            if since is not None:
                path.noted(since)
            try:
                path.follow()
            except SupplierLostError as lost:
                return lost
            except SlicerError:
                return None
        if kind == "keys":
            return None
    return None


def _length(path):
    try:
        return len(path.follow())
    except (SlicerError, TypeError, SystemError):  # the last: geometry that is not whole
        return None


def _now(wrapper):
    """(what the expression leads to now, why it would not be entered). Where that is because rows of one level have other
    lengths than each other, these as they are, one behind the other; None where it leads nowhere."""
    try:
        return wrapper._resolve(), None
    except Exception as error:  # half-built geometry is refused in bpy's words, too
        problem = error
    if wrapper._ragged == "flat":
        return None, problem
    try:
        path, more = wrapper._path, {**(wrapper._more or {}), "width": None}
        reached = path.follow() if not isinstance(path, list) else None
        path = [(one, one.follow()) for one in path] if reached is None else path
        more.pop("fill", None)
        return resolve(path, reached, wrapper._items, wrapper._text, scalar=wrapper._scalar, ragged="flat", **more), problem
    except Exception:
        return None, problem


def _why_not_written(view):
    try:
        for leaf in (leaf for one in view.leaves for leaf in one.whole):
            # Of a list of datablocks it is told first that it has others.
            may_be = leaf.property.readonly or type(leaf.path) is Path and leaf.path.root is not MAIN
            why = why_readonly(leaf, leaf.path.follow(), now=True) if may_be else None
            if why:
                return ReadOnlyError(f"cannot update {leaf.path}: {why}")
    except Exception:  # the change itself is told
        return None
    return None


def _lengths_told(wrapper, view, shape):
    """The error that names the first collection all of whose elements are rows, and which has another number of them."""
    found = None
    if view.offsets is not None and wrapper._ragged != "flat":
        found = _rows_behind(wrapper, view, shape)
    elif view.offsets is None:
        found = next(filter(None, (_rows_of(_moved(leaf), shape) for leaf in view.leaves)), None)
    if found is None:
        return None
    path, was, now = found
    return ShapeChangedError(f"{path} had {was} elements when the context was entered and has {now} now; {_PLAIN}")


def _moved(leaf):
    """What a leaf moves, perhaps through a matrix."""
    return leaf.inner if leaf.moved_by == "transform" else leaf


def _is_plain(leaf):
    return type(leaf.path) is Path and not leaf.moved_by and leaf.rows is not None and leaf.rows.is_all and leaf.rows.table is None


def _rows_of(leaf, shape):
    axis = next((i for i, (kind, _) in enumerate(leaf.place) if kind == "own"), None)
    if not _is_plain(leaf) or axis is None or axis >= len(shape) or shape[axis] == leaf.rows.length:
        return None
    return leaf.path, shape[axis], leaf.rows.length


def _rows_behind(wrapper, view, shape):
    count = len(view.offsets) - 1
    legs, rest = divmod(len(view.leaves), max(count, 1))
    if not legs or rest or count != shape[0] or len(shape) < 2:
        return None
    was = wrapper.lengths if wrapper._ragged == "pad" else [shape[1]] * count
    for i in range(count):
        leaf = _moved(view.leaves[i * legs])
        if not _is_plain(leaf):
            return None
        if leaf.rows.length != was[i]:
            return leaf.path, was[i], leaf.rows.length
    return None


def _axes(before, view):
    now = view.shape
    if len(before) != len(now):
        return [f"the shape went from {before} to {now}"]
    return [f"axis {i} went from {a} to {b}" for i, (a, b) in enumerate(zip(before, now)) if a != b]
