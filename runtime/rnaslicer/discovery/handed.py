# runtime/rnaslicer/discovery/handed.py: what discovery needs of the rooms above it, handed in.
"""Whoever puts the rooms together fills these in (assembly.py)."""

from collections.abc import Callable
from typing import Any


class Handed:
    """Functions of others."""

    confirms: Callable[..., Any]  # (get, name, vary): whether a property of `get()`'s elements lies where names say
    confirmed_layers: Callable[..., Any]  # (coll, name): keys of layers without attribute that hold it

    places: Callable[..., Any]  # (name, numbers) of places that this session found, beside those of RNA and SDNA

    @staticmethod
    def session() -> Any:
        """(path key, route, layout, proof) of everything that this session proved: nothing until then."""
        return ()

    @staticmethod
    def learnt() -> None:
        """Called where another `Known` is known from now on."""


handed = Handed()


def hand_in(**functions):
    """Sets them."""
    vars(handed).update(functions)
