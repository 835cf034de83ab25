// runtime/blender/names.hpp: the names that native code asks bpy and the package for.
#pragma once

#include "runtime/pyref.hpp"

namespace rnaslicer::runtime {

/// Made at the first use, never freed: Python keeps such names as well.
struct Names {
  static PyObject* made(const char* text) { return PyUnicode_InternFromString(text); }

  PyObject* active = made("active");
  PyObject* array = made("ARRAY");
  PyObject* array_index = made("array_index");
  PyObject* attr = made("attr");
  PyObject* attributes = made("attributes");
  PyObject* bl_rna = made("bl_rna");
  PyObject* channels = made("channels");
  PyObject* co = made("co");
  PyObject* context = made("context");
  PyObject* curve_offset_data = made("curve_offset_data");
  PyObject* curve_offsets = made("curve_offsets");
  PyObject* data = made("data");
  PyObject* data_path = made("data_path");
  PyObject* data_type = made("data_type");
  PyObject* depsgraph = made("depsgraph");
  PyObject* domain = made("domain");
  PyObject* edges = made("edges");
  PyObject* evaluated_depsgraph_get = made("evaluated_depsgraph_get");
  PyObject* evaluated_get = made("evaluated_get");
  PyObject* fcurve = made("fcurve");
  PyObject* find = made("find");
  PyObject* find_again = made("_find_again");
  PyObject* foreach_get = made("foreach_get");
  PyObject* foreach_set = made("foreach_set");
  PyObject* get = made("get");
  PyObject* id_data = made("id_data");
  PyObject* index = made("index");
  PyObject* is_editmode = made("is_editmode");
  PyObject* is_embedded = made("is_embedded_data");
  PyObject* is_evaluated = made("is_evaluated");
  PyObject* is_property_readonly = made("is_property_readonly");
  PyObject* key = made("_key");
  PyObject* list_name = made("_list");
  PyObject* own_key = made("key");
  PyObject* own_layer = made("_layer");
  PyObject* own_original = made("_original");
  PyObject* own_scene = made("_scene");
  PyObject* keyframe_points = made("keyframe_points");
  PyObject* libraries = made("libraries");
  PyObject* library = made("library");
  PyObject* loops = made("loops");
  PyObject* matrix_world = made("matrix_world");
  PyObject* mode = made("mode");
  PyObject* name = made("name");
  PyObject* nothing = made("");
  PyObject* objects = made("objects");
  PyObject* override_library = made("override_library");
  PyObject* path_from_id = made("path_from_id");
  PyObject* points = made("points");
  PyObject* polygons = made("polygons");
  PyObject* position = made("position");
  PyObject* scenes = made("scenes");
  PyObject* sculpt = made("SCULPT");
  PyObject* scene = made("scene");
  PyObject* session_uid = made("session_uid");
  PyObject* size = made("size");
  PyObject* slot_handle = made("slot_handle");
  PyObject* start = made("start");
  PyObject* step = made("step");
  PyObject* stop = made("stop");
  PyObject* storage_type = made("storage_type");
  PyObject* tag = made("tag");
  PyObject* type = made("type");
  PyObject* typecode = made("typecode");
  PyObject* type_recast = made("type_recast");
  PyObject* update = made("update");
  PyObject* update_tag = made("update_tag");
  PyObject* user = made("user");
  PyObject* users = made("users");
  PyObject* vertices = made("vertices");
  PyObject* view_layer = made("view_layer");
  PyObject* view_layers = made("view_layers");
  PyObject* dict = made("__dict__");
  PyObject* dunder_name = made("__name__");
  PyObject* module = made("__module__");
  PyObject* subclasses = made("__subclasses__");
  PyObject* window_managers = made("window_managers");

  // What wrappers and slicers have (rnaslicer/wrapper.py, slicer.py).
  PyObject* error = made("error");
  PyObject* dtype = made("dtype");
  PyObject* fill = made("fill");
  PyObject* normalized = made("normalized");
  PyObject* ragged = made("ragged");
  PyObject* transform = made("transform");
  PyObject* width = made("width");
  PyObject* enter_anyhow = made("_enter_anyhow");
  PyObject* offsets = made("_offsets");
  PyObject* raise_entering = made("_raise_entering");
  PyObject* sliced = made("_sliced");
  PyObject* take = made("_take");
  PyObject* unsubscribe = made("_unsubscribe");
};

inline const Names& names() {
  static const Names all;
  return all;
}

} // namespace rnaslicer::runtime
