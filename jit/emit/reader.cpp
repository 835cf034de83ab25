// jit/emit/reader.cpp: the loads and shuffles of a block.
#include "jit/emit/reader.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace rnaslicer::jit::emission {

using llvm::Value;

Reader::Reader(Frame& frame, const Machine& machine, Extent extent, std::int64_t size, bool rows,
               Part side, Bases bases)
    : m_frame(frame), m_ir(frame.ir), m_machine(machine), m_extent(extent), m_size(size),
      m_unit(std::max<std::int64_t>(size, 4)), m_rows(rows), m_side(side),
      m_bases(std::move(bases)),
      m_shuffler(frame.ir, machine, static_cast<std::size_t>(machine.width / m_unit),
                 [this](std::size_t which) { return assemble(m_grid.registers[which]); }) {}

namespace {

std::vector<Slots> halves(const Slots& slots) {
  const auto middle = slots.begin() + static_cast<std::ptrdiff_t>(slots.size() / 2);
  return {Slots(slots.begin(), middle), Slots(middle, slots.end())};
}

} // namespace

/// Registers that a vector may be put together from.
constexpr std::size_t most_sources = 10;

/// True if one plain load has all the filled slots in place, without leaving the row.
bool Reader::in_row(const Slots& slots) const {
  std::optional<Place> first; // of slot 0
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (!slots[i])
      continue;
    const Place start{slots[i]->row, slots[i]->offset - static_cast<std::int64_t>(i) * m_size};
    if (first && start != *first)
      return false;
    first = start;
  }
  const auto bytes = static_cast<std::int64_t>(slots.size()) * m_size;
  return first && first->offset >= m_extent.lo && first->offset + bytes <= m_extent.hi;
}

/// The whole block in full-width loads, the last one ending with it.
Reader::Grid Reader::wide_grid(const std::vector<Place>& places) const {
  Grid grid;
  const std::int64_t width = m_machine.width;
  const std::int64_t bytes = m_extent.hi - m_extent.lo;
  if (m_rows || bytes < width || bytes / width > 64)
    return grid;
  const std::int64_t count = (bytes + width - 1) / width;
  std::vector<bool> used(static_cast<std::size_t>(count));
  auto start_of = [&](std::int64_t which) {
    return std::min(m_extent.lo + which * width, m_extent.hi - width);
  };
  for (const Place& place : places) {
    // The last load that has all of it; a unit must not be torn.
    auto which = (place.offset - m_extent.lo) / width;
    if (which < count - 1 && place.offset + m_size > start_of(which) + width)
      return {};
    const std::int64_t byte = place.offset - start_of(which);
    if (byte % m_unit + m_size > m_unit)
      return {};
    grid.positions[place] = {static_cast<std::size_t>(which), byte};
    used[static_cast<std::size_t>(which)] = true;
  }
  for (std::int64_t which = 0; which < count; ++which)
    grid.registers.push_back({{{{0, start_of(which)}, width}}, width});
  grid.cost = static_cast<double>(std::count(used.begin(), used.end(), true));
  return grid;
}

/// Loads as long as the pitch if the row has as much, moved back where it ends.
Reader::Chunk Reader::chunk_for(Place start, std::int64_t bytes, std::int64_t pitch) const {
  if (start.offset + pitch <= m_extent.hi)
    return {start, pitch};
  const std::int64_t back = start.offset + pitch - m_extent.hi;
  if (back % m_unit == 0 && start.offset - back >= m_extent.lo)
    return {{start.row, start.offset - back}, pitch};
  return {start, bytes};
}

