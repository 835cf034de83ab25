// runtime/trail/groups/run.cpp: enter, refresh and update of a collection of groups.
#include "runtime/trail/groups/run.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/probe.hpp"
#include "runtime/trail/noticing.hpp"
#include "runtime/trail/several/apart.hpp"

#include <algorithm>
#include <new>

namespace rnaslicer::runtime {

namespace {

std::uint64_t number_of(const void* memory) { return reinterpret_cast<std::uint64_t>(memory); }

/// Whether it is an enum, whose own value must be an item.
bool names_items(const GroupLeg& leg) { return leg.items && PyTuple_Size(leg.items.get()) > 0; }

/// Whether an enum has the items that it had: they lie elsewhere, so that its bytes do not tell.
bool has_items(const Registered& groups, const GroupLeg& leg, PyObject* name) {
  static PyObject* const enum_items = interned("enum_items").release();
  static PyObject* const identifier = interned("identifier").release();
  static PyObject* const value = interned("value").release();
  const Ref prop = property_in(groups.rna.get(), name);
  const Ref items = prop ? attr(prop.get(), enum_items) : Ref();
  const Py_ssize_t count = PyTuple_Size(leg.items.get());
  bool same = items && PyObject_Size(items.get()) == count;
  for (Py_ssize_t i = 0; same && i < count; ++i) {
    const Ref item = Ref::steal(PySequence_GetItem(items.get(), i));
    const Ref text = item ? attr(item.get(), identifier) : Ref();
    const Ref number = text ? attr(item.get(), value) : Ref();
    PyObject* const known = PyTuple_GetItem(leg.items.get(), i);
    same = number && PyObject_RichCompareBool(text.get(), PyTuple_GetItem(known, 0), Py_EQ) > 0 &&
           PyObject_RichCompareBool(number.get(), PyTuple_GetItem(known, 1), Py_EQ) > 0;
  }
  PyErr_Clear();
  return same;
}

/// Whether a struct's property leads to structs of the class that it led to, still registered.
/// Nothing of these is touched.
bool leads_on(PyObject* from, PyObject* name, const RegisteredStep& known) {
  const Ref rna = is_registered(known.to)
                      ? attr(reinterpret_cast<PyObject*>(Py_TYPE(from)), names().bl_rna)
                      : Ref();
  const auto at = rna ? address_of_property(rna.get(), name) : std::nullopt;
  const auto type = at ? address_of(known.to.rna.get()) : std::nullopt;
  PyErr_Clear();
  std::uint64_t there = 0;
  return type &&
         read_memory(*at + static_cast<std::uint64_t>(known.type_at),
                     std::as_writable_bytes(std::span(&there, 1))) &&
         there == *type;
}

/// Groups whose values are compared with bpy's (layout/groups.py, `few_of_groups`).
std::vector<std::int64_t> few_of(std::int64_t length) {
  std::vector<std::int64_t> found{0, std::min<std::int64_t>(8, length - 1),
                                  std::min<std::int64_t>(32, length - 1)};
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

} // namespace

/// The collection now, if all that was registered on the way and in it is as it was.
std::optional<Table> GroupsRun::look() {
  Table table;
  Reached& reached = table.reached;
  reached.collection = struct_of(root());
  std::size_t next = 0;
  for (std::size_t i = 0; reached.collection && i < steps_.size(); ++i) {
    if (next < how_->steps.size() && how_->steps[next].step == i &&
        !leads_on(reached.collection.get(), steps_[i].what.get(), how_->steps[next++]))
      return std::nullopt;
    reached.owner = std::move(reached.collection);
    reached.collection = take_step(steps_[i], reached.owner.get());
  }
  reached.length =
      reached.collection && reached.owner && Py_TYPE(reached.owner.get()) == trail().owner
          ? PyObject_Size(reached.collection.get())
          : -1;
  auto first = reached.length > 0 ? element_at(reached.collection.get(), 0) : std::nullopt;
  if (first)
    reached.id = attr(first->object.get(), names().id_data);
  PyErr_Clear();
  if (!reached.id || Py_TYPE(first->object.get()) != trail().element ||
      !is_registered(how_->groups))
    return std::nullopt;
  table.base = first->address;
  for (std::size_t i = 0; i < how_->legs.size(); ++i)
    if (GroupLeg const& leg = how_->legs[i];
        !is_same_property(how_->groups.rna.get(), trail().legs[i].property.get(), leg.registered,
                          how_->groups.kind.get()))
      return std::nullopt;
  seen_ = root()->ref != nullptr ? root()->seen : now();
  return table;
}

std::optional<Table> GroupsRun::again() {
  auto table = look();
  if (table && table->reached.length != length_)
    table.reset();
  return table;
}

/// Whether the second group lies where it must, if there is one.
bool GroupsRun::lie_in_a_row(const Table& table) const {
  if (length_ < 2)
    return true;
  const auto second = element_at(table.reached.collection.get(), 1);
  PyErr_Clear();
  return second && second->address - table.base == static_cast<std::uint64_t>(how_->places.size);
}

/// Whether some groups have in memory what bpy gives.
bool GroupsRun::agrees(const Table& table, std::size_t leg) const {
  const GroupLeg& group = how_->legs[leg];
  const auto some = few_of(table.reached.length);
  std::vector<std::uint64_t> addresses(some.size());
  const auto found = group_values(how_->places, child(group), {table.base, 0, 1, some},
                                  {0, 1, std::ssize(some)}, number_of(group.defaults.data()), -1,
                                  Reads::safe, {reinterpret_cast<std::byte*>(addresses.data()), 0});
  for (std::size_t i = 0; found && i < some.size(); ++i) {
    const Ref element = staying(Ref::steal(
        PySequence_GetItem(table.reached.collection.get(), static_cast<Py_ssize_t>(some[i]))));
    const Ref value = element ? attr(element.get(), trail().legs[leg].property.get()) : Ref();
    if (!value || !is_value(trail().legs[leg], value.get(), pointer(addresses[i])))
      return PyErr_Clear(), false;
  }
  return found.has_value();
}

std::optional<Table> GroupsRun::begin() {
  auto table = look();
  if (!table)
    return std::nullopt;
  length_ = table->reached.length;
  if (rows().count == 0 || !lie_in_a_row(*table))
    return std::nullopt;
  for (std::size_t i = 0; i < how_->legs.size(); ++i)
    if (!agrees(*table, i))
      return std::nullopt;
  return table;
}

/// Whether bpy gives the default for a row that has no value. Asked each time: a property that is
/// registered anew may have the same bytes and another default, to which they only point.
bool GroupsRun::is_default(const Table& table, std::size_t leg, std::int64_t row) {
  if (row < 0)
    return true;
  const Rows all = rows();
  const Ref element = staying(Ref::steal(PySequence_GetItem(
      table.reached.collection.get(), all.start + static_cast<Py_ssize_t>(row) * all.step)));
  const Ref value = element ? attr(element.get(), trail().legs[leg].property.get()) : Ref();
  const bool is = value && is_value(trail().legs[leg], value.get(),
                                    pointer(number_of(how_->legs[leg].defaults.data())));
  PyErr_Clear();
  return is;
}

bool GroupsRun::gather(const Table& table, Values& values) {
  const Rows all = rows();
  for (std::size_t i = 0; i < how_->legs.size(); ++i) {
    const GroupLeg& leg = how_->legs[i];
    values.emplace_back(new std::byte[static_cast<std::size_t>(all.count) * leg.width]);
    const auto absent = group_values(
        how_->places, child(leg), {table.base, all.start, all.step, {}}, {0, 1, all.count},
        number_of(leg.defaults.data()), -1, Reads::plain, {values.back().get(), leg.width});
    if (!absent || !is_default(table, i, *absent))
      return false;
  }
  return true;
}

void GroupsRun::put(const Values& values, PyObject* cache, const std::vector<jit::Span>& region) {
  for (std::size_t i = 0; i < values.size(); ++i)
    move_rows(trail(), trail().legs[i].move, jit::Direction::refresh, values[i].get(),
              static_cast<std::int64_t>(how_->legs[i].width), {0, 1, rows().count},
              {cache, 0, region});
}

bool GroupsRun::fill(const Table& table, PyObject* cache, const std::vector<jit::Span>& region) {
  Values values;
  if (!gather(table, values))
    return false;
  put(values, cache, region);
  return true;
}

bool GroupsRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  if (!region.empty() &&
      (how_->legs.size() != 1 ||
       std::ranges::any_of(region, [](const jit::Span& span) { return span.count == 0; })))
    return false;
  const auto table = again();
  return table && fill(*table, cache, region);
}

/// Whether the kernel may store that part of the cache: bpy's assignments clamp what else a value
/// has.
bool GroupsRun::takes(const GroupLeg& leg, const std::vector<jit::Span>& region) const {
  if (!leg.store || PySet_Contains(leg.stored.get(), leg.key.get()) <= 0)
    return PyErr_Clear(), false;
  for (std::size_t i = 0; i < region.size(); ++i) {
    const jit::Span& span = region[i];
    if (span.count == 0 ||
        (i > 0 && !leg.in_part &&
         (span.start != 0 || span.step != 1 || span.count != trail().inner[i - 1])))
      return false;
  }
  return true;
}

/// The kernel between two assignments by bpy of a row's own value. All groups must hold the value
/// as that one does.
bool GroupsRun::write(std::optional<Table> table, std::size_t number, std::int64_t row,
                      PyObject* cache, const std::vector<jit::Span>& region) {
  if (!table)
    return false;
  const GroupLeg& leg = how_->legs[number];
  const Rows all = rows();
  const Py_ssize_t at = all.start + static_cast<Py_ssize_t>(row) * all.step;
  const Leg& values = trail().legs[number];
  const Ref element = staying(Ref::steal(PySequence_GetItem(table->reached.collection.get(), at)));
  const Ref own = element ? attr(element.get(), values.property.get()) : Ref();
  if (!own ||
      (names_items(leg) && PyUnicode_Check(own.get()) != 0 &&
       PyUnicode_GetLength(own.get()) == 0) ||
      !assign_again(trail(), values, table->reached, at, element.get()))
    return PyErr_Clear(), false;
  table = again();
  std::vector<std::int64_t> addresses(static_cast<std::size_t>(all.count));
  if (!table || !group_values(how_->places, child(leg), {table->base, all.start, all.step, {}},
                              {0, 1, all.count}, 0, row, Reads::plain,
                              {reinterpret_cast<std::byte*>(addresses.data()), 0}))
    return false;
  move_apart(*leg.store, jit::Direction::update, addresses, cache, region);
  if (!assign_again(trail(), values, table->reached, at))
    throw PythonError();
  return true;
}

bool GroupsRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const std::vector<jit::Span> region = region_of(cache, view);
  auto table = takes(region) ? may_update(cache, region) : std::nullopt;
  return table && store(std::move(table), cache, region);
}

