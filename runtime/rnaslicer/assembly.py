# runtime/rnaslicer/assembly.py: puts the rooms together: hands to each what it needs from others.
"""A room imports only what lies below it. What it needs from beside or above, it is given here, once."""

import functools

from . import captured, discovery  # the first hands in what is handed in anew here
from .basis.later import later
from .calls import given
from .inspection import seen
from .expression.gather import Named, parse
from .layout import findings, proof, whole
from .layout.matrices import Given, matrices_of
from .layout.places import Linked
from .slicer import Slicer, given as slicing
from .supplier import identity
from .transfer import choice, described, kept, trails
from .wrapper import ViewWrapper

_behind, _corners = later("transfer.composed.behind"), later("transfer.composed.corners")
_gather, _pad = later("transfer.composed.gather"), later("transfer.composed.pad")
_transform, _custom = later("transfer.composed.transform"), later("transfer.own.custom")
_instances, _weights = later("transfer.own.instances"), later("transfer.weights")
_apart, _each, _nested = later("transfer.own.apart"), later("transfer.own.each"), later("transfer.own.nested")
_listed = later("transfer.own.listed")  # by the enter of what lies in lists


def _leaf(coll, name):
    (leaf,) = Slicer(coll)[:, name].leaves()
    return leaf


def _confirms(get, name, vary):
    coll = get()
    return proof.has_name_elsewhere(coll[0].bl_rna.identifier, name) and proof.confirms(_leaf(coll, name), get, vary)


def _confirmed_layers(coll, name):
    return proof.confirmed_layers(_leaf(coll, name), coll)


def _is_linked(route):
    return isinstance(getattr(getattr(route, "layout", None), "place", None), Linked)


@functools.cache
def assemble():
    """Done once, when somebody first asks the package for what moves data."""
    choice.hand_in(behind=lambda *given: _behind.BehindRoute(*given), corners=lambda *given: _corners.CornerRoute(*given),
                   gather=lambda *given: _gather.GatherRoute(*given), pad=lambda *given: _pad.PadRoute(*given),
                   transform=lambda *given: _transform.TransformRoute(*given),
                   weights=lambda leaf, view, _: _weights.WeightRoute(leaf, view),
                   custom=lambda leaf, view, _: _custom.CustomRoute(leaf, view),
                   instances=lambda leaf, view, _: _instances.InstancesRoute(leaf, view))
    choice.hand_in_apart(lambda *given: _apart.suits(*given, check=described.check_of))
    trails.hand_in(lambda *given: _apart.is_apart(*given), lambda *given: _apart.described(*given),
                   lambda *given: _apart.asks(*given))
    trails.hand_in_lists(trails.Lists(lambda routes: _is_linked(routes[0]) and _listed.is_listed(routes),
                                      lambda route: _is_linked(route) and _listed.follows(route),
                                      lambda *given: _listed.described(*given),
                                      lambda *given: _listed.described_many(*given),
                                      lambda *given: _listed.widened(*given), lambda leaf: _listed.kinds_of(leaf),
                                      lambda routes: _each.is_each(routes),
                                      lambda *given: _each.laid_each(*given), lambda *given: _each.described(*given),
                                      lambda routes: _each.asks(routes),
                                      lambda routes, view: len(routes) > 1 and _nested.is_nested(routes, view),
                                      lambda *given: _nested.laid_nested(*given),
                                      lambda *given: _nested.described(*given)))
    given.hand_in(Slicer)
    identity.hand_in(whole.why_untouchable)
    seen.hand_in(trails.look_up, ViewWrapper, given)
    findings.hand_in(lambda: discovery.known())
    discovery.hand_in(confirms=_confirms, confirmed_layers=_confirmed_layers, places=kept.told, session=choice.chosen,
                      learnt=lambda: given.forget_own())
    # Last: from here on others slice.
    slicing.fill(parse=parse, matrices_of=matrices_of, wrapper_class=ViewWrapper, matrices_class=Given, named_class=Named)