/// Each group of neighbouring items in a load of its own, several loads to a register.
Reader::Grid Reader::row_grid(const std::vector<Place>& places, std::int64_t pitch) const {
  Grid grid;
  const auto per_register = static_cast<std::size_t>(m_machine.width / pitch);
  for (std::size_t first = 0; first < places.size();) {
    const Place start = places[first];
    std::size_t end = first;
    while (end < places.size() && places[end].row == start.row &&
           places[end].offset + m_size - start.offset <= pitch)
      ++end;
    const Chunk chunk = chunk_for(start, places[end - 1].offset + m_size - start.offset, pitch);
    if (grid.registers.empty() || grid.registers.back().chunks.size() == per_register)
      grid.registers.push_back({{}, pitch});
    auto& chunks = grid.registers.back().chunks;
    const auto base = static_cast<std::int64_t>(chunks.size()) * pitch;
    for (; first < end; ++first) {
      const std::int64_t byte = base + places[first].offset - chunk.start.offset;
      if (byte % m_unit + m_size > m_unit)
        return {};
      grid.positions[places[first]] = {grid.registers.size() - 1, byte};
    }
    chunks.push_back(chunk);
    grid.cost += chunk.bytes == pitch ? 1.5 : 2.5;
  }
  return grid;
}

/// Shifts that differ from lane to lane are not to be had everywhere, and each permute brings a
/// constant of its own, which is slow to compile.
bool Reader::usable(const Grid& grid, const std::vector<const Slots*>& vectors) const {
  if (grid.registers.empty())
    return false;
  for (const Slots* slots : vectors) {
    std::set<std::int64_t> shifts;
    std::set<std::size_t> sources;
    for (const auto& slot : *slots)
      if (slot) {
        const Position at = grid.positions.at(*slot);
        shifts.insert(at.byte % m_unit);
        sources.insert(at.which);
      }
    if (sources.size() > most_sources || (shifts.size() > 1 && !m_machine.shifts_per_lane))
      return false;
  }
  return true;
}

double Reader::permutes(const Grid& grid, const std::vector<const Slots*>& vectors) const {
  const double price = m_machine.width == 64 ? 1 : m_machine.width == 32 ? 3 : 2;
  double cost = 0;
  for (const Slots* slots : vectors) {
    std::set<std::size_t> sources;
    for (const auto& slot : *slots)
      if (slot)
        sources.insert(grid.positions.at(*slot).which);
    cost += price * static_cast<double>(std::max<std::size_t>(sources.size(), 2) - 1);
  }
  return cost;
}

double Reader::prepare(const std::vector<const Slots*>& vectors) {
  std::set<Place> distinct;
  std::vector<const Slots*> shuffled;
  double one_by_one = 0;
  for (const Slots* slots : vectors) {
    if (slots->size() == 1 || in_row(*slots))
      continue;
    shuffled.push_back(slots);
    for (const auto& slot : *slots)
      if (slot) {
        distinct.insert(*slot);
        one_by_one += 2;
      }
  }
  const std::vector<Place> places(distinct.begin(), distinct.end());
  double best = one_by_one;
  auto consider = [&](Grid grid) {
    if (!usable(grid, shuffled))
      return;
    grid.cost += permutes(grid, shuffled);
    if (grid.cost >= best)
      return;
    best = grid.cost;
    m_grid = std::move(grid);
  };
  consider(wide_grid(places));
  for (std::int64_t pitch = std::max<std::int64_t>(2 * m_size, 4); pitch <= 16; pitch *= 2)
    consider(row_grid(places, pitch));
  if (m_grid.registers.empty())
    return best;
  std::vector<Picks> picks;
  for (const Slots* slots : shuffled)
    for (const Slots& part : pieces(*slots))
      picks.push_back(picks_of(part));
  m_shuffler.prepare(picks);
  return best;
}

/// What of a vector one register can hold each: all of it, or halves, or halves of those.
std::vector<Slots> Reader::pieces(const Slots& slots) const {
  if (fits_register(slots))
    return {slots};
  std::vector<Slots> found;
  for (const Slots& half : halves(slots))
    for (Slots& piece : pieces(half))
      found.push_back(std::move(piece));
  return found;
}

