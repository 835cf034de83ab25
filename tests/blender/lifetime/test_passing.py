# tests/blender/lifetime/test_passing.py: structs to which no way leads: read where they are named, else lost
import array

import bpy

from support import refused

LOST = ("SupplierLostError", "may be gone", "Slicer(struct)[...].read()")
done = []


class Executed(bpy.types.Operator):
    """Runs a function with its operator, to which nothing leads."""

    bl_idname, bl_label = "rnaslicer_tests.executed", "Executed"
    strength: bpy.props.FloatVectorProperty(default=(1, 2, 3))
    told: bpy.props.FloatVectorProperty(default=(1, 2, 3), update=lambda self, context: None)
    function = None

    def execute(self, context):
        Executed.function(self)
        done.append(True)
        return {"FINISHED"}


def executed(function):
    """What the function asserts of an operator while it runs."""
    Executed.function = staticmethod(function)
    bpy.utils.register_class(Executed)
    done.clear()
    try:
        bpy.ops.rnaslicer_tests.executed()
    finally:
        bpy.utils.unregister_class(Executed)
    assert done, "the operator did not run to its end"


def test_it_is_read_where_it_is_named():
    from rnaslicer import Slicer

    def check(operator):
        assert Slicer(operator)["has_reports"].read().tolist() is False
        assert [Slicer(one)["has_reports"].read().tolist() for one in (operator, operator)] == [False, False]
        assert Slicer([operator, operator])[:, "has_reports"].read().tolist() == [False, False]
        assert Slicer([operator, operator])[[1, 0, -1], "has_reports"].read().tolist() == [False] * 3
        found = array.array("b", [9])
        out = memoryview(found).cast("B").cast("b", ())
        Slicer(operator, dtype="b")["has_reports"].read(out)
        assert found[0] == 0 and Slicer(operator)["has_reports"].shape == ()
        with Slicer(operator)["has_reports"] as vw:
            assert vw.memcache[()] is False and vw.shape == () and vw.format == "?"
        with Slicer(operator)[("has_reports", "has_reports"),] as vw, Slicer(operator)["has_reports"] as other:
            assert vw.memcache.tolist() == [False, False] and other.memcache[()] is False
    executed(check)


def test_whatever_may_have_freed_it_ends_it():
    from rnaslicer import Slicer

    def later(operator):
        vw = Slicer(operator)["has_reports"]
        return vw.read()

    def after_a_call(operator):
        return Slicer(operator)[str("has_reports")].read()

    def by_another(operator):
        return read(Slicer(operator)["has_reports"])

    def read(vw):
        return vw.read()

    def again(operator):
        slicer = Slicer(operator)
        while True:
            slicer["has_reports"].read()

    def by_a_name(operator):
        return (vw := Slicer(operator)["has_reports"]).read() and vw

    def by_turns(operator):
        for slicer in map(Slicer, [operator]):
            return slicer["has_reports"].read()

    def given(operator):
        return [slicer["has_reports"].read() for slicer in [Slicer(operator)]]

    def refreshed(operator):
        with Slicer(operator)["has_reports"] as vw:
            assert not vw.alive
            vw.refresh()

    def updated(operator):
        with Slicer(operator)["has_reports"] as vw:
            vw.update()

    def check(operator):
        for use in (later, after_a_call, by_another, again, by_a_name, by_turns, given, refreshed, updated):
            with refused(*LOST):
                use(operator)
        held = Slicer(operator)["has_reports"]
        lost = []
        with Slicer(operator)["has_reports"] as vw:
            vw.on_lost.append(lost.append)
            bpy.context.view_layer.update()
            bpy.context.scene.frame_set(7)
            assert lost == [vw] and vw.memcache[()] is False
        with refused(*LOST):
            held.read()
    executed(check)


def test_it_is_not_written_and_calls_no_script():
    from rnaslicer import Slicer
    flag = memoryview(array.array("b", [1])).cast("B").cast("?", ())
    text = bpy.context.scene.keying_sets_all[0].type_info if len(bpy.context.scene.keying_sets_all) else None

    def check(operator):
        with refused("ReadOnlyError"):
            Slicer(operator)["has_reports"].write(flag)
        if text is not None:
            with refused("SlicerError"):
                Slicer(text)["bl_options"].write(flag)
        with refused("ExpressionError", "may run code", "read it by bpy"):
            Slicer(operator.properties)["told"].read()
        assert Slicer(operator.properties)["strength"].read().tolist() == [1, 2, 3]  # which runs none
    executed(check)


def test_what_describes_types_is_no_data():
    from rnaslicer import Slicer
    for described in (bpy.types.Mesh.bl_rna, bpy.types.Mesh.bl_rna.properties["vertices"]):
        with refused("ExpressionError", "describes a type"):
            Slicer(described)
