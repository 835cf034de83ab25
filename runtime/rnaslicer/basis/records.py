# runtime/rnaslicer/basis/records.py: classes of plain values, made in a tenth of the time that Python's own take.
"""`typing.NamedTuple` and `dataclasses.dataclass` write code and compile it, 0.1 to 1 ms for each class: half of what a
session's first slicing took. These have the same fields, written the same way; checkers are told that they are those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from _collections import _tuplegetter as _getter  # as collections.namedtuple has it
except ImportError:
    import operator

    def _getter(at, doc):
        return property(operator.itemgetter(at), doc=doc)

_new = tuple.__new__


class _Values(tuple):
    __slots__ = ()
    _fields: tuple = ()
    _defaults: dict = {}

    def __new__(_cls, *given, **named):
        if named or len(given) != len(_cls._fields):
            given = _cls._filled(given, named)
        return _new(_cls, given)

    @classmethod
    def _filled(cls, given, named):
        """All values in order. Raises TypeError where one is missing, or is none of its fields."""
        fields, values = cls._fields, {**cls._defaults, **named}
        if len(given) > len(fields) or not values.keys() <= set(fields) or not named.keys().isdisjoint(fields[: len(given)]):
            raise TypeError(f"{cls.__name__} has the fields {', '.join(fields)}; given were {given!r} and {named!r}")
        missing = [field for field in fields[len(given):] if field not in values]
        if missing:
            raise TypeError(f"{cls.__name__} misses {', '.join(missing)}")
        return (*given, *(values[field] for field in fields[len(given):]))

    @classmethod
    def _make(cls, iterable):
        return cls(*iterable)

    def _replace(self, **changes):
        values = [changes.pop(field, value) for field, value in zip(self._fields, self)]
        if changes:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(changes)}")
        return _new(type(self), values)

    def _asdict(self):
        return dict(zip(self._fields, self))

    def __getnewargs__(self):
        return tuple(self)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{field}={value!r}' for field, value in self._asdict().items())})"


class _Maker(type):
    """What stands in a class of `Record` becomes one of `_Values`."""

    def __new__(cls, name, bases, body):
        if not bases:
            return type.__new__(cls, name, bases, body)
        made = type(name, (_Values,), {"__doc__": "", **body, "__slots__": ()})
        fields = made._fields = made.__match_args__ = tuple(made.__annotations__)
        made._defaults = {field: body[field] for field in fields if field in body}
        for at, field in enumerate(fields):
            setattr(made, field, _getter(at, None))
        return made


if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    class Record(metaclass=_Maker):
        """What a `typing.NamedTuple` is: fields in order, perhaps with defaults."""


class Frozen:
    """What a frozen dataclass is; those that are made from it have its fields before their own."""

    _fields: tuple = ()
    _needed: frozenset = frozenset()

    def __init_subclass__(cls):
        cls._fields = (*cls._fields, *cls.__annotations__)
        cls._needed = frozenset(field for field in cls._fields if not hasattr(cls, field))

    def __init__(self, *given: Any, **named: Any) -> None:
        fields, values = self._fields, vars(self)
        values.update(zip(fields, given))
        values.update(named)
        if len(values) != len(given) + len(named) or not self._needed <= values.keys() <= set(fields):
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(fields)}, of which it needs "
                            f"{', '.join(sorted(self._needed))}; given were {given!r} and {named!r}")

    def _values(self):
        return tuple([getattr(self, field) for field in self._fields])

    def __eq__(self, other):
        return self._values() == other._values() if type(self) is type(other) else NotImplemented

    def __hash__(self):
        return hash(self._values())

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{field}={getattr(self, field)!r}' for field in self._fields)})"

    def __setattr__(self, name, value):
        raise AttributeError(f"{type(self).__name__}.{name} is not changed; replace() makes another")

    def __delattr__(self, name):
        raise AttributeError(f"{type(self).__name__}.{name} stays")


def replace(record, **changes):
    """A `Frozen` with some values changed; what was computed of it (functools.cached_property) is computed anew."""
    values = vars(record)
    return type(record)(**{field: values[field] for field in record._fields if field in values} | changes)
