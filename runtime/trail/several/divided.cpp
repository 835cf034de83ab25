// runtime/trail/several/divided.cpp: rows of many arrays that elements divide among them.
#include "runtime/trail/several/divided.hpp"

#include "runtime/memcache/memcache.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// Numbers of all elements of all structs, one behind the other.
struct Numbers {
  std::unique_ptr<Run> run;
  Ref now;                            // a MemCache for those of each call
  std::vector<std::int32_t> at_enter; // those of the enter

  [[nodiscard]] std::span<const std::int32_t> read() const {
    const StorageView storage = checked_storage(now.get());
    return {reinterpret_cast<const std::int32_t*>(storage.data),
            static_cast<std::size_t>(storage.nbytes) / sizeof(std::int32_t)};
  }
  /// Whether bpy gives, to the number, what it gave then.
  [[nodiscard]] bool are_same() const {
    return run->refresh(now.get(), Py_None) && std::ranges::equal(read(), at_enter);
  }
};

class DividedRun : public Run {
 public:
  DividedRun(std::shared_ptr<const Trail> trail, std::unique_ptr<Run> values,
             std::vector<Numbers> borders, std::vector<Py_ssize_t> counted)
      : Run(std::move(trail)), values_(std::move(values)), borders_(std::move(borders)),
        counted_(std::move(counted)) {}

  bool refresh(PyObject* cache, PyObject* view) override {
    return is_all(cache, view) && is_divided() && values_->refresh(cache, Py_None);
  }
  bool update(PyObject* cache, PyObject* view) override {
    return is_all(cache, view) && is_divided() && values_->update(cache, Py_None);
  }
  [[nodiscard]] std::vector<Py_ssize_t> counted() const override { return counted_; }
  [[nodiscard]] const std::vector<std::uint32_t>* uids() const override { return values_->uids(); }

 private:
  /// Of a part the routes know which corners it is.
  static bool is_all(PyObject* cache, PyObject* view) { return region_of(cache, view).empty(); }
  [[nodiscard]] bool is_divided() const {
    return std::ranges::all_of(borders_, [](const Numbers& one) { return one.are_same(); });
  }

  std::unique_ptr<Run> values_;
  std::vector<Numbers> borders_;
  std::vector<Py_ssize_t> counted_; // elements of each struct, then as ManyRun has them
};

constexpr auto flat = [] {
  Form form;
  form.kind = Form::Kind::flat;
  return form;
};

/// How many there are for each of `structs`; 0 where that is not the same for all.
Py_ssize_t width_in(const std::vector<Py_ssize_t>& offsets) {
  const Py_ssize_t width = offsets.size() > 1 ? offsets[1] : 0;
  for (std::size_t i = 0; i < offsets.size(); ++i)
    if (offsets[i] != static_cast<Py_ssize_t>(i) * width)
      return 0;
  return width;
}

/// How many values each element has: of `count` in each struct; 0 where these do not follow each
/// other, as many for each.
std::int32_t each_of(const std::vector<Numbers>& borders, Py_ssize_t count) {
  const auto& starts = borders.front().at_enter;
  const bool has_totals = borders.size() > 1;
  const std::int32_t each = has_totals ? borders[1].at_enter.front() : count > 1 ? starts[1] : 0;
  for (std::size_t i = 0; i < starts.size(); ++i)
    if (starts[i] != static_cast<std::int64_t>(i % static_cast<std::size_t>(count)) * each ||
        (has_totals && borders[1].at_enter[i] != each))
      return 0;
  return std::max(each, 0);
}

/// A cache's bytes as one axis of its items, to be filled by who takes a caller's buffer.
Ref as_row(const Ref& cache, const std::string& format) {
  const Ref view = checked(PyMemoryView_FromObject(cache.get()));
  const Ref bytes = checked(PyObject_CallMethod(view.get(), "cast", "s", "B"));
  return Ref::steal(PyObject_CallMethod(bytes.get(), "cast", "s", format.c_str()));
}

} // namespace

std::unique_ptr<Run> enter_divided(const DividedRows& how, const std::function<Outer()>& outer,
                                   IdPlaces places, PyObject* wrapper, ManyCache& made) {
  std::vector<Numbers> borders;
  std::vector<Py_ssize_t> offsets;
  for (const auto& trail : how.borders) {
    ManyCache cache;
    Numbers one;
    one.run = enter(trail, outer(), flat(), places, nullptr, Py_None, cache);
    if (!one.run || (!borders.empty() && cache.offsets != offsets))
      return nullptr;
    one.now = std::move(cache.cache);
    offsets = std::move(cache.offsets);
    const auto numbers = one.read();
    one.at_enter.assign(numbers.begin(), numbers.end());
    borders.push_back(std::move(one));
  }
  const Py_ssize_t count = width_in(offsets);
  const auto structs = static_cast<Py_ssize_t>(offsets.size()) - 1;
  const Py_ssize_t each = count > 0 ? each_of(borders, count) : 0;
  if (each == 0)
    return nullptr;
  made.cache = allocate_cache(*how.values, {structs, count, each}, wrapper);
  const Ref row = made.cache ? as_row(made.cache, how.values->format) : Ref();
  if (!row)
    return drop_error(), nullptr;
  const Ref into = checked(PyTuple_Pack(2, row.get(), fills(wrapper) ? Py_True : Py_False));
  ManyCache all;
  auto values = enter(how.values, outer(), flat(), places, nullptr, into.get(), all);
  if (!values || width_in(all.offsets) != count * each)
    return nullptr;
  std::vector<Py_ssize_t> counted(static_cast<std::size_t>(structs), count);
  std::ranges::copy(borders.front().run->counted(), std::back_inserter(counted));
  return std::make_unique<DividedRun>(how.values, std::move(values), std::move(borders),
                                      std::move(counted));
}

} // namespace rnaslicer::runtime