bool GroupsRun::takes(const std::vector<jit::Span>& region) const {
  return (how_->legs.size() == 1 || region.empty()) &&
         std::ranges::all_of(how_->legs, [&](const GroupLeg& leg) { return takes(leg, region); });
}

std::optional<Table> GroupsRun::may_update(PyObject* cache, const std::vector<jit::Span>& region) {
  const std::vector<GroupLeg>& legs = how_->legs;
  auto table = again();
  for (std::size_t i = 0; table && i < legs.size(); ++i)
    if (names_items(legs[i]) && !has_items(how_->groups, legs[i], trail().legs[i].property.get()))
      return std::nullopt; // other numbers than the items' are not stored
  if (!table || !is_own(table->reached, root()) || !no_mode_overwrites(trail()) ||
      !may_write(trail(), table->reached, {cache, 0, region}))
    return std::nullopt;
  // Proves that bpy lets us write (writing/permission.py, `let_write`).
  const Ref tag = attr(table->reached.id.get(), names().tag);
  if (!tag || PyObject_SetAttr(table->reached.id.get(), names().tag, tag.get()) < 0)
    return PyErr_Clear(), std::nullopt;
  return table;
}

bool GroupsRun::store(std::optional<Table> table, PyObject* cache,
                      const std::vector<jit::Span>& region) {
  const std::vector<GroupLeg>& legs = how_->legs;
  if (legs.size() == 1)
    return write(std::move(table), 0, region.empty() ? 0 : region.front().start, cache, region);
  try { // else the routes write all of them again, and say how far that went
    for (std::size_t i = 0; i < legs.size(); ++i)
      if (!write(again(), i, 0, cache, region))
        return false;
  } catch (const PythonError&) {
    return drop_error(), false; // an interrupt goes on
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

std::vector<Py_ssize_t> GroupsRun::shape() const {
  std::vector<Py_ssize_t> shape{rows().count};
  shape.insert(shape.end(), trail().inner.begin(), trail().inner.end());
  return shape;
}

std::unique_ptr<Run> enter(std::shared_ptr<const Grouped> how, Start start, PyObject* wrapper,
                           Ref& cache) {
  if (stale(*how->values) || as_watched(start.root) == nullptr || !is_free())
    return nullptr;
  const std::string format = how->values->format;
  auto run = std::make_unique<GroupsRun>(std::move(how), std::move(start));
  const auto table = run->begin();
  if (!table)
    return nullptr;
  cache = allocate_cache(format, run->shape(), wrapper);
  const bool is_done = cache && (!fills(wrapper) || run->fill(*table, cache.get(), {}));
  return is_done ? std::move(run) : nullptr;
}

std::unique_ptr<Run> adopt(std::shared_ptr<const Grouped> how, Start start,
                           const std::vector<Py_ssize_t>& shape) {
  if (stale(*how->values) || as_watched(start.root) == nullptr || !is_free())
    return nullptr;
  auto run = std::make_unique<GroupsRun>(std::move(how), std::move(start));
  return run->begin() && run->shape() == shape ? std::move(run) : nullptr;
}

} // namespace rnaslicer::runtime
