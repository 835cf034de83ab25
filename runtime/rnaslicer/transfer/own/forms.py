# runtime/rnaslicer/transfer/own/forms.py: custom properties that have another form than when they were entered.
"""Each struct may give its property another type or length, or none, at any time."""

from ...blender.custom import FormError, form, value_of
from ...errors import ShapeChangedError
from ...basis.records import replace
from ...layout.leaf import Rows, Walked
from ...supplier.identity import Path
from ...supplier.order import order_of
from ...supplier.several import Listed, Several
from ..laid import KEYED, PICKED, keyed_steps, picked_by


def value_as_at_enter(where, struct, leaf):
    """The value; ShapeChangedError, which names the struct at `where`, if it has not the leaf's form."""
    try:
        value = value_of(struct, leaf.keys)
        found = form(value)
    except FormError as why:
        raise ShapeChangedError(f"{where}{leaf.property.identifier} has changed since the context was entered: {why}; "
                                "enter again") from None
    if found != (leaf.property.value, leaf.property.dims):
        raise ShapeChangedError(f"{where}{leaf.property.identifier} has changed since the context was entered: it is "
                                f"{found} now; enter again")
    return value


def view_at_enter(known, path, items, run):
    """The view of custom properties that a trail entered, without a look at what they hold now: routes compare each with
    what it was, and say which is another. None where that has to be resolved."""
    view = known.view
    if hasattr(known, "beyond"):
        if view.walked or known.alone:
            return None
        at = Path(path.root, path.steps + known.beyond)
        return replace(view, leaves=tuple(replace(leaf, path=at) for leaf in view.leaves))
    walked = ()
    if known.rows == KEYED:
        at = Several(Path(path.root, way) for way in keyed_steps(path, items))
        rows = Rows.sliced(len(at.paths), slice(None))
    elif known.steps is None:
        at, rows = Listed(path), Rows.sliced(len(path), slice(None))
    else:
        at = Path(path.root, known.steps)
        length = len(run.uids) // 4
        picked = picked_by(items[known.before], length) if known.rows == PICKED else None
        rows = Rows(length, 0, 1, len(picked), tuple(picked)) if picked is not None else Rows.sliced(length, known.rows)
        walked = (Walked(at, None, order_of(at, at.follow())),)
    leaves = tuple(replace(leaf, path=at, rows=rows) for leaf in view.leaves)
    return replace(view, shape=(rows.count, *view.shape[1:]), leaves=leaves, walked=walked)
