# addon/inspector/panel.py: draws the tab: list, buttons, verdict.

import re
import textwrap
import time

import bpy

from .. import bundle
from . import rows
from .operators import (RNASLICER_OT_compare_kernels, RNASLICER_OT_kernel_report, RNASLICER_OT_refresh_kernels,
                        RNASLICER_OT_save_kernel, RNASLICER_OT_show_kernel)

_MOST_LINES = 60  # of a verdict
_WIDE = 420  # pixels from which all figures have room beside the expression
_FIGURES = {"share": "Time", "moved": "Bytes", "rate": "Speed", "memcpy": "memcpy"}
_SORTED = {"bytes": ("moved",), "rate": ("rate",), "memcpy": ("memcpy",)}  # what a narrow list shows; else the time


def figures(context, sort):
    """The columns that there is room for."""
    if context.region.width > _WIDE * context.preferences.system.ui_scale:
        return tuple(_FIGURES)
    return _SORTED.get(sort, ("share",))


def split(layout):
    """(layout for the figures, layout for the expression)."""
    both = layout.split(factor=0.45, align=True)
    return both.row(align=True), both


def brief(expression):
    """'co of vertices', where there is no room for Slicer(Mesh 'Cube'.vertices)[:, 'co', :]."""
    supplier, _, items = expression.partition(")[")
    items = re.sub(r"\w+ '[^']*'[^,]*\.(\w+)", r"'\1'", items)  # a collection that is named: its last step
    items = re.sub(r"(?<='), (?:\('[wxyzrgba]+'[^)]*\)|'[wxyzrgba]+')", "", items)  # components
    items = re.sub(r"\('([^']*)', [^)]*\)", r"'\1, ...'", items)  # several properties: the first
    named = re.findall(r"'((?:[^'\\]|\\.)+)'", items)
    supplier = re.sub(r", (?:dtype|ragged|normalized|transform)=.*|\[\w+\]$", "", supplier)
    owner = named[-2:-1] or re.findall(r"\w+", supplier if supplier[7:8] != "[" else "list")[-1:]
    return f"{named[-1]} of {owner[0]}" if named and owner else expression


class RNASLICER_UL_kernels(bpy.types.UIList):
    """Share, bytes, speed, share of memcpy's speed, expression. Greyed where nothing was ever compiled."""

    def draw_item(self, context, layout, data, item, _icon, _active_data, _active_property, _index=0, _flags=0):
        columns = figures(context, data.sort)
        row = layout.row(align=True)
        row.active = item.compiled
        if len(columns) == 1:
            figure = getattr(item, columns[0]).replace(" ", "") if item.signature else item.route
            row.label(text=f"{figure or '-'} {brief(item.name)}")
            return
        numbers, name = split(row)
        if not item.signature:
            numbers.label(text=item.route)
        for column in columns if item.signature else ():
            cell = numbers.row()
            cell.alignment = "RIGHT"
            cell.label(text=getattr(item, column) or "-")
        name.label(text=item.name)

    def draw_filter(self, _context, layout):
        layout.prop(self, "filter_name", text="")

    def filter_items(self, _context, data, name):
        """By any part of the expression or the signature; the order is the list's own."""
        wanted, items = self.filter_name.lower(), getattr(data, name)
        if not wanted:
            return [], []
        return [self.bitflag_filter_item if wanted in item.name.lower() or wanted in item.signature else 0
                for item in items], []


class RNASLICER_PT_kernels(bpy.types.Panel):
    bl_idname = "RNASLICER_PT_kernels"
    bl_label = "Kernels"
    bl_space_type = "TEXT_EDITOR"
    bl_region_type = "UI"
    bl_category = "Kernels"

    def draw(self, context):
        layout = self.layout
        if not bundle.package:
            layout.label(text=bundle.trouble or "The package is not loaded", icon="ERROR")
            return
        rows.drawn = time.monotonic()
        listed = rows.group()
        line = layout.row(align=True)
        line.prop(listed, "sort", text="")
        line.operator(RNASLICER_OT_refresh_kernels.bl_idname, text="", icon="FILE_REFRESH")
        if not listed.rows:
            known = len(bundle.package.kernels())
            lines = layout.column(align=True)
            for text in wrapped(f"{known} kernels: refresh to list them" if known else "No kernel yet.\nA script makes "
                                "them by entering Slicer(...)[...]", context.region.width):
                lines.label(text=text.lstrip())
            return
        columns = figures(context, listed.sort)
        if len(columns) > 1:
            numbers, name = split(layout.row(align=True))
            for column in columns:
                cell = numbers.row()
                cell.alignment = "RIGHT"
                cell.label(text=_FIGURES[column])
            name.label(text="Expression")
        layout.template_list("RNASLICER_UL_kernels", "", listed, "rows", listed, "active", rows=6)
        chosen = listed.rows[listed.active] if 0 <= listed.active < len(listed.rows) else None
        self.draw_buttons(layout, len(columns) > 1, chosen is not None and chosen.compiled)
        if len(columns) == 1 and 0 <= listed.active < len(listed.rows):
            self.draw_figures(layout.box().column(align=True), listed.rows[listed.active])
        box = layout.box().column(align=True)
        box.scale_y = 0.8
        for text in wrapped(rows.verdict, context.region.width)[:_MOST_LINES]:
            box.label(text=text)

    @staticmethod
    def draw_figures(column, item):
        """Those that a narrow list has no room for."""
        for title, text in (("Route", item.route), *((_FIGURES[name], getattr(item, name)) for name in _FIGURES)):
            if text:
                both = column.split(factor=0.38)
                both.label(text=title)
                value = both.row()
                value.alignment = "RIGHT"
                value.label(text=text)

    @staticmethod
    def draw_buttons(layout, wide, compiled):
        grid = layout.grid_flow(row_major=True, columns=4 if wide else 2, even_columns=True, align=True)
        for view, name in (("plan", "Plan"), ("ir", "IR"), ("asm", "Assembly" if wide else "Asm"), ("linked", "Linked")):
            cell = grid.row(align=True)
            cell.enabled = compiled or view == "plan"
            cell.operator(RNASLICER_OT_show_kernel.bl_idname, text=name).view = view
        line = layout.row(align=True) if wide else layout.column(align=True)
        line.operator(RNASLICER_OT_compare_kernels.bl_idname)
        line.operator(RNASLICER_OT_kernel_report.bl_idname)
        line.operator(RNASLICER_OT_save_kernel.bl_idname)


def wrapped(text, width):
    """Lines that fit into a region of so many pixels."""
    scale = bpy.context.preferences.system.ui_scale
    columns = max(12, int((width - 70 * scale) / (6.5 * scale)))
    return [part for line in text.splitlines()
            for part in textwrap.wrap(line, columns, subsequent_indent=min(4, columns // 8) * " ") or [""]]


CLASSES = (RNASLICER_UL_kernels, RNASLICER_PT_kernels)
