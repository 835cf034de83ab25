// runtime/trail/many.cpp: many collections along one trail.
#include "runtime/trail/many.hpp"

#include "runtime/blender/bpy.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

struct Names {
  PyObject* library = PyUnicode_InternFromString("library");
};
const Names& names() {
  static const Names all;
  return all;
}

/// The structs now; nothing where one is gone. `length`: of the collection they are elements of.
std::optional<std::vector<Ref>> structs_of(const Outer& outer, Py_ssize_t& length) {
  std::vector<Ref> structs;
  if (outer.is_list) {
    structs.reserve(outer.roots.size());
    for (const Ref& root : outer.roots) {
      structs.push_back(alive(as_watched(root.get())));
      if (!structs.back())
        return std::nullopt;
    }
    return structs;
  }
  const Ref collection = follow_steps(outer.steps, as_watched(outer.roots.front().get()));
  length = collection ? PyObject_Size(collection.get()) : -1;
  const Ref picked =
      length < 0 ? Ref() : Ref::steal(PyObject_GetItem(collection.get(), outer.rows.get()));
  if (!picked || PyList_Check(picked.get()) == 0)
    return PyErr_Clear(), std::nullopt;
  for (Py_ssize_t i = 0; i < PyList_Size(picked.get()); ++i)
    structs.push_back(Ref::borrow(PyList_GetItem(picked.get(), i)));
  return structs;
}

/// The structs, if they are as many as at enter, and the same where that can be told.
std::optional<std::vector<Ref>> structs_again(const ManyRun& run) {
  Py_ssize_t length = run.outer_length;
  auto structs = structs_of(run.outer, length);
  if (!structs || length != run.outer_length || structs->size() != run.segments.size())
    return std::nullopt;
  for (std::size_t i = 0; i < run.structs.size(); ++i)
    if (run.structs[i].get() != (*structs)[i].get())
      return std::nullopt;
  return structs;
}

/// One of the structs, asked again where an assignment may have moved it: not datablocks.
Ref struct_again(const ManyRun& run, const std::vector<Ref>& structs, Py_ssize_t at) {
  if (run.outer.is_list || !run.structs.empty())
    return Ref::borrow(structs[static_cast<std::size_t>(at)].get());
  const Ref collection = follow_steps(run.outer.steps, as_watched(run.outer.roots.front().get()));
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
  Py_ssize_t step = 1;
  if (!collection || PySlice_Unpack(run.outer.rows.get(), &start, &stop, &step) < 0)
    return PyErr_Clear(), Ref();
  PySlice_AdjustIndices(run.outer_length, &start, &stop, step);
  Ref found = Ref::steal(PySequence_GetItem(collection.get(), start + at * step));
  PyErr_Clear();
  return found;
}

/// Whether bpy gives one object for each such struct as long as somebody holds it, so that it tells
/// which one it is: datablocks.
bool is_datablock(PyObject* object) {
  const Ref library = attr(object, names().library);
  PyErr_Clear();
  return static_cast<bool>(library);
}

} // namespace

std::unique_ptr<ManyRun> enter(std::shared_ptr<const Trail> trail, Outer outer, bool flat,
                               PyObject* wrapper, ManyCache& made) {
  if (stale(*trail) || !is_free())
    return nullptr;
  auto run = std::make_unique<ManyRun>();
  auto structs = structs_of(outer, run->outer_length);
  if (!structs || structs->empty())
    return nullptr;
  std::vector<std::vector<Located>> places;
  made.offsets.assign(1, 0);
  for (const Ref& one : *structs) {
    const auto reached = follow(*trail, one.get());
    const Rows rows = reached ? rows_of(*trail, reached->length) : Rows();
    auto entered = rows.count > 0 ? enter_segment(*trail, *reached) : std::nullopt;
    if (!entered)
      return nullptr;
    if (!flat && made.offsets.size() > 1 && rows.count != made.offsets[1])
      return nullptr;
    made.offsets.push_back(made.offsets.back() + rows.count);
    places.push_back(std::move(entered->places));
    run->segments.push_back(std::move(entered->segment));
  }
  const auto count = static_cast<Py_ssize_t>(structs->size());
  made.cache = flat ? allocate_cache(*trail, {made.offsets.back()}, wrapper)
                    : allocate_cache(*trail, {count, made.offsets[1]}, wrapper);
  for (std::size_t i = 0; i < places.size(); ++i)
    fill_segment(*trail, places[i], run->segments[i].length,
                 {made.cache.get(), made.offsets[i], {}});
  if (!outer.is_list && is_datablock(structs->front().get()))
    run->structs = std::move(*structs);
  run->outer = std::move(outer);
  run->trail = std::move(trail);
  return run;
}

bool refresh(const ManyRun& run, PyObject* cache) {
  const Trail& trail = *run.trail;
  if (stale(trail) || !is_free())
    return false;
  const auto structs = structs_again(run);
  if (!structs)
    return false;
  std::vector<std::vector<Located>> places;
  places.reserve(structs->size());
  for (std::size_t i = 0; i < structs->size(); ++i) {
    const auto reached = as_at_enter(trail, run.segments[i], follow(trail, (*structs)[i].get()));
    auto found = reached ? locate_segment(trail, run.segments[i], *reached) : std::nullopt;
    if (!found)
      return false;
    places.push_back(std::move(*found));
  }
  Py_ssize_t row = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    fill_segment(trail, places[i], run.segments[i].length, {cache, row, {}});
    row += rows_of(trail, run.segments[i].length).count;
  }
  return true;
}

bool update(const ManyRun& run, PyObject* cache) {
  const Trail& trail = *run.trail;
  if (trail.legs.size() != 1 || stale(trail) || !is_free())
    return false;
  const auto structs = structs_again(run);
  if (!structs)
    return false;
  if (!no_mode_overwrites(trail))
    return false;
  PyObject* checked_id = nullptr; // most often the segments' datablock is one or each has its own
  Py_ssize_t row = 0;
  std::vector<Ref> ids;
  for (std::size_t i = 0; i < structs->size(); ++i) {
    auto reached = as_at_enter(trail, run.segments[i], follow(trail, (*structs)[i].get()));
    if (!reached || (reached->id.get() != checked_id && !is_own(reached->id.get())) ||
        !may_write(trail, *reached, {cache, row, {}}))
      return false;
    checked_id = reached->id.get();
    ids.push_back(std::move(reached->id)); // so that no other object gets its address
    row += rows_of(trail, run.segments[i].length).count;
  }
  row = 0;
  for (std::size_t i = 0; i < run.segments.size(); ++i) {
    const Follow follow_one = [&]() -> std::optional<Reached> {
      const Ref again = struct_again(run, *structs, static_cast<Py_ssize_t>(i));
      return again ? follow(trail, again.get()) : std::nullopt;
    };
    const bool proven = i > 0 && ids[i].get() == ids[i - 1].get();
    if (!write_segment(trail, run.segments[i], follow_one, {cache, row, {}}, proven))
      return false; // the routes write all of them, those that are written again
    row += rows_of(trail, run.segments[i].length).count;
  }
  return true;
}

} // namespace rnaslicer::runtime
