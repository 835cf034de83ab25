# runtime/rnaslicer/assembly.py: puts the rooms together: hands to each what it needs from others.
"""A room imports only what lies below it. What it needs from beside or above, it is given here, once."""

import functools

from . import discovery
from .calls import given
from .inspection import recording
from .expression.gather import Named, parse
from .layout import findings, proof, whole
from .layout.matrices import Given, matrices_of
from .slicer import Slicer, given as slicing
from .supplier import identity
from .transfer import choice, described, trails
from .transfer.composed.behind import BehindRoute
from .transfer.composed.corners import CornerRoute
from .transfer.composed.gather import GatherRoute
from .transfer.composed.pad import PadRoute
from .transfer.composed.transform import TransformRoute
from .transfer.own import apart, each, listed
from .transfer.own.custom import CustomRoute
from .transfer.own.instances import InstancesRoute
from .wrapper import ViewWrapper


def _leaf(coll, name):
    (leaf,) = Slicer(coll)[:, name].leaves()
    return leaf


def _confirms(get, name, vary):
    coll = get()
    return proof.has_name_elsewhere(coll[0].bl_rna.identifier, name) and proof.confirms(_leaf(coll, name), get, vary)


def _confirmed_layers(coll, name):
    return proof.confirmed_layers(_leaf(coll, name), coll)


@functools.cache
def assemble():
    """Done once, when somebody first asks the package for what moves data."""
    choice.hand_in(behind=BehindRoute, corners=CornerRoute, gather=GatherRoute, pad=PadRoute, transform=TransformRoute,
                   custom=lambda leaf, view, _: CustomRoute(leaf, view),
                   instances=lambda leaf, view, _: InstancesRoute(leaf, view))
    choice.hand_in_apart(functools.partial(apart.suits, check=described.check_of))
    trails.hand_in(apart.is_apart, apart.described)
    trails.hand_in_lists(trails.Lists(listed.is_listed, listed.follows, listed.described, listed.described_many,
                                      listed.widened, listed.kinds_of, each.is_each, each.laid_each,
                                      each.described))
    given.hand_in(Slicer)
    identity.hand_in(whole.why_untouchable)
    recording.watch(ViewWrapper)
    recording.watch_calls(given)
    findings.hand_in(lambda: discovery.known())
    discovery.hand_in(confirms=_confirms, confirmed_layers=_confirmed_layers, session=choice.chosen, learnt=lambda: given.forget_own())
    # Last: from here on others slice.
    slicing.fill(parse=parse, matrices_of=matrices_of, wrapper_class=ViewWrapper, matrices_class=Given, named_class=Named)