Value* Reader::address(Place place) {
  return m_frame.address(m_bases(place.row), nullptr, 0, place.offset);
}

Value* Reader::load(llvm::Type* type, Place place) {
  const auto here = m_frame.at(m_side);
  return m_ir.CreateAlignedLoad(type, address(place), llvm::Align(1));
}

/// Just these bytes as the low end of an integer.
Value* Reader::load_bits(Place place, std::int64_t bytes, std::int64_t width) {
  auto* type = m_ir.getIntNTy(static_cast<unsigned>(width * 8));
  Value* result = nullptr;
  for (std::int64_t done = 0; done < bytes;) {
    std::int64_t step = 8;
    while (step > bytes - done)
      step /= 2;
    Value* part =
        load(m_ir.getIntNTy(static_cast<unsigned>(step * 8)), {place.row, place.offset + done});
    part = m_ir.CreateZExt(part, type);
    if (done > 0)
      part = m_ir.CreateShl(part, static_cast<std::uint64_t>(done * 8));
    result = result ? m_ir.CreateOr(result, part) : part;
    done += step;
  }
  return result;
}

/// A chunk as an integer or, above eight bytes, as <4 x i32>.
Value* Reader::load_chunk(const Chunk& chunk, std::int64_t pitch) {
  if (pitch <= 8)
    return load_bits(chunk.start, chunk.bytes, pitch);
  auto* words = llvm::FixedVectorType::get(m_ir.getInt32Ty(), 4);
  if (chunk.bytes == pitch)
    return load(words, chunk.start);
  if (m_machine.masks_words && chunk.bytes % 4 == 0) {
    const auto here = m_frame.at(m_side);
    llvm::SmallVector<llvm::Constant*, 4> mask;
    for (std::int64_t i = 0; i < 4; ++i)
      mask.push_back(m_ir.getInt1(4 * i < chunk.bytes));
    return m_ir.CreateMaskedLoad(words, address(chunk.start), llvm::Align(1),
                                 llvm::ConstantVector::get(mask));
  }
  auto* halves = llvm::FixedVectorType::get(m_ir.getInt64Ty(), 2);
  Value* pair = llvm::PoisonValue::get(halves);
  const std::int64_t low = std::min<std::int64_t>(chunk.bytes, 8);
  pair = m_ir.CreateInsertElement(pair, load_bits(chunk.start, low, 8), std::uint64_t{0});
  if (chunk.bytes > 8)
    pair = m_ir.CreateInsertElement(
        pair, load_bits({chunk.start.row, chunk.start.offset + 8}, chunk.bytes - 8, 8),
        std::uint64_t{1});
  return m_ir.CreateBitCast(pair, words);
}

/// The register's value as a vector of units.
Value* Reader::assemble(Register& reg) {
  if (reg.value)
    return reg.value;
  for (const Chunk& chunk : reg.chunks)
    m_bases(chunk.start.row); // before any is loaded: some compare what they follow, and branch
  auto vector_of = [&](std::int64_t unit) {
    return llvm::FixedVectorType::get(m_ir.getIntNTy(static_cast<unsigned>(unit * 8)),
                                      static_cast<unsigned>(m_machine.width / unit));
  };
  auto* type = vector_of(m_unit);
  if (reg.pitch == m_machine.width && reg.chunks[0].bytes == reg.pitch)
    return reg.value = load(type, reg.chunks[0].start);
  if (reg.pitch <= 8) {
    Value* all = llvm::PoisonValue::get(vector_of(reg.pitch));
    for (std::size_t i = 0; i < reg.chunks.size(); ++i)
      all = m_ir.CreateInsertElement(all, load_chunk(reg.chunks[i], reg.pitch), i);
    return reg.value = m_ir.CreateBitCast(all, type, "rows");
  }
  // Quarters to halves to the whole.
  std::vector<Value*> parts;
  for (const Chunk& chunk : reg.chunks)
    parts.push_back(load_chunk(chunk, reg.pitch));
  unsigned lanes = 4;
  while (lanes * 4 < m_machine.width) {
    llvm::SmallVector<int, 16> mask(static_cast<std::size_t>(lanes) * 2);
    std::iota(mask.begin(), mask.end(), 0);
    std::vector<Value*> joined;
    for (std::size_t i = 0; i < parts.size(); i += 2) {
      Value* upper =
          i + 1 < parts.size() ? parts[i + 1] : llvm::PoisonValue::get(parts[i]->getType());
      joined.push_back(m_ir.CreateShuffleVector(parts[i], upper, mask, "rows"));
    }
    parts = std::move(joined);
    lanes *= 2;
  }
  return reg.value = m_ir.CreateBitCast(parts[0], type);
}

