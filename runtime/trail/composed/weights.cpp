// runtime/trail/composed/weights.cpp: the weights of a mesh's vertices, which bpy gives only vertex
// by vertex (layout/deform.py, transfer/weights.py).
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/blender/walks.hpp"
#include "runtime/trail/composed/portions.hpp"
#include "runtime/trail/layers.hpp"
#include "runtime/trail/noticing.hpp"
#include "runtime/trail/several/apart.hpp"
#include "runtime/trail/whole.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rnaslicer::runtime {

namespace {

constexpr std::int64_t most_layers = 1 << 12; // more than any mesh has

template <class T> T load(std::uint64_t address, std::int64_t at) {
  T value = 0;
  std::memcpy(&value, bytes_at(address, at, sizeof value).data(), sizeof value);
  return value;
}

/// bpy's objects for the items of some vertices: a vertex and its items.
using Asked = std::vector<std::pair<std::size_t, std::vector<Ref>>>;

/// A mesh: where it is, who, and whether its weights have agreed with bpy in this session.
struct Mesh {
  std::uint64_t address = 0;
  Ref key;
  bool is_met = false;
};

/// The first and last vertex, and the first that has some items: that last, each once.
std::vector<std::size_t> three_of(const Offsets& offsets) {
  const auto some = static_cast<std::size_t>(
      std::ranges::find_if(offsets, [](std::int64_t at) { return at > 0; }) - offsets.begin() - 1);
  const std::size_t last = offsets.size() - 2;
  std::vector<std::size_t> rows;
  if (some != 0)
    rows.push_back(0);
  if (last != some && last != 0)
    rows.push_back(last);
  rows.push_back(some);
  return rows;
}

/// Both ends and evenly between (layout/places.py, `spread`).
std::vector<std::int64_t> spread(std::int64_t length) {
  constexpr std::int64_t samples = 11;
  std::vector<std::int64_t> found{length - 1, std::max<std::int64_t>(length - 2, 0),
                                  std::min<std::int64_t>(length - 1, 1)};
  const std::int64_t step = std::max<std::int64_t>(1, (length - 1) / (samples - 1));
  for (std::int64_t at = 0; at < length; at += step)
    found.push_back(at);
  return found;
}

/// The vertices that are compared where a mesh is met: of all, and of those that have items.
std::vector<std::size_t> many_of(const Offsets& offsets) {
  std::vector<std::size_t> rows;
  for (const std::int64_t at : spread(std::ssize(offsets) - 1))
    rows.push_back(static_cast<std::size_t>(at));
  for (const std::int64_t at : spread(offsets.back()))
    rows.push_back(
        static_cast<std::size_t>(std::ranges::upper_bound(offsets, at) - offsets.begin()) - 1);
  std::ranges::sort(rows);
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

/// bpy's items of a vertex; null with an error.
Ref items_of(const Reached& reached, std::size_t at) {
  static PyObject* const groups = interned("groups").release(); // never freed
  const Ref vertex =
      Ref::steal(PySequence_GetItem(reached.collection.get(), static_cast<Py_ssize_t>(at)));
  return vertex ? attr(vertex.get(), groups) : Ref();
}

class WeightPortions : public Portions {
 public:
  WeightPortions(std::shared_ptr<const Weights> how, Start start)
      : how_(std::move(how)), root_(Ref::borrow(start.root)),
        steps_(std::move(start.steps)), value_{how_->values->format, {}} {}

  [[nodiscard]] std::shared_ptr<const Trail> trail() const override { return how_->values; }
  [[nodiscard]] const Value& value() const override { return value_; }
  std::optional<Offsets> enter() override;
  bool again(const Offsets& offsets) override;
  bool fill(PyObject* values, const std::vector<jit::Span>& region) override {
    move_apart(leg(), jit::Direction::refresh, items_, values, region);
    return true;
  }
  bool write(PyObject* values, const Offsets& offsets,
             const std::vector<std::int64_t>* picked) override;
  void forget() override { items_.clear(); }
  [[nodiscard]] Moment seen() const override { return seen_; }

 private:
  [[nodiscard]] const Leg& leg() const { return how_->values->legs.front(); }
  [[nodiscard]] Watched* root() const { return as_watched(root_.get()); }
  std::optional<Reached> reach();
  [[nodiscard]] std::optional<Mesh> mesh(const Reached& reached) const;
  [[nodiscard]] std::uint64_t first_vertex(std::uint64_t mesh) const;
  [[nodiscard]] std::optional<ArrayRows> rows(std::uint64_t mesh) const;
  [[nodiscard]] bool agree(const Asked& asked, const Offsets& offsets) const;
  std::optional<Asked> look(const Reached& reached, const Offsets& offsets,
                            const std::vector<std::size_t>& some, Reads reads);
  std::optional<Asked> look_again(const Reached& reached, const Offsets& offsets);
  [[nodiscard]] bool lies_there(const Reached& reached, const Offsets& offsets,
                                const Asked& asked) const;
  bool ask_first(const Reached& reached, const Offsets& offsets,
                 const std::vector<std::size_t>& some, Asked& asked);

  std::shared_ptr<const Weights> how_;
  Ref root_; // a Watched
  std::vector<Step> steps_;
  Value value_;
  Py_ssize_t length_ = 0;           // vertices at the enter
  std::vector<std::int64_t> items_; // addresses, within one call
  std::uint64_t first_ = 0;         // and of the array of vertices that led to them
  Moment seen_;
};

std::optional<Reached> WeightPortions::reach() {
  auto reached = follow(*how_->values, steps_, root());
  if (reached)
    seen_ = root()->ref != nullptr ? root()->seen : now();
  return reached;
}

std::optional<Mesh> WeightPortions::mesh(const Reached& reached) const {
  const auto address = address_of(reached.owner.get());
  if (!address)
    return PyErr_Clear(), std::nullopt;
  const Ref uid = checked(PyLong_FromUnsignedLong(load<std::uint32_t>(*address, how_->uid_at)));
  Ref key = checked(PyTuple_Pack(2, how_->name.get(), uid.get()));
  const int met = PySet_Contains(how_->met.get(), key.get());
  if (met < 0)
    throw PythonError();
  return Mesh{*address, std::move(key), met > 0};
}

/// The address of the array that the mesh's one layer of the kind has; null where there is none, or
/// another number of them.
std::uint64_t WeightPortions::first_vertex(std::uint64_t mesh) const {
  const auto first = load<std::uint64_t>(mesh, how_->layers_at);
  const auto many = load<std::int32_t>(mesh, how_->many_at);
  if (first == 0 || many <= 0 || many >= most_layers)
    return 0;
  if (!both_ends_are_memory(how_->seen, mesh, first, many * how_->layer_size))
    return 0;
  std::uint64_t found = 0;
  int count = 0;
  for (std::int64_t at = 0; at < many * how_->layer_size; at += how_->layer_size)
    if (load<std::int32_t>(first, at + how_->kind_at) == how_->kind) {
      found = load<std::uint64_t>(first, at + how_->data_at);
      ++count;
    }
  return count == 1 ? found : 0;
}

std::optional<ArrayRows> WeightPortions::rows(std::uint64_t mesh) const {
  const std::uint64_t first = first_vertex(mesh);
  if (first == 0)
    return std::nullopt;
  return ArrayRows{first, how_->stride, length_, nullptr, how_->array_at, how_->count_at};
}

/// Asks bpy for the items of some vertices, and for one more of each, to see that there is none:
/// to be told how many there are costs as much as an item. Nothing where these are not as many.
std::optional<Asked> ask(const Reached& reached, const Offsets& offsets,
                         const std::vector<std::size_t>& rows) {
  Asked asked;
  for (const std::size_t at : rows) {
    const auto count = static_cast<Py_ssize_t>(offsets[at + 1] - offsets[at]);
    const Ref items = items_of(reached, at);
    const Ref list = items ? Ref::steal(PySequence_GetSlice(items.get(), 0, count + 1)) : Ref();
    if (!list || PyList_Check(list.get()) == 0 || PyList_Size(list.get()) != count)
      return PyErr_Clear(), std::nullopt;
    std::vector<Ref> made;
    for (Py_ssize_t k = 0; k < count; ++k)
      made.push_back(Ref::borrow(PyList_GetItem(list.get(), k)));
    asked.emplace_back(at, std::move(made));
  }
  return asked;
}

/// Whether bpy's items lie where those that were found do, and have their values.
bool WeightPortions::agree(const Asked& asked, const Offsets& offsets) const {
  static PyObject* const group = interned("group").release(); // these two are never freed
  static PyObject* const weight = interned("weight").release();
  for (const auto& [row, made] : asked)
    for (std::size_t k = 0; k < made.size(); ++k) {
      const auto place =
          static_cast<std::uint64_t>(items_[static_cast<std::size_t>(offsets[row]) + k]);
      const auto address = address_of(made[k].get());
      const Ref number = address == place ? attr(made[k].get(), group) : Ref();
      const Ref value = number ? attr(made[k].get(), weight) : Ref();
      if (!value)
        return PyErr_Clear(), false;
      const auto given = static_cast<float>(PyFloat_AsDouble(value.get()));
      const auto there = load<float>(place, how_->weight_at);
      if (PyLong_AsLongLong(number.get()) != load<std::int32_t>(place, how_->group_at) ||
          (std::bit_cast<std::uint32_t>(given) != std::bit_cast<std::uint32_t>(there) &&
           (given == given || there == there)))
        return PyErr_Clear(), false;
    }
  return true;
}

/// Finds all items, as many of each vertex as there were. Of some vertices bpy is asked first, for
/// that may move them, and must agree; what it gave for these.
std::optional<Asked> WeightPortions::look(const Reached& reached, const Offsets& offsets,
                                          const std::vector<std::size_t>& some, Reads reads) {
  auto asked = ask(reached, offsets, some);
  const auto mesh = asked ? address_of(reached.owner.get()) : std::nullopt;
  const auto found = mesh ? rows(*mesh) : std::nullopt;
  if (!found)
    return PyErr_Clear(), std::nullopt;
  items_.resize(static_cast<std::size_t>(offsets.back()));
  first_ = found->base;
  if (row_items(*found, how_->size, reads, offsets, items_) || !agree(*asked, offsets))
    return std::nullopt;
  return asked;
}

/// The same of a mesh that has agreed with bpy: some vertices, where to ask for these copies
/// nothing.
std::optional<Asked> WeightPortions::look_again(const Reached& reached, const Offsets& offsets) {
  const auto now = mesh(reached);
  if (!now || !now->is_met)
    return std::nullopt;
  return look(reached, offsets, how_->shares ? std::vector<std::size_t>() : three_of(offsets),
              Reads::plain);
}

/// Whether the items still lie where they were found, after nothing but bpy's own that could have
/// moved all of them: the array of vertices is the same, and so are those that were asked for.
bool WeightPortions::lies_there(const Reached& reached, const Offsets& offsets,
                                const Asked& asked) const {
  const auto mesh = address_of(reached.owner.get());
  if (!mesh || first_vertex(*mesh) != first_)
    return PyErr_Clear(), false;
  return std::ranges::all_of(asked, [&](const auto& one) {
    const auto at = static_cast<std::int64_t>(one.first) * how_->stride;
    const auto count = std::ssize(one.second);
    return load<std::int32_t>(first_, at + how_->count_at) == count &&
           (count == 0 || load<std::int64_t>(first_, at + how_->array_at) ==
                              items_[static_cast<std::size_t>(offsets[one.first])]);
  });
}

/// Before a write: bpy's items of some vertices, which must agree. To ask for them un-shares: where
/// that has moved all, all are found again.
bool WeightPortions::ask_first(const Reached& reached, const Offsets& offsets,
                               const std::vector<std::size_t>& some, Asked& asked) {
  auto found = look_again(reached, offsets);
  if (found && how_->shares) {
    found = ask(reached, offsets, some);
    if (found && !(lies_there(reached, offsets, *found) && agree(*found, offsets)))
      found = look(reached, offsets, some, Reads::plain);
  }
  if (found)
    asked = std::move(*found);
  return found.has_value();
}

std::optional<Offsets> WeightPortions::enter() {
  const auto reached = reach();
  length_ = reached ? reached->length : 0;
  auto now = length_ > 0 ? mesh(*reached) : std::nullopt;
  if (!now)
    return std::nullopt;
  if (!now->is_met && PyObject_Size(items_of(*reached, 0).get()) < 0) // copies what is shared
    return PyErr_Clear(), std::nullopt;
  const auto found = rows(now->address);
  Offsets offsets(static_cast<std::size_t>(length_) + 1);
  if (!found || !row_offsets(*found, Reads::safe, offsets) ||
      too_many(*found, offsets.back(), how_->size) || offsets.back() == 0)
    return std::nullopt;
  if (now->is_met)
    return look_again(*reached, offsets) ? std::optional(std::move(offsets)) : std::nullopt;
  if (!look(*reached, offsets, many_of(offsets), Reads::safe))
    return std::nullopt;
  if (PySet_Add(how_->met.get(), now->key.get()) < 0)
    throw PythonError();
  return offsets;
}

bool WeightPortions::again(const Offsets& offsets) {
  const auto reached = reach();
  return reached && reached->length == length_ && look_again(*reached, offsets).has_value();
}

/// bpy's item number `at` of all; null, without an error, where its vertex has not as many.
Ref item_at(const Reached& reached, const Offsets& offsets, std::int64_t at) {
  const auto row =
      static_cast<std::size_t>(std::ranges::upper_bound(offsets, at) - offsets.begin()) - 1;
  const Ref items = items_of(reached, row);
  Ref found;
  if (items && PyObject_Size(items.get()) == offsets[row + 1] - offsets[row])
    found = Ref::steal(PySequence_GetItem(items.get(), static_cast<Py_ssize_t>(at - offsets[row])));
  PyErr_Clear();
  return found;
}

/// Between two assignments by bpy of an item's own value, one that is written: the first proves
/// that bpy lets us, and un-shares what to ask for items has not.
bool WeightPortions::write(PyObject* values, const Offsets& offsets,
                           const std::vector<std::int64_t>* picked) {
  const Trail& trail = *how_->values;
  const std::vector<std::size_t> some = three_of(offsets); // the last has items
  Asked asked;
  auto reached = reach();
  if (!reached || reached->length != length_ || !leg().writing.possible ||
      !is_own(*reached, root()) || !no_mode_overwrites(trail) ||
      !takes_writes(trail, reached->id.get()) || !ask_first(*reached, offsets, some, asked))
    return false;
  const auto written = [&] {
    return picked != nullptr ? item_at(*reached, offsets, picked->front())
                             : Ref::borrow(asked.back().second.front().get());
  };
  const auto assign = [&](const Ref& item) {
    return item && assign_again(trail, leg(), *reached, 0, item.get());
  };
  Ref item = written();
  if (!assign(item))
    return PyErr_Clear(), false;
  if (!trail.stays) // an assignment may run a script's code
    reached = reach();
  else
    reached->length = length_of(trail, reached->collection.get());
  if (!reached || reached->length != length_)
    return PyErr_Clear(), false;
  if (!trail.stays || !lies_there(*reached, offsets, asked)) {
    auto found = look(*reached, offsets, some, Reads::plain);
    if (!found)
      return false;
    asked = std::move(*found);
    item = written();
    if (!item)
      return false;
  }
  if (picked != nullptr) {
    std::vector<std::int64_t> those;
    for (const std::int64_t at : *picked)
      those.push_back(items_[static_cast<std::size_t>(at)]);
    items_ = std::move(those);
  }
  move_apart(leg(), jit::Direction::update, items_, values, {});
  if (!assign(item))
    throw PythonError();
  settle(trail, leg(), *reached);
  return true;
}

} // namespace

std::unique_ptr<Portions> portions_of(std::shared_ptr<const Weights> how, Start vertices) {
  return std::make_unique<WeightPortions>(std::move(how), std::move(vertices));
}

} // namespace rnaslicer::runtime
