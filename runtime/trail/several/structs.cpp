// runtime/trail/several/structs.cpp: the structs that many collections are behind.
#include "runtime/trail/several/structs.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/supplier/roster.hpp"
#include "runtime/trail/run.hpp"
#include "runtime/trail/segment.hpp"

#include <algorithm>

namespace rnaslicer::runtime {

namespace {

/// Which of `length` elements a slice picks; nothing, with no error, where that is no slice.
std::optional<Rows> rows_among(PyObject* rows, Py_ssize_t length) {
  Rows found;
  Py_ssize_t stop = 0;
  if (length < 0 || PySlice_Unpack(rows, &found.start, &stop, &found.step) < 0)
    return PyErr_Clear(), std::nullopt;
  found.count = PySlice_AdjustIndices(length, &found.start, &stop, found.step);
  if (found.count < 2)
    found.step = 1; // one that is not taken may be beyond all addresses
  return found;
}

/// The elements from one to another: older Blenders take no step.
Ref elements_from(PyObject* collection, Py_ssize_t low, Py_ssize_t high, Py_ssize_t length) {
  const Ref from = low == 0 ? Ref() : checked(PyLong_FromSsize_t(low));
  const Ref to = high == length ? Ref() : checked(PyLong_FromSsize_t(high));
  const Ref part = checked(PySlice_New(from.get(), to.get(), nullptr));
  Ref found = Ref::steal(PyObject_GetItem(collection, part.get()));
  if (!found || PyList_Check(found.get()) == 0 || PyList_Size(found.get()) != high - low)
    return PyErr_Clear(), Ref();
  return found;
}

/// Appends those that a slice picks of a collection; how many, or -1.
Py_ssize_t append(PyObject* collection, Py_ssize_t length, PyObject* rows,
                  std::vector<Ref>& structs) {
  const auto picked = rows_among(rows, length);
  if (!picked || picked->count == 0)
    return picked ? 0 : -1;
  const Py_ssize_t last = picked->start + picked->step * (picked->count - 1);
  const Py_ssize_t low = std::min(picked->start, last);
  const Ref list = elements_from(collection, low, std::max(picked->start, last) + 1, length);
  if (!list)
    return -1;
  for (Py_ssize_t i = 0; i < picked->count; ++i)
    structs.push_back(
        Ref::borrow(PyList_GetItem(list.get(), picked->start + picked->step * i - low)));
  return picked->count;
}

/// Of structs those that are picked; nothing unless all are there.
std::optional<std::vector<Ref>> picked_among(const std::vector<std::int64_t>& picked,
                                             const std::vector<Ref>& all) {
  std::vector<Ref> found;
  found.reserve(picked.size());
  for (const std::int64_t at : picked) {
    if (at < 0 || at >= static_cast<std::int64_t>(all.size()))
      return std::nullopt;
    found.push_back(Ref::borrow(all[static_cast<std::size_t>(at)].get()));
  }
  return found;
}

/// Of a list's structs those that are picked; all must be there.
std::optional<Structs> part_of(const Outer& outer, Structs all) {
  if (outer.picked) {
    auto picked = picked_among(*outer.picked, all.structs);
    if (!picked)
      return std::nullopt;
    all.structs = std::move(*picked);
    return all;
  }
  const auto picked =
      outer.rows ? rows_among(outer.rows.get(), static_cast<Py_ssize_t>(all.structs.size()))
                 : std::nullopt;
  if (!picked)
    return outer.rows ? std::nullopt : std::optional(std::move(all));
  if (picked->step == 1 && picked->count == static_cast<Py_ssize_t>(all.structs.size()))
    return all;
  Structs found;
  for (Py_ssize_t i = 0; i < picked->count; ++i)
    found.structs.push_back(
        std::move(all.structs[static_cast<std::size_t>(picked->start + picked->step * i)]));
  return found;
}

/// All elements of the collections behind the structs, if these are equally long.
bool go_deeper(const Level& level, Structs& found) {
  const Ref all = checked(PySlice_New(nullptr, nullptr, nullptr));
  std::vector<Ref> inner;
  Py_ssize_t width = 0;
  for (const Ref& one : found.structs) {
    const Ref collection = behind(one.get(), level, &found.counted);
    const Py_ssize_t count =
        collection ? append(collection.get(), PyObject_Size(collection.get()), all.get(), inner)
                   : -1;
    if (count <= 0 || (width != 0 && count != width))
      return false;
    width = count;
  }
  if (found.widths.empty())
    found.first = std::move(found.structs);
  found.structs = std::move(inner);
  found.widths.push_back(width);
  return width != 0;
}

/// The structs of the last level.
std::optional<Structs> deepest(const Outer& outer, std::optional<Structs> found) {
  for (const Level& level : outer.levels)
    if (found && !go_deeper(level, *found))
      return PyErr_Clear(), std::nullopt;
  return found;
}

/// What steps lead to; empty where they lead nowhere. `counted`: the lengths that counted steps
/// pass are added, if given.
Ref led(const std::vector<Step>& steps, PyObject* root, std::vector<Py_ssize_t>* counted) {
  Ref reached = struct_of(as_watched(root));
  for (const Step& step : steps) {
    if (reached && counted != nullptr && step.is_counted)
      counted->push_back(PyObject_Size(reached.get()));
    if (reached)
      reached = take_step(step, reached.get());
  }
  if (!reached)
    PyErr_Clear();
  return reached;
}

/// Which of as many structs is picked as number `at`; -1 where that is none of them.
Py_ssize_t number_of(const Outer& outer, Py_ssize_t count, Py_ssize_t at) {
  if (outer.picked)
    at = static_cast<Py_ssize_t>((*outer.picked)[static_cast<std::size_t>(at)]);
  else if (const auto rows = outer.rows ? rows_among(outer.rows.get(), count) : std::nullopt)
    at = rows->start + rows->step * at;
  return at < count ? at : -1;
}

/// One of the members, asked again unless it is a datablock. Empty, perhaps with an error, where it
/// is gone.
Ref member_again(const Outer& outer, const Structs& all, bool is_held, Py_ssize_t at) {
  if (!outer.ways.empty())
    return member_by_way(outer, at);
  if (outer.is_list || is_held)
    return Ref::borrow(all.members()[static_cast<std::size_t>(at)].get());
  const Ref collection = follow_steps(outer.steps, as_watched(outer.roots.front().get()));
  const Py_ssize_t number = collection ? number_of(outer, all.length, at) : -1;
  return number < 0 ? Ref() : staying(Ref::steal(PySequence_GetItem(collection.get(), number)));
}

/// Those that levels begin at, which are the structs where there are none.
std::optional<Structs> shallowest(const Outer& outer) {
  Structs found;
  if (Roster* const roster = outer.roster ? as_roster(outer.roster.get()) : nullptr) {
    if (!addresses_of(*roster))
      return std::nullopt;
    for (const Ref& one : roster->structs)
      found.structs.push_back(Ref::borrow(one.get()));
    return part_of(outer, std::move(found));
  }
  if (outer.is_list) {
    found.structs.reserve(outer.roots.size());
    for (std::size_t i = 0; i < outer.roots.size(); ++i) {
      PyObject* const root = outer.roots[i].get(); // those by a key have one way up to that
      found.structs.push_back(outer.ways.empty()
                                  ? alive(as_watched(root))
                                  : led(outer.ways[i], root, i == 0 ? &found.counted : nullptr));
      if (!found.structs.back() || found.structs.back().get() == Py_None)
        return std::nullopt;
    }
    return part_of(outer, std::move(found));
  }
  const Ref collection = led(outer.steps, outer.roots.front().get(), &found.counted);
  found.length = collection ? PyObject_Size(collection.get()) : -1;
  const Ref rows =
      outer.rows ? Ref::borrow(outer.rows.get()) : checked(PySlice_New(nullptr, nullptr, nullptr));
  if (found.length < 0 || append(collection.get(), found.length, rows.get(), found.structs) < 0)
    return PyErr_Clear(), std::nullopt;
  if (outer.picked) {
    auto picked = picked_among(*outer.picked, found.structs);
    if (!picked)
      return std::nullopt;
    found.structs = std::move(*picked);
  }
  found.id = attr(collection.get(), names().id_data);
  PyErr_Clear();
  return found;
}

} // namespace

Ref behind(PyObject* from, const Level& level, std::vector<Py_ssize_t>* counted) {
  Ref reached = Ref::borrow(from);
  for (std::size_t i = 0; reached && i < level.steps.size(); ++i) {
    if (counted != nullptr && level.steps[i].is_counted)
      counted->push_back(PyObject_Size(reached.get()));
    reached = take_step(level.steps[i], reached.get());
    if (reached && level.kinds[i] != nullptr && Py_TYPE(reached.get()) != level.kinds[i])
      return {};
  }
  if (!reached)
    PyErr_Clear();
  return reached;
}

std::vector<Py_ssize_t> position_of(const std::vector<Py_ssize_t>& widths, Py_ssize_t at) {
  std::vector<Py_ssize_t> places(widths.size() + 1);
  for (std::size_t i = widths.size(); i > 0; at /= widths[--i])
    places[i] = at % widths[i - 1];
  places.front() = at;
  return places;
}

std::vector<Py_ssize_t> axes_of(const Outer& outer, const std::vector<Py_ssize_t>& widths,
                                std::size_t structs) {
  std::vector<Py_ssize_t> axes{static_cast<Py_ssize_t>(structs)};
  for (const Py_ssize_t width : widths) {
    axes.front() /= width;
    axes.push_back(width);
  }
  axes.insert(axes.end(), static_cast<std::size_t>(outer.ones), 1);
  return axes;
}

Ref member_by_way(const Outer& outer, Py_ssize_t at) {
  const Py_ssize_t number = number_of(outer, static_cast<Py_ssize_t>(outer.ways.size()), at);
  const auto i = static_cast<std::size_t>(number);
  return number < 0 ? Ref() : led(outer.ways[i], outer.roots[i].get(), nullptr);
}

std::optional<Structs> structs_of(const Outer& outer) { return deepest(outer, shallowest(outer)); }

Ref struct_again(const Outer& outer, const Structs& all, bool is_held, Py_ssize_t at) {
  const std::vector<Py_ssize_t> places = position_of(all.widths, at);
  Ref found = member_again(outer, all, is_held, places.front());
  for (std::size_t i = 0; found && i < all.widths.size(); ++i) {
    found = behind(found.get(), outer.levels[i]);
    if (found)
      found = staying(Ref::steal(PySequence_GetItem(found.get(), places[i + 1])));
  }
  PyErr_Clear();
  return found;
}

bool is_datablock(PyObject* object) {
  const Ref library = attr(object, names().library);
  PyErr_Clear();
  return static_cast<bool>(library);
}

bool lives_in_own(const Outer& outer, const Reached& reached, std::size_t at, std::size_t count) {
  const auto rows = outer.rows ? rows_among(outer.rows.get(), std::ssize(outer.ways))
                               : Rows{0, 1, std::ssize(outer.ways)};
  if (!rows || rows->start != 0 || rows->step != 1 ||
      rows->count != static_cast<Py_ssize_t>(count) || outer.picked || !outer.levels.empty() ||
      outer.roots.size() != count || at >= count)
    return false;
  const Ref root = struct_of(as_watched(outer.roots[at].get()));
  return root && is_kept(reached, false, root.get(), outer.ways[at], runtime::is_own(root.get()));
}

bool is_own(PyObject* id, bool may_link) {
  if (may_link)
    return is_own(id);
  const Ref within = attr(id, names().is_embedded);
  PyErr_Clear();
  return within.get() == Py_False;
}

} // namespace rnaslicer::runtime
