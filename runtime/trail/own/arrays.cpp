// runtime/trail/own/arrays.cpp: enter, refresh and update of the array of one struct.
#include "runtime/trail/own/arrays.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/memcache/memcache.hpp"
#include "runtime/trail/assigned.hpp"
#include "runtime/trail/whole.hpp"
#include "runtime/transfer/flat_python.hpp"
#include "runtime/transfer/kernel_python.hpp"
#include "runtime/transfer/reach.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace rnaslicer::runtime {

namespace {

std::vector<Py_ssize_t> lengths_in(PyObject* dict, const char* key) {
  PyObject* const tuple = PyDict_GetItemString(dict, key);
  if (tuple == nullptr || PyTuple_Check(tuple) == 0)
    raise(PyExc_TypeError, "an array's form has tuples of lengths");
  std::vector<Py_ssize_t> found;
  for (Py_ssize_t i = 0; i < PyTuple_Size(tuple); ++i)
    found.push_back(PyLong_AsSsize_t(PyTuple_GetItem(tuple, i)));
  if (PyErr_Occurred() != nullptr)
    throw PythonError();
  return found;
}

ArrayForm read_form(PyObject* dict) {
  PyObject* const move = PyDict_Check(dict) != 0 ? PyDict_GetItemString(dict, "move") : nullptr;
  PyObject* const asked = move != nullptr ? PyDict_GetItemString(dict, "asked") : nullptr;
  if (asked == nullptr)
    raise(PyExc_TypeError, "an array's form has moves");
  ArrayForm form;
  form.dims = lengths_in(dict, "dims");
  form.shape = lengths_in(dict, "shape");
  form.move = read_move(move);
  form.straight = PyDict_GetItemString(dict, "straight") == Py_True;
  form.covers = PyDict_GetItemString(dict, "covers") == Py_True;
  form.writes = PyDict_GetItemString(dict, "writes") == Py_True;
  if (asked != Py_None)
    form.asked = read_move(asked);
  return form;
}

/// Appends the numbers of one of the struct's properties; false, without an error, where it has no
/// such.
bool append_numbers(PyObject* owner, PyObject* name, std::vector<Py_ssize_t>& numbers) {
  const Ref value = attr(owner, name);
  const Ref all = !value                           ? Ref()
                  : PyLong_Check(value.get()) != 0 ? checked(PyTuple_Pack(1, value.get()))
                                                   : Ref::steal(PySequence_Tuple(value.get()));
  for (Py_ssize_t i = 0; all && i < PyTuple_Size(all.get()); ++i)
    numbers.push_back(PyLong_AsSsize_t(PyTuple_GetItem(all.get(), i)));
  const bool done = all && PyErr_Occurred() == nullptr;
  drop_error(); // an interrupt goes on
  return done;
}

/// The dimensions that the array has now (blender/rna.py, dynamic_dims); none where that is not
/// told.
std::vector<Py_ssize_t> dims_of(const Arrays& how, const Reached& reached) {
  if (!how.sized)
    return {reached.length};
  std::vector<Py_ssize_t> dims; // width, height, channels
  if (!append_numbers(reached.owner.get(), names().size, dims) || dims.size() != 2 ||
      !append_numbers(reached.owner.get(), names().channels, dims) || dims.size() != 3)
    return {};
  std::swap(dims[0], dims[1]);
  return dims;
}

/// The form of the array as it is now; null where none is known. `shape`: of the cache; null: any.
const ArrayForm* form_of(const Arrays& how, const Reached& reached,
                         const std::vector<Py_ssize_t>* shape = nullptr) {
  const std::vector<Py_ssize_t> dims = dims_of(how, reached);
  Py_ssize_t count = dims.empty() ? 0 : 1;
  for (const Py_ssize_t one : dims)
    count *= one;
  if (count == 0 || count != reached.length)
    return nullptr;
  const auto found = std::ranges::find_if(how.forms, [&](const ArrayForm& form) {
    return form.dims == dims && (shape == nullptr || form.shape == *shape);
  });
  return found == how.forms.end() ? nullptr : &*found;
}

/// Has bpy fill a buffer with all values, or take them from it; false, without an error, where it
/// refuses.
bool bpy_moves(const Arrays& how, const Reached& reached, PyObject* call, PyObject* buffer) {
  const Ref flat = flat_of(buffer, how.format.c_str());
  const Ref done =
      Ref::steal(PyObject_CallMethodObjArgs(reached.collection.get(), call, flat.get(), nullptr));
  drop_error(); // an interrupt goes on
  return static_cast<bool>(done);
}

/// Between packed values and a part of the cache.
void move(const Move& how, jit::Direction direction, PyObject* packed, const Target& target) {
  const jit::Plan* const plan = kernel_plan_of(how.kernel.get());
  const StorageView storage = memcache_storage(target.cache);
  const StorageView source = memcache_storage(packed);
  if (plan == nullptr || !storage || !source)
    throw PythonError();
  const std::span<const std::int64_t> extents(how.extents);
  std::vector<jit::Table> tables(extents.size());
  for (std::size_t i = 0; i < how.tables.size(); ++i)
    if (!how.tables[i].empty())
      tables[i].data = how.tables[i].data();
  const auto reach = cache_reach(*plan, extents);
  const auto other = source_reach(*plan, extents, tables);
  const std::int64_t at = how.cache_offset;
  const std::int64_t from = how.source_offset;
  if (!reach || !other || reach->low + at < 0 || reach->high + at > storage.nbytes ||
      other->low + from < 0 || other->high + from > source.nbytes)
    raise(PyExc_SystemError, "an array's plan leaves the cache");
  jit::Transfer transfer;
  transfer.source = source.data + from;
  transfer.cache = storage.data + at;
  transfer.extents = extents;
  transfer.tables = tables;
  run_kernel(how.kernel.get(), direction, transfer, target.region);
}

Ref packed_for(const Arrays& how, const Reached& reached) {
  return new_packed(&reached.length, 1, how.format.c_str(), Py_None);
}

/// Blender to cache, or a part of it.
bool fill(const Arrays& how, const ArrayForm& form, const Reached& reached, const Target& target) {
  if (form.straight && target.region.empty())
    return bpy_moves(how, reached, names().foreach_get, target.cache);
  const Ref packed = packed_for(how, reached);
  if (!bpy_moves(how, reached, names().foreach_get, packed.get()))
    return false;
  move(form.move, jit::Direction::refresh, packed.get(), target);
  return true;
}

std::optional<Reached> look(const Arrays& how, const Start& start) {
  return follow(*how.trail, start.steps, as_watched(start.root));
}

/// Whether nothing speaks against a write (writing/permission.py).
bool may_write(const Arrays& how, const Start& start, const Reached& reached) {
  Watched* const root = as_watched(start.root);
  const bool own = is_own(reached, root);
  PyObject* const id = reached.id.get();
  return is_kept(reached, own, root->ref, start.steps,
                 !own && root->ref != nullptr && is_own(root)) &&
         !is_edited(id) && is_whole(*how.trail, id) && no_mode_overwrites(*how.trail) &&
         lets_write(id) && lets_assign(how.trail->legs.front(), reached.owner.get());
}

/// Whether the numbers of a part, as they are asked for, lead to what the datablock has; true of
/// what is no index.
bool lead(const Arrays& how, const ArrayForm& form, const Reached& reached, const Target& target) {
  const Ref& name = how.trail->legs.front().writing.indexed;
  if (!name)
    return true;
  const Ref indexed = attr(reached.id.get(), name.get());
  const Py_ssize_t count = indexed ? PyObject_Size(indexed.get()) : -1;
  PyErr_Clear();
  if (!form.asked || how.format != "i" || count <= 0)
    return false;
  const StorageView cache = memcache_storage(target.cache);
  const Py_ssize_t most = cache.nbytes / cache.itemsize;
  const Ref packed = new_packed(&most, 1, "i", Py_None); // as many as the cache has, or fewer
  const StorageView storage = memcache_storage(packed.get());
  std::memset(storage.data, 0, static_cast<std::size_t>(storage.nbytes)); // of a part: the others
  move(*form.asked, jit::Direction::update, packed.get(), target);
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(most));
  std::memcpy(numbers.data(), storage.data, static_cast<std::size_t>(storage.nbytes));
  return std::ranges::all_of(numbers, [&](auto one) { return one >= 0 && one < count; });
}