Value* Reader::one_by_one(const Slots& slots) {
  auto* element = m_ir.getIntNTy(static_cast<unsigned>(m_size * 8));
  Value* result = llvm::PoisonValue::get(
      llvm::FixedVectorType::get(element, static_cast<unsigned>(slots.size())));
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (slots[i])
      result = m_ir.CreateInsertElement(result, load(element, *slots[i]), i);
  return result;
}

Picks Reader::picks_of(const Slots& slots) const {
  Picks picks;
  for (const auto& slot : slots)
    if (slot) {
      const Position at = m_grid.positions.at(*slot);
      picks.emplace_back(Pick{at.which, static_cast<int>(at.byte / m_unit)});
    } else {
      picks.emplace_back();
    }
  return picks;
}

/// Numbers below a unit are brought down to its low end.
Value* Reader::permuted(const Slots& slots) {
  llvm::SmallVector<llvm::Constant*, 16> shifts;
  bool shifted = false;
  for (const auto& slot : slots) {
    const std::int64_t byte = slot ? m_grid.positions.at(*slot).byte % m_unit : 0;
    shifts.push_back(
        m_ir.getIntN(static_cast<unsigned>(m_unit * 8), static_cast<std::uint64_t>(byte * 8)));
    shifted |= byte != 0;
  }
  Value* result = m_shuffler.vector(picks_of(slots));
  return shifted ? m_ir.CreateLShr(result, llvm::ConstantVector::get(shifts)) : result;
}

Value* Reader::read(const Slots& slots) {
  const auto here = m_frame.at(Part::lanes);
  auto* element = m_ir.getIntNTy(static_cast<unsigned>(m_size * 8));
  if (is_single(slots))
    return load(element, *slots[0]);
  if (in_row(slots)) {
    std::size_t i = 0;
    while (!slots[i])
      ++i;
    const Place start{slots[i]->row, slots[i]->offset - static_cast<std::int64_t>(i) * m_size};
    return load(llvm::FixedVectorType::get(element, static_cast<unsigned>(slots.size())), start);
  }
  if (m_grid.registers.empty())
    return one_by_one(slots);
  if (fits_register(slots))
    return permuted(slots);
  return by_halves(slots);
}

/// More than one register: by halves, of which one may have nothing in it.
Value* Reader::by_halves(const Slots& slots) {
  const auto parts = halves(slots);
  Value* low = half(parts[0]);
  Value* high = half(parts[1]);
  if (!low)
    low = llvm::PoisonValue::get(high->getType());
  if (!high)
    high = llvm::PoisonValue::get(low->getType());
  llvm::SmallVector<int, 16> mask(slots.size());
  std::iota(mask.begin(), mask.end(), 0);
  return m_ir.CreateShuffleVector(low, high, mask);
}

Value* Reader::half(const Slots& slots) {
  const bool filled =
      std::any_of(slots.begin(), slots.end(), [](const auto& slot) { return slot.has_value(); });
  if (!filled)
    return nullptr;
  return fits_register(slots) ? permuted(slots) : by_halves(slots);
}

} // namespace rnaslicer::jit::emission
