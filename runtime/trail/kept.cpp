// runtime/trail/kept.cpp: comparing a struct's layers with what bpy gave.
#include "runtime/trail/kept.hpp"

#include "runtime/blender/bpy.hpp"
#include "runtime/blender/names.hpp"
#include "runtime/trail/steps.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace rnaslicer::runtime {

namespace {

constexpr std::int64_t most_layers = 64; // of a struct; more are left to bpy

KeptCount counts; // since the start

template <typename T> T read(std::uint64_t address, std::int64_t at) {
  T found{};
  std::memcpy(&found, pointer(address) + at, sizeof found);
  return found;
}

bool has_bytes(const std::byte* place, std::string_view bytes) {
  return (bytes.empty() || static_cast<char>(*place) == bytes.front()) &&
         std::memcmp(place, bytes.data(), bytes.size()) == 0;
}

std::string_view bytes_of(const std::byte* place, std::int64_t size) {
  return {reinterpret_cast<const char*>(place), static_cast<std::size_t>(size)};
}

/// The numbers of elements that the struct itself has.
std::string sizes_of(const LayerTables& how, std::uint64_t holder) {
  std::string found;
  for (const std::int64_t at : how.sizes)
    found.append(bytes_of(pointer(holder) + at, sizeof(std::int32_t)));
  return found;
}

bool has_sizes(const LayerTables& how, std::uint64_t holder, std::string_view sizes) {
  return std::ranges::all_of(how.sizes, [&](std::int64_t at) {
    const std::string_view one = sizes.substr(0, sizeof(std::int32_t));
    sizes.remove_prefix(one.size());
    return has_bytes(pointer(holder) + at, one);
  });
}

std::string_view name_in(const LayerTables& how, const std::byte* layer) {
  const char* const text = reinterpret_cast<const char*>(layer) + how.name_at;
  return {text, strnlen(text, static_cast<std::size_t>(how.name_bytes))};
}

} // namespace

/// Which of the struct's layers lies there; false where none does.
bool KeptLayer::seek(const LayerTables& how, std::uint64_t layer) {
  if (how.list_at >= 0) {
    const auto list = read<std::uint64_t>(holder_, how.list_at);
    if (list == 0)
      return false;
    list_ = bytes_of(pointer(list), how.keys_at + static_cast<std::int64_t>(sizeof list));
    const auto keys = read<std::uint64_t>(list, how.keys_at);
    const auto count = std::min(read<std::int64_t>(list, how.number_at), most_layers);
    for (at_ = 0; at_ < count; ++at_)
      if (read<std::uint64_t>(keys, at_ * static_cast<std::int64_t>(sizeof layer)) == layer)
        return true;
    return false;
  }
  for (table_ = 0; table_ < how.tables.size(); ++table_) {
    const auto [layers_at, count_at] = how.tables[table_];
    const auto first = read<std::uint64_t>(holder_, layers_at);
    const auto count = std::min<std::int64_t>(read<std::int32_t>(holder_, count_at), most_layers);
    for (at_ = 0; at_ < count; ++at_)
      if (first + static_cast<std::uint64_t>(at_ * how.layer_bytes) == layer)
        return true;
  }
  return false;
}

/// Which of them has that array; false where none does. Lists of layers do not tell.
bool KeptLayer::seek_array(const LayerTables& how, std::uint64_t base) {
  if (how.list_at >= 0)
    return false;
  for (table_ = 0; table_ < how.tables.size(); ++table_) {
    const auto [layers_at, count_at] = how.tables[table_];
    const auto first = read<std::uint64_t>(holder_, layers_at);
    const auto count = std::min<std::int64_t>(read<std::int32_t>(holder_, count_at), most_layers);
    for (at_ = 0; at_ < count; ++at_) {
      layer_ = first + static_cast<std::uint64_t>(at_ * how.layer_bytes);
      if (read<std::uint64_t>(layer_, how.data_at) == base)
        return true;
    }
  }
  return false;
}

/// Whether its table has no other layer of its type: bpy would give the one that is active.
bool KeptLayer::is_only_of_type(const LayerTables& how) const {
  const auto [layers_at, count_at] = how.tables[table_];
  const auto first = read<std::uint64_t>(holder_, layers_at);
  const std::int64_t count = read<std::int32_t>(holder_, count_at);
  const auto type = read<std::int32_t>(layer_, how.type_at);
  for (std::int64_t i = 0; i < count; ++i)
    if (const auto one = first + static_cast<std::uint64_t>(i * how.layer_bytes);
        one != layer_ && read<std::int32_t>(one, how.type_at) == type)
      return false;
  return count <= most_layers;
}