/// What bpy's foreach_set leaves stale (writing/noticing.py, settle). Throws PythonError.
void settle(const Trail& trail, const Reached& reached) {
  if (trail.legs.front().writing.indexed)
    return runtime::settle(trail, trail.legs.front(), reached);
  PyObject* const id = reached.id.get();
  if (!Ref::steal(PyObject_CallMethodObjArgs(id, names().update, nullptr))) {
    if (PyErr_ExceptionMatches(PyExc_RuntimeError) == 0) // an image without a buffer of its own
      throw PythonError();
    PyErr_Clear();
  }
  checked(PyObject_CallMethodObjArgs(id, names().update_tag, nullptr));
}

class ArrayRun : public Run {
 public:
  ArrayRun(std::shared_ptr<const Arrays> how, Start start, const ArrayForm& form,
           const Reached& reached)
      : Run(how->trail), how_(std::move(how)), form_(&form), root_(Ref::borrow(start.root)),
        start_(std::move(start)), counted_(reached.counted), seen_(now()) {}

  bool refresh(PyObject* cache, PyObject* view) override;
  bool update(PyObject* cache, PyObject* view) override;
  [[nodiscard]] Moment seen() const override { return seen_; }
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override { return form_->dims; }
  [[nodiscard]] std::vector<Py_ssize_t> lengths() const override { return counted_; }
  [[nodiscard]] Ref kinds() const override {
    return checked(PyTuple_Pack(1, reinterpret_cast<PyObject*>(trail().owner)));
  }

