// runtime/trail/several/looked.cpp: walks along many lists, one kernel run for all.
#include "runtime/trail/several/looked.hpp"

#include "runtime/trail/several/apart.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace rnaslicer::runtime {

namespace {

/// Whether bpy gives what is in memory for first, middle, last and one of each class of a list.
bool agrees(const Trail& trail, const Reached& reached, const Addresses& elements,
            const std::vector<Py_ssize_t>& one_of_each) {
  return std::ranges::all_of(trail.legs, [&](const Leg& leg) {
    auto which = compared(leg, static_cast<Py_ssize_t>(elements.size()));
    which.insert(which.end(), one_of_each.begin(), one_of_each.end());
    return are_values(trail, leg, reached, elements, std::move(which));
  });
}

/// Adds the list behind one struct. `known`: as elements_of has it; none at enter, which compares.
bool add(const Trail& trail, const Reached& reached, std::span<const std::int64_t> known,
         bool compares, Lists& all) {
  const bool is_struct = trail.list->how == Listing::How::itself;
  const Py_ssize_t length = is_struct ? 1 : PyObject_Size(reached.collection.get());
  if (length < 0)
    return PyErr_Clear(), false;
  all.lengths.push_back(length);
  all.counted.insert(all.counted.end(), reached.counted.begin(), reached.counted.end());
  if (length == 0)
    return true;
  const auto elements = elements_of(trail, reached, known);
  if (!elements || static_cast<Py_ssize_t>(elements->size()) != length)
    return false;
  std::vector<Py_ssize_t> one_of_each;
  const auto kinds = kinds_of(trail, reached, *elements, &one_of_each);
  if (!kinds || (compares && !is_asked(trail) && !agrees(trail, reached, *elements, one_of_each)))
    return false;
  all.elements.insert(all.elements.end(), elements->begin(), elements->end());
  if (kinds->size() == 1)
    all.kinds.insert(all.kinds.end(), elements->size(), kinds->front());
  else
    all.kinds.insert(all.kinds.end(), kinds->begin(), kinds->end());
  return true;
}

} // namespace

std::optional<Lists> look(const Trail& trail, const Outer& outer, const Lists* known, Keeps keeps) {
  auto found = structs_of(outer);
  if (!found || (known != nullptr && found->structs.size() != known->lengths.size()))
    return std::nullopt;
  Lists all;
  std::size_t first = 0;
  for (std::size_t i = 0; i < found->structs.size(); ++i) {
    auto reached = follow(trail, found->structs[i].get(), found->id.get());
    const auto length =
        known != nullptr ? static_cast<std::size_t>(known->lengths[i]) : std::size_t{0};
    const auto before = known != nullptr ? std::span(known->elements).subspan(first, length)
                                         : std::span<const std::int64_t>();
    if (!reached || !add(trail, *reached, before, known == nullptr, all))
      return std::nullopt;
    first += length;
    if (keeps == Keeps::reached || is_asked(trail))
      all.reached.push_back(std::move(*reached));
  }
  all.counted.insert(all.counted.end(), found->counted.begin(), found->counted.end());
  all.found = std::move(*found);
  return all;
}

void move_parts(const Trail& trail, const Leg& leg, jit::Direction direction, const Lists& all,
                std::span<const std::int64_t> rows, const Targets& parts) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto length = static_cast<std::size_t>(all.lengths[i]);
    if (const auto part = parts[i] ? on_leg(leg, *parts[i]) : std::nullopt)
      move_apart(leg, direction, rows.subspan(first, length), part->cache, part->region,
                 static_cast<Py_ssize_t>(part->first_row * row_bytes_of(trail)));
    first += length;
  }
}

std::vector<Told> told_of(const Lists& now, const Targets& parts) {
  std::vector<Told> told;
  std::size_t first = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (const auto& part = parts[i]) {
      Py_ssize_t at = now.lengths[i] - 1;
      if (!part->region.empty()) {
        const jit::Span& rows = part->region.front();
        at = static_cast<Py_ssize_t>(rows.start + rows.step * (rows.count - 1));
      }
      told.push_back({i, at, now.elements[first + static_cast<std::size_t>(at)]});
    }
    first += static_cast<std::size_t>(now.lengths[i]);
  }
  return told;
}

Ref element_of(const Trail& trail, const Reached& reached, const Told& told) {
  auto found = element_of(trail, reached, told.at);
  const bool is_there = found && found->address == static_cast<std::uint64_t>(told.address);
  PyErr_Clear();
  return is_there ? std::move(found->object) : Ref();
}

Writes who_writes(const Trail& trail, const Lists& now, const std::vector<Told>& told) {
  struct Heard { // what one class of element is assigned for
    Addresses elements;
    std::vector<PyTypeObject*> kinds;
  };
  std::map<PyTypeObject*, Heard> all;
  std::vector<std::size_t> begins(now.lengths.size() + 1);
  for (std::size_t i = 0; i < now.lengths.size(); ++i)
    begins[i + 1] = begins[i] + static_cast<std::size_t>(now.lengths[i]);
  Writes every = Writes::kernel;
  for (const Told& one : told) {
    const Ref element = element_of(trail, now.reached[one.list], one);
    const Writes who =
        element ? who_writes(trail, trail.legs.front(),
                             static_cast<std::size_t>(now.lengths[one.list]), element.get())
                : Writes::as_routes;
    every = std::max(every, who);
    if (every == Writes::as_routes)
      return every;
    Heard& heard = all[Py_TYPE(element.get())];
    for (std::size_t k = begins[one.list]; k < begins[one.list + 1]; ++k) {
      heard.elements.push_back(now.elements[k]);
      if (!now.kinds.empty() && std::ranges::count(heard.kinds, now.kinds[k]) == 0)
        heard.kinds.push_back(now.kinds[k]);
    }
  }
  const bool is_missed =
      every == Writes::kernel && std::ranges::any_of(all, [&](const auto& one) {
        return !hears_nobody(*trail.list, one.second.elements, one.second.kinds, one.first);
      });
  return is_missed ? Writes::as_routes : every;
}

bool fill_told(const Trail& trail, const Lists& all, const Target& target) {
  std::vector<Ref> structs;
  structs.reserve(all.reached.size());
  for (const Reached& one : all.reached)
    structs.push_back(Ref::borrow(one.collection.get()));
  return fill_told(trail, structs, target);
}

bool fill(const Trail& trail, const Lists& all, PyObject* cache) {
  if (is_asked(trail))
    return fill_told(trail, all, {cache, 0, {}});
  const Rows rows{0, 1, static_cast<Py_ssize_t>(all.elements.size())};
  std::vector<Addresses> tables;
  for (const Leg& leg : trail.legs) {
    auto found = rows_at(leg, all.elements, rows);
    if (!found)
      return false;
    tables.push_back(std::move(*found));
  }
  for (std::size_t i = 0; i < tables.size(); ++i)
    move_apart(trail.legs[i], jit::Direction::refresh, tables[i], cache, {});
  return true;
}

} // namespace rnaslicer::runtime