/// Where the struct has that layer now; null where it has fewer, or lists them elsewhere.
const std::byte* KeptLayer::layer_now(const LayerTables& how) const {
  if (how.list_at >= 0) {
    const auto list = read<std::uint64_t>(holder_, how.list_at);
    if (list == 0 || !has_bytes(pointer(list), list_))
      return nullptr;
    return pointer(read<std::uint64_t>(read<std::uint64_t>(list, how.keys_at),
                                       at_ * static_cast<std::int64_t>(sizeof list)));
  }
  const auto [layers_at, count_at] = how.tables[table_];
  if (read<std::int32_t>(holder_, count_at) <= at_)
    return nullptr;
  return pointer(read<std::uint64_t>(holder_, layers_at)) + at_ * how.layer_bytes;
}

/// Whether no other layer of the struct has its name, in whatever domain: bpy would give the first.
bool KeptLayer::is_only_one(const LayerTables& how) const {
  if (how.list_at >= 0)
    return true; // that is a set of names
  const std::string_view name = name_in(how, pointer(layer_));
  const bool is_short = name.size() < static_cast<std::size_t>(how.name_bytes); // a 0 ends it
  const std::string_view bytes(name.data(), name.size() + (is_short ? 1 : 0));
  std::int64_t looked_at = 0;
  for (const auto& [layers_at, count_at] : how.tables) {
    const auto* const first = pointer(read<std::uint64_t>(holder_, layers_at));
    const std::int64_t count = read<std::int32_t>(holder_, count_at);
    looked_at += count;
    if (looked_at > most_layers)
      return false;
    for (std::int64_t i = 0; i < count; ++i)
      if (const auto* const one = first + i * how.layer_bytes;
          one != pointer(layer_) && has_bytes(one + how.name_at, bytes))
        return false;
  }
  return true;
}

/// Whether the layer's name lies in the layer itself, where a change of it is noticed. A string of
/// C++ leads to its text by a word of its own; what else looks like the name may be left of others.
bool KeptLayer::has_name(const LayerTables& how, std::string_view name) const {
  if (how.list_at < 0)
    return name_in(how, pointer(layer_)) == name;
  const std::string text = std::string(name) + '\0';
  constexpr std::size_t word = sizeof(std::uint64_t);
  for (std::size_t at = 0; at + word <= bytes_.size(); at += word) {
    const std::uint64_t place = read<std::uint64_t>(layer_, static_cast<std::int64_t>(at)) - layer_;
    if (place < bytes_.size() && bytes_.compare(place, text.size(), text) == 0)
      return true;
  }
  return false;
}

bool KeptLayer::is_of(PyObject* attribute) const {
  const auto address = address_of(attribute);
  return address ? *address == layer_ : (PyErr_Clear(), false);
}

std::optional<Located> KeptLayer::told(const LayerTables* how, PyObject* holder,
                                       Py_ssize_t length) const {
  if (how == nullptr || holder_ == 0 || length != length_ || Py_TYPE(holder) != how->of)
    return std::nullopt;
  const auto address = address_of(holder);
  if (!address)
    return PyErr_Clear(), std::nullopt;
  return told_at(*how, *address, length);
}

std::optional<Located> KeptLayer::told_at(const LayerTables& how, std::uint64_t holder,
                                          Py_ssize_t length) const {
  if (holder_ == 0 || holder != holder_ || length != length_ || !has_sizes(how, holder_, sizes_))
    return std::nullopt;
  const std::byte* const layer = layer_now(how);
  if (layer != pointer(layer_) || !has_bytes(layer, bytes_) ||
      !(is_own_ ? is_only_of_type(how) : is_only_one(how)))
    return std::nullopt;
  ++counts.told;
  return Located{pointer(base_), false, !is_own_};
}

void KeptLayer::fetch_ahead(const LayerTables& how) const {
  for (const std::int64_t at : how.sizes)
    __builtin_prefetch(pointer(holder_) + at);
  for (const LayerTables::Table& table : how.tables)
    __builtin_prefetch(pointer(holder_) + table.layers_at);
  if (how.list_at >= 0)
    __builtin_prefetch(pointer(holder_) + how.list_at);
  constexpr std::size_t line = 64;
  for (std::size_t at = 0; at < bytes_.size(); at += line) {
    __builtin_prefetch(pointer(layer_) + at);
    __builtin_prefetch(bytes_.data() + at);
  }
}