 private:
  std::optional<Reached> again();

  std::shared_ptr<const Arrays> how_;
  const ArrayForm* form_; // in how_
  Ref root_;              // a Watched
  Start start_;
  std::vector<Py_ssize_t> counted_;
  Moment seen_; // when the trail last led to the array
};

/// The array, of the shape that it had at enter.
std::optional<Reached> ArrayRun::again() {
  auto found = look(*how_, start_);
  if (!found || found->counted != counted_ || form_of(*how_, *found, &form_->shape) != form_)
    return std::nullopt;
  const Watched* const root = as_watched(root_.get());
  seen_ = root->ref != nullptr ? root->seen : now();
  return found;
}

bool is_empty(std::span<const jit::Span> region) {
  return std::ranges::any_of(region, [](const jit::Span& span) { return span.count == 0; });
}

bool ArrayRun::refresh(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free())
    return false;
  const Target target{cache, 0, region_of(cache, view)};
  const auto reached = is_empty(target.region) ? std::nullopt : again();
  return reached && fill(*how_, *form_, *reached, target);
}

bool ArrayRun::update(PyObject* cache, PyObject* view) {
  if (stale(trail()) || !is_free() || !form_->writes)
    return false;
  const Target target{cache, 0, region_of(cache, view)};
  const auto reached = is_empty(target.region) ? std::nullopt : again();
  if (!reached || !may_write(*how_, start_, *reached) || !lead(*how_, *form_, *reached, target))
    return false;
  Ref values = Ref::borrow(cache);
  // bpy takes no buffer that it could not write.
  if (!form_->straight || !target.region.empty() || memcache_storage(cache).readonly) {
    values = packed_for(*how_, *reached);
    if ((!form_->covers || !target.region.empty()) &&
        !bpy_moves(*how_, *reached, names().foreach_get, values.get()))
      return false;
    move(form_->move, jit::Direction::update, values.get(), target);
  }
  if (!bpy_moves(*how_, *reached, names().foreach_set, values.get()))
    return false; // the routes say why
  settle(trail(), *reached);
  return true;
}

bool may_follow(const Arrays& how, const Start& start) {
  return !stale(*how.trail) && as_watched(start.root) != nullptr && is_free();
}

} // namespace

std::shared_ptr<const Arrays> read_arrays(PyObject* description) {
  auto how = std::make_shared<Arrays>();
  how->trail = read_trail(description);
  PyObject* const format = PyDict_GetItemString(description, "array_format");
  PyObject* const forms = PyDict_GetItemString(description, "forms");
  if (format == nullptr || forms == nullptr || PyTuple_Check(forms) == 0 ||
      how->trail->legs.size() != 1 || how->trail->owner == nullptr)
    raise(PyExc_TypeError, "an array's trail has a format, forms, one leg and an owner");
  how->format = PyBytes_AsString(checked(PyUnicode_AsUTF8String(format)).get());
  how->sized = PyDict_GetItemString(description, "sized") == Py_True;
  for (Py_ssize_t i = 0; i < PyTuple_Size(forms); ++i)
    how->forms.push_back(read_form(PyTuple_GetItem(forms, i)));
  return how;
}

std::unique_ptr<Run> enter_array(std::shared_ptr<const Arrays> how, Start start, PyObject* wrapper,
                                 Ref& cache) {
  const auto reached = may_follow(*how, start) ? look(*how, start) : std::nullopt;
  const ArrayForm* const form = reached ? form_of(*how, *reached) : nullptr;
  if (form == nullptr)
    return nullptr;
  Ref filled =
      cache ? Ref::borrow(cache.get()) : allocate_cache(how->trail->format, form->shape, wrapper);
  const StorageView storage = memcache_storage(filled.get());
  const std::span shape(storage.shape, static_cast<std::size_t>(storage.ndim));
  if (!std::ranges::equal(shape, form->shape) ||
      !fill(*how, *form, *reached, {filled.get(), 0, {}}))
    return nullptr;
  cache = std::move(filled);
  return std::make_unique<ArrayRun>(std::move(how), std::move(start), *form, *reached);
}

std::unique_ptr<Run> adopt_array(std::shared_ptr<const Arrays> how, Start start,
                                 const std::vector<Py_ssize_t>& shape) {
  const auto reached = may_follow(*how, start) ? look(*how, start) : std::nullopt;
  const ArrayForm* const form = reached ? form_of(*how, *reached, &shape) : nullptr;
  if (form == nullptr)
    return nullptr;
  return std::make_unique<ArrayRun>(std::move(how), std::move(start), *form, *reached);
}

} // namespace rnaslicer::runtime
