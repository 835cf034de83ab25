# addon/inspector/operators.py: the buttons of the tab: views, comparison, report, save.

import json

import bpy

from .. import bundle
from . import rows, texts

_choices = []  # Blender keeps pointers into the texts of an enum's items


class OfAKernel:
    """Needs a kernel that is chosen. One that never was compiled has a plan."""

    @classmethod
    def poll(cls, _context):
        return rows.chosen() is not None


class RNASLICER_OT_show_kernel(OfAKernel, bpy.types.Operator):
    bl_idname = "rnaslicer.show_kernel"
    bl_label = "Show Kernel"
    bl_description = "Open this view of the chosen kernel as a text. Files do not keep it unless you rename it"

    view: bpy.props.EnumProperty(items=[
        ("plan", "Plan", "Where the values lie and how they are converted"),
        ("ir", "IR", "What the compiler was given"),
        ("asm", "Assembly", "Machine code, with the line of the plan that each instruction is for"),
        ("linked", "Linked", "Plan, IR and assembly joined, the main loop unfolded")])

    def execute(self, context):
        info, views = rows.chosen(), bundle.package.inspection.views
        make = {"plan": views.plan_text, "ir": views.ir_text, "asm": views.asm_view, "linked": views.linked_text}
        content = f"{info.verdict}\n{make[self.view](info)}"
        texts.show(texts.name_of({"asm": "assembly"}.get(self.view, self.view), info), content, context)
        return {"FINISHED"}


def _others(_operator, _context):
    info = rows.chosen()
    own = info.signature if info else ""
    _choices[:] = [(item.signature, item.name, item.signature) for item in rows.group().rows
                   if item.compiled and item.signature != own] or [("", "no other kernel is compiled", "")]
    return _choices


class RNASLICER_OT_compare_kernels(OfAKernel, bpy.types.Operator):
    bl_idname = "rnaslicer.compare_kernels"
    bl_label = "Compare"
    bl_description = "Open what differs between the chosen kernel and another one: plan, cycles, IR and assembly"
    bl_property = "other"

    other: bpy.props.EnumProperty(items=_others)

    @classmethod
    def poll(cls, _context):
        info = rows.chosen()
        return info is not None and bool(info.codes)

    def invoke(self, context, _event):
        context.window_manager.invoke_search_popup(self)
        return {"RUNNING_MODAL"}

    def execute(self, context):
        info, other = rows.chosen(), rows.find(self.other)
        if other is None:
            self.report({"WARNING"}, "There is no other compiled kernel to compare with")
            return {"CANCELLED"}
        name = texts.cut(f"compare {info.signature[:8]} {other.signature[:8]}")
        texts.show(name, bundle.package.inspection.diff(info, other), context)
        return {"FINISHED"}


class ToFile:
    """Asks for a file; says what went wrong with it."""

    filepath: bpy.props.StringProperty(subtype="FILE_PATH")
    suffix = ""

    def invoke(self, context, _event):
        if not self.filepath:
            self.filepath = self.default_name() + self.suffix
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, _context):
        path = bpy.path.abspath(self.filepath)
        try:
            self.save(path)
        except OSError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"Saved {path}")
        return {"FINISHED"}


class RNASLICER_OT_kernel_report(ToFile, bpy.types.Operator):
    bl_idname = "rnaslicer.kernel_report"
    bl_label = "Report"
    bl_description = "Save all kernels as one HTML page, for any browser: table, and plan, IR and assembly side by side"

    filepath: bpy.props.StringProperty(subtype="FILE_PATH")
    suffix = ".html"

    @classmethod
    def poll(cls, _context):
        return bundle.package is not None

    def default_name(self):
        return "kernels"

    def save(self, path):
        bundle.package.inspection.report(path)


class RNASLICER_OT_save_kernel(OfAKernel, ToFile, bpy.types.Operator):
    bl_idname = "rnaslicer.save_kernel"
    bl_label = "Save"
    bl_description = "Save all there is of the chosen kernel: as JSON if the name ends with .json, else as text"

    filepath: bpy.props.StringProperty(subtype="FILE_PATH")
    suffix = ".txt"

    def default_name(self):
        return f"kernel-{rows.chosen().signature}"

    def save(self, path):
        info, inspection = rows.chosen(), bundle.package.inspection
        if path.lower().endswith(".json"):
            content = json.dumps(inspection.as_json(info, texts=True), indent=1) + "\n"
        else:
            content = inspection.views.full_text(info)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)


class RNASLICER_OT_refresh_kernels(bpy.types.Operator):
    bl_idname = "rnaslicer.refresh_kernels"
    bl_label = "Refresh"
    bl_description = "Take the figures anew. While the tab is seen that happens by itself"

    def execute(self, _context):
        rows.refresh(anew=True)
        return {"FINISHED"}


class RNASLICER_OT_open_kernels(bpy.types.Operator):
    bl_idname = "rnaslicer.open_kernels"
    bl_label = "Inspect"
    bl_description = "Show the kernels in a Text Editor's sidebar, in a new window if there is no such editor"

    @classmethod
    def poll(cls, _context):
        return not bpy.app.background

    def execute(self, context):
        area = self.editor(context)
        if area is None:
            bpy.ops.wm.window_new()
            window = context.window_manager.windows[-1]
            area = max(window.screen.areas, key=lambda one: one.width * one.height)
            area.type = "TEXT_EDITOR"
        area.spaces.active.show_region_ui = True
        for region in area.regions:
            if region.type == "UI" and hasattr(region, "active_panel_category"):
                try:
                    region.active_panel_category = "Kernels"
                except (AttributeError, TypeError):  # read-only before 4.2; not drawn yet
                    pass
        rows.refresh(anew=True)
        area.tag_redraw()
        return {"FINISHED"}

    @staticmethod
    def editor(context):
        for window in context.window_manager.windows:
            for area in window.screen.areas:
                if area.type == "TEXT_EDITOR":
                    return area
        return None


CLASSES = (RNASLICER_OT_show_kernel, RNASLICER_OT_compare_kernels, RNASLICER_OT_kernel_report,
           RNASLICER_OT_save_kernel, RNASLICER_OT_refresh_kernels, RNASLICER_OT_open_kernels)