void KeptLayer::note(const LayerTables* tables, const Leg& leg, PyObject* holder,
                     PyObject* attribute, const Located& located, Py_ssize_t length) {
  holder_ = 0;
  is_own_ = false;
  if (tables == nullptr || !leg.layer || leg.through || !located.untouched ||
      Py_TYPE(holder) != tables->of)
    return;
  ++counts.asked;
  const LayerTables& how = *tables;
  const auto address = address_of(holder);
  const auto layer = address ? address_of(attribute) : std::nullopt;
  const Ref name = layer ? attr(attribute, names().name) : Ref();
  Py_ssize_t letters = 0;
  const char* const text = name ? PyUnicode_AsUTF8AndSize(name.get(), &letters) : nullptr;
  if (text == nullptr)
    return PyErr_Clear();
  holder_ = *address;
  layer_ = *layer;
  const std::int64_t size = how.list_at >= 0
                                ? leg.layer->count_at + static_cast<std::int64_t>(sizeof layer_)
                                : how.layer_bytes;
  bytes_ = bytes_of(pointer(layer_), size);
  // A name or domain that lies elsewhere may change while these bytes stay.
  if (how.domain_at >= size ||
      leg.layer->data_at + static_cast<std::int64_t>(sizeof layer_) > size ||
      !has_name(how, std::string_view(text, static_cast<std::size_t>(letters))) ||
      read<std::uint64_t>(layer_, leg.layer->data_at) !=
          reinterpret_cast<std::uintptr_t>(located.base) ||
      !seek(how, layer_) || !is_only_one(how)) {
    holder_ = 0;
    return;
  }
  base_ = reinterpret_cast<std::uintptr_t>(located.base);
  length_ = length;
  sizes_ = sizes_of(how, holder_);
}

void KeptLayer::note_own(const Trail& trail, PyObject* holder, const Located& located,
                         Py_ssize_t length) {
  const auto base = reinterpret_cast<std::uintptr_t>(located.base);
  const bool was_compared = compared_ && is_own_ && holder_ != 0 && base_ == base;
  const std::uint64_t before = holder_;
  holder_ = 0;
  if (!trail.keeps || trail.keeps->sizes.empty() || Py_TYPE(holder) != trail.keeps->of)
    return;
  ++counts.asked;
  const LayerTables& how = *trail.keeps;
  const auto address = address_of(holder);
  if (!address)
    return PyErr_Clear();
  holder_ = *address;
  if (!seek_array(how, base) || !is_only_of_type(how)) {
    holder_ = 0;
    return;
  }
  is_own_ = true;
  bytes_ = bytes_of(pointer(layer_), how.layer_bytes);
  sizes_ = sizes_of(how, holder_);
  compared_ = was_compared && before == holder_ && length_ == length;
  base_ = base;
  length_ = length;
}

std::vector<KeptLayer>* kept_of(const Trail& trail, PyObject* holder) {
  return trail.keeps && trail.whose ? kept_of(*trail.keeps, trail.legs.size(), holder) : nullptr;
}

std::vector<KeptLayer>* kept_of(const LayerTables& how, std::size_t layers, PyObject* holder) {
  constexpr std::size_t most = 1U << 17U;
  if (Py_TYPE(holder) != how.of)
    return nullptr;
  const auto address = address_of(holder);
  if (!address)
    return PyErr_Clear(), nullptr;
  auto& all = how.seen->all;
  if (const auto known = all.find(*address); known != all.end())
    return &known->second;
  if (all.size() >=
      most) // to forget some now would be to forget all in turn, in each pass over more
    return nullptr;
  return &all.emplace(*address, std::vector<KeptLayer>(layers)).first->second;
}

