# tests/blender/model/form_steps.py: the campaign of expressions: random forms of one kind after another, compared with the specification
"""What a trail knows is told by a key, which says less than an expression: so forms of one kind follow each other, with other
lengths, rows, names and classes, and each must give what `spec` reads by getattr. Some stay entered while the file changes.
Steps keep the rules of model_steps.py; `Expressions.step([name, a, b, c])` does one."""
import collections
import contextlib
import random

import bpy
import spec
from form_use import Use
from form_vocabulary import Form, kinds
from form_world import EVENTS, World
from fresh import forget_proofs, undiscovered
from support import same

MOST_HELD = 6
GONE = "gone"  # what it is made of was removed


class Expressions(Use):
    """A file, and wrappers that are entered in it."""

    world = None

    def __init__(self, folder, say=lambda text: None):
        self.say, self.tally, self.held = say, collections.Counter(), []
        self.mode, self.kinds = contextlib.ExitStack(), kinds()
        self.start()

    def start(self):
        self.leave_all()
        if self.world is not None:
            self.world.end()
        self.world, self.focus = World(), self.kinds
        forget_proofs()

    def step(self, step):
        name, *numbers = step
        done = getattr(self, "do_" + name)(*numbers)
        if done is not None:
            self.say(f"{name}: {done}")
            self.tally[name] += 1
        self.check_learning()

    @staticmethod
    def check_learning():
        """An error of learning is seen by no script, but unlearns what was known."""
        from rnaslicer.entered import learning
        trouble = learning.TROUBLE[:]
        learning.TROUBLE.clear()
        assert not trouble, f"learning: {trouble[-1].strip().splitlines()[-1]}\n{trouble[-1]}"

    def finish(self):
        """All that is entered must still be right, or refuse."""
        while self.held:
            self.refresh(self.held[0], random.Random(0))
            self.leave(self.held[0])

    def close(self):
        self.leave_all()
        self.world.end()
        self.mode.close()

    def leave_all(self):
        for held in self.held[:]:
            self.leave(held)

    def leave(self, held):
        if held in self.held:
            self.held.remove(held)
        held.vw.__exit__(None, None, None)

    # ---- steps

    def do_form_undiscovered(self, a, b, c):
        """From here on nobody has found out where values lie."""
        self.leave_all()
        self.mode.close()
        self.mode.enter_context(undiscovered())
        self.start()
        return ""

    def do_form_reset(self, a, b, c):
        self.start()
        return ""

    def do_form_focus(self, a, b, c):
        """Few kinds, so that each comes often."""
        self.focus = random.Random(a).sample(self.kinds, 4)
        return ", ".join(kind.name for kind in self.focus)

    def do_form_series(self, a, b, c):
        """Forms of one kind, one after the other."""
        rng, done, form = random.Random(b), [], None
        kind = self.focus[a % len(self.focus)]
        for _ in range(2 + c % 5):
            try:  # the same again is what a trail is for
                form = form if form is not None and rng.random() < 0.4 else Form(kind, self.world, rng)
            except KeyError:  # there is nothing of it
                return None
            done.append(f"{form.text} {self.one(form, rng)}")
            alike = [held for held in self.held if held.form.kind.name == kind.name]
            if rng.random() < 0.2:
                done.append(f"values {self.assign(kind, rng)}")
            if alike and rng.random() < 0.3:
                held = rng.choice(alike)
                done.append(f"held {self.use(held, rng)}: {held.form.text}")
            self.check_learning()
        return "\n        ".join(done)

    def do_form_use(self, a, b, c):
        if not self.held:
            return None
        held, rng = self.held[a % len(self.held)], random.Random(b)
        return f"{self.use(held, rng)}: {held.form.text}"

    def do_form_leave(self, a, b, c):
        if not self.held:
            return None
        held = self.held[a % len(self.held)]
        self.leave(held)
        return held.form.text

    def do_form_values(self, a, b, c):
        """bpy assigns other values, all alike or not, to all structs of a kind."""
        return self.assign(self.focus[a % len(self.focus)], random.Random(b))

    def assign(self, kind, rng):
        if kind.owners is None or kind.topology:
            return None
        alike, prop = rng.random() < 0.3, rng.choice(kind.props)
        for name in prop if isinstance(prop, tuple) else (prop,):
            first = {}
            for slot in self.slots(kind, (name,)):
                key = slot.index, slot.prop.type
                value = self.value(rng, slot)
                slot.write(first.setdefault(key, value) if alike else value)
        if prop in ("co", "vector"):
            settle()
        return f"{kind.name} {prop}{' alike' if alike else ''}"

    def do_form_event(self, a, b, c):
        name = EVENTS[a % len(EVENTS)]
        done = self.world.event(name, random.Random(b))
        if done is not None:
            self.tally[f"event {name}"] += 1
        return done

    def do_form_push(self, a, b, c):
        bpy.ops.ed.undo_push(message="push")
        self.world.pushed.append(dict(self.world.ids))
        return ""

    def do_form_evaluate(self, a, b, c):
        bpy.context.view_layer.update()
        return ""

    # ---- one form

    def wanted(self, form):
        """The specification's Result; the error that is due; None where it says nothing."""
        if any(item is Ellipsis and str(then).startswith('["') for item, then in zip(form.items, form.items[1:])):
            return None  # whether that key is one of the collection or of its elements
        try:
            found = spec.evaluate(form.give(), form.items, **form.options)
            return None if not found.slots and form.is_of_corners else found  # how many has a face that is not there
        except spec.ExpressionError as error:
            # Of a mesh that an index chose the specification counts the level above its faces, too.
            return None if "more than one ragged level" in str(error) else "ExpressionError"
        except spec.SpecificationGap:
            return None
        except (KeyError, IndexError):
            return GONE

    def one(self, form, rng):
        """Enters it, uses it, and leaves it or not."""
        from rnaslicer import Slicer
        if form.is_new and rng.random() < 0.15:
            self.choose_type(form, rng)
        form.is_new = False  # wrappers of it may be held
        want, held = self.wanted(form), None

        def enter():
            nonlocal held
            vw = Slicer(form.give(), **form.options)[form.items]
            vw.__enter__()
            held = Held(form, vw, self.world.changes)
        found = self.outcome(form, "entering", enter)
        if want is None:
            if held is not None:
                self.leave(held)
            return "unspecified"
        if isinstance(want, str):
            assert found == want, f"{form.text}: entering ends in {found}, due: {want}"
            return found
        assert found == "ok", f"{form.text}: entering ends in {found}, due: ok"
        vw = held.vw
        assert (tuple(vw.shape), vw.format) == (want.shape, want.format), (
            f"{form.text}: {vw.shape} {vw.format}, not {want.shape} {want.format}")
        held.cache, held.shape = want.values(), want.shape
        self.check_cache(held, "at enter")
        for kernel in vw.kernels[:1]:
            self.tally[f"route {kernel.route} "] += 1
        done = [self.use(held, rng) for _ in range(rng.randrange(3))]
        if rng.random() < 0.75:
            self.leave(held)
        else:
            self.held.append(held)
            if len(self.held) > MOST_HELD:
                self.leave(self.held[0])
        return f"ok {vw.shape} {' '.join(done)}"

    def choose_type(self, form, rng):
        want = self.wanted(form)
        if isinstance(want, spec.Result):
            form.options["dtype"] = {"f": rng.choice("de"), "d": "f", "i": rng.choice("qh"), "?": rng.choice("Bf")}[want.format]
            form.text += f" dtype {form.options['dtype']}"

    def outcome(self, form, doing, use):
        """"ok" or the error's name."""
        from rnaslicer import SlicerError
        self.message = ""
        try:
            use()
            found = "ok"
        except SlicerError as error:
            found, self.message = type(error).__name__, str(error)
        self.tally[f"{doing}: {found}"] += 1
        return found

    def check_cache(self, held, when):
        same(flat(held.vw.memcache.tolist()), held.cache, f"{held.form.text}: the cache {when}")


class Held:
    """A wrapper that is entered; `cache`: what it must hold; `changes`: how often the file had changed at enter."""

    cache = shape = None

    def __init__(self, form, vw, changes):
        self.form, self.vw, self.changes = form, vw, changes


def settle():
    """bpy's own assignments leave bounds as they were."""
    for mesh in bpy.data.meshes:
        places = [x for one in mesh.vertices for x in one.co]
        mesh.vertices.foreach_set("co", places)
        mesh.update()


def flat(nested):
    return [one for part in nested for one in flat(part)] if isinstance(nested, list) else [nested]