namespace {

/// The datablock or drawing behind a struct that has a trail's one leg; empty where all steps must
/// be taken.
Ref holder_behind(const Trail& trail, PyObject* start) {
  if (!trail.keeps || trail.derivable || trail.legs.size() != 1 || trail.steps.empty() ||
      (!trail.divided && (!trail.whose || trail.keeps->sizes.empty())) ||
      std::ranges::any_of(trail.steps, &Step::is_counted))
    return {};
  const std::size_t count = trail.divided ? trail.divided->step : trail.steps.size() - 1;
  Ref reached = Ref::borrow(start);
  for (std::size_t i = 0; reached && i < count; ++i)
    reached = take_step(trail.steps[i], reached.get());
  if (!reached)
    PyErr_Clear();
  return reached;
}

/// The datablock that one points to, of the kind that it was; 0 where bpy must be asked.
std::uint64_t pointed_by(const Trail& trail, const Lead& lead, PyObject* start) {
  if (lead.from == 0 || !trail.keeps || !trail.keeps->pointer)
    return 0;
  const Pointer& how = *trail.keeps->pointer;
  if (Py_TYPE(start) != how.from)
    return 0;
  const auto from = address_of(start);
  if (!from)
    return PyErr_Clear(), 0;
  if (*from != lead.from || read<std::uint64_t>(*from, how.original_at) != 0 ||
      read<std::uint64_t>(*from, how.at) != lead.to ||
      read<std::uint16_t>(lead.to, how.name_at) != lead.kind)
    return 0;
  ++counts.pointed;
  return lead.to;
}

/// That bpy gave `holder` for a struct, if its pointer says so, too.
Lead lead_of(const Trail& trail, PyObject* start, PyObject* holder, const KeptLayer& layer) {
  const auto& how = trail.keeps->pointer;
  if (!how || Py_TYPE(start) != how->from)
    return {};
  ++counts.unpointed;
  const auto from = address_of(start);
  const auto to = from ? address_of(holder) : std::nullopt;
  if (!to)
    return PyErr_Clear(), Lead();
  if (read<std::uint64_t>(*from, how->original_at) != 0 ||
      read<std::uint64_t>(*from, how->at) != *to)
    return {};
  return {*from, *to, &layer, read<std::uint16_t>(*to, how->name_at)};
}

} // namespace

std::optional<KnownBehind> known_behind(const Trail& trail, PyObject* start, Lead& lead) {
  if (trail.divided || trail.legs.front().through)
    return std::nullopt;
  const auto told = [&](const KeptLayer& layer, std::uint64_t holder) {
    const auto located = layer.compared() && holder != 0
                             ? layer.told_at(*trail.keeps, holder, layer.length())
                             : std::nullopt;
    return located ? std::optional(KnownBehind{*located, layer.length()}) : std::nullopt;
  };
  if (lead.layer != nullptr)
    if (auto known = told(*lead.layer, pointed_by(trail, lead, start)))
      return known;
  lead = {};
  const Ref holder = holder_behind(trail, start);
  const auto* const kept = holder ? kept_of(trail, holder.get()) : nullptr;
  if (kept == nullptr)
    return std::nullopt;
  lead = lead_of(trail, start, holder.get(), kept->front());
  const auto address = address_of(holder.get());
  return address ? told(kept->front(), *address) : (PyErr_Clear(), std::nullopt);
}

std::optional<Located> told_behind(const Trail& trail, const std::vector<KeptLayer>& kept,
                                   Py_ssize_t length, PyObject* start, Lead& lead) {
  if (const std::uint64_t holder = pointed_by(trail, lead, start); holder != 0)
    if (auto told = lead.layer->told_at(*trail.keeps, holder, length))
      return told;
  lead = {};
  if (trail.divided && kept.size() != 1)
    return std::nullopt;
  const Ref holder = holder_behind(trail, start);
  const auto* const shared = holder && !trail.divided ? kept_of(trail, holder.get()) : nullptr;
  if (shared != nullptr)
    lead = lead_of(trail, start, holder.get(), shared->front());
  const auto& known = shared != nullptr ? *shared : kept;
  return holder && !known.empty() ? known.front().told(tables_of(trail), holder.get(), length)
                                  : std::nullopt;
}

void fetch_ahead(const Trail& trail, std::span<const Lead> leads) {
  constexpr std::size_t near = 4;
  if (leads.size() <= near || leads[near].layer == nullptr)
    return;
  if (const Lead& far = leads[std::min(2 * near, leads.size() - 1)]; far.layer != nullptr) {
    __builtin_prefetch(pointer(far.from) + trail.keeps->pointer->at);
    __builtin_prefetch(pointer(far.from) + trail.keeps->pointer->original_at);
    __builtin_prefetch(pointer(far.to) + trail.keeps->pointer->name_at);
    __builtin_prefetch(far.layer);
    __builtin_prefetch(far.layer + 1); // it may lie on two lines
  }
  leads[near].layer->fetch_ahead(*trail.keeps);
}

KeptCount kept_count() { return counts; }

} // namespace rnaslicer::runtime
