// jit/emit/vectors.cpp: kernels that move a block of steps at once: read, convert, store.
#include "jit/emit/function.hpp"
#include "jit/emit/indices.hpp"
#include "jit/emit/layout.hpp"
#include "jit/emit/nans.hpp"
#include "jit/emit/reader.hpp"
#include "jit/emit/stream.hpp"
#include "jit/emit/transformer.hpp"
#include "jit/emit/values.hpp"

#include <algorithm>
#include <bit>
#include <set>

namespace rnaslicer::jit::emission {

using llvm::Value;

namespace {

/// Emits the body of the block loop.
class BlockBody {
 public:
  /// `indices` is null where the block goes through none.
  BlockBody(Frame& frame, const Plan& plan, Direction direction, Tier tier, const Block& block,
            Indices* indices)
      : m_frame(frame), m_ir(frame.ir), m_plan(plan), m_direction(direction), m_tier(tier),
        m_machine(machine_for(plan, tier)), m_block(block), m_indices(indices),
        m_loop(plan.loops.empty() ? Loop{} : plan.loops.back()) {}

  /// `first` is the index of the block's first step. Aligned stores are also non-temporal.
  void emit(Value* first, bool aligned);

 private:
  void emit_all();
  void emit_one(Value* step);
  Value* base(bool source, std::int64_t row);
  Value* step_base(std::int64_t step);
  Value* target(Place place);
  void store(Value* value, Place place);
  void prefetch_targets();
  void copy(const Move& move);
  void convert(const Batch& batch, Reader& in, Reader& old, Transformer* transformer);
  Value* old_bits(const Batch& batch, Reader& old);
  void store_masked(Value* value, const Batch& batch);
  void store_pieces(Value* value, const Batch& batch);
  [[nodiscard]] llvm::Constant* mask_of(const Batch& batch, std::int64_t unit) const;
  [[nodiscard]] bool refresh() const { return m_direction == Direction::refresh; }
  [[nodiscard]] Part in_part() const { return refresh() ? Part::storage : Part::format; }
  [[nodiscard]] Part out_part() const { return refresh() ? Part::format : Part::storage; }
  /// Whether the items are moved as they are, several of the plan's at once perhaps.
  [[nodiscard]] bool copies_items() const { return copies(m_plan, m_direction); }
  [[nodiscard]] bool is_difference() const { return m_plan.storage.decode == Decode::difference; }
  /// The numbers right behind.
  [[nodiscard]] Slots behind(Slots slots) const {
    for (auto& slot : slots)
      if (slot)
        slot->offset += m_block.in_size;
    return slots;
  }

  Frame& m_frame;
  llvm::IRBuilder<>& m_ir;
  const Plan& m_plan;
  Direction m_direction;
  Tier m_tier;
  Machine m_machine;
  const Block& m_block;
  Indices* m_indices;
  Loop m_loop;
  Value* m_first = nullptr;
  bool m_aligned = false;
  std::vector<Value*> m_source_rows;
  std::vector<Value*> m_steps;
  Value* m_cache_row = nullptr;
};

/// Where the source of a step begins.
Value* BlockBody::step_base(std::int64_t step) {
  if (m_loop.kind == LoopKind::strided && step > 0)
    return m_frame.address(step_base(0), nullptr, 0, step * m_loop.source_stride);
  const auto at = static_cast<std::size_t>(step);
  if (m_steps.size() <= at)
    m_steps.resize(at + 1);
  if (!m_steps[at]) {
    Value* index = step == 0 ? m_first : m_ir.CreateAdd(m_first, m_ir.getInt64(at));
    m_steps[at] = m_frame.source_step(m_loop, index);
  }
  return m_steps[at];
}

/// Address of a row: of each step where there is a table, of each element that an index leads to,
/// else of the block.
Value* BlockBody::base(bool source, std::int64_t row) {
  const auto here = m_frame.at(Part::loop);
  if (!source) {
    if (!m_cache_row)
      m_cache_row = m_frame.address(m_frame.cache, m_first, m_loop.cache_stride);
    return m_cache_row;
  }
  const auto index = static_cast<std::size_t>(row);
  if (m_source_rows.size() <= index)
    m_source_rows.resize(index + 1);
  if (!m_source_rows[index]) {
    const auto& indices = m_block.row_indices;
    const auto rows = indices.empty() ? 1 : static_cast<std::int64_t>(indices.size());
    Value* base = m_indices ? m_indices->element(row) : step_base(row / rows);
    if (!indices.empty() && !m_indices) {
      const std::int64_t offset = indices[static_cast<std::size_t>(row % rows)];
      base = m_frame.element(m_frame.address(base, nullptr, 0, offset), *m_plan.target_stride);
    }
    m_source_rows[index] = base;
  }
  return m_source_rows[index];
}

Value* BlockBody::target(Place place) {
  return m_frame.address(base(!refresh(), place.row), nullptr, 0, place.offset);
}

void BlockBody::store(Value* value, Place place) {
  const auto here = m_frame.at(out_part());
  const auto bytes = value->getType()->getPrimitiveSizeInBits().getFixedValue() / 8;
  auto* instruction = m_ir.CreateAlignedStore(
      value, target(place), llvm::Align(m_aligned ? std::min<std::uint64_t>(bytes, 64) : 1));
  if (!m_aligned)
    return;
  auto* one = llvm::ConstantAsMetadata::get(m_ir.getInt32(1));
  instruction->setMetadata(llvm::LLVMContext::MD_nontemporal,
                           llvm::MDNode::get(m_ir.getContext(), {one}));
}

void BlockBody::copy(const Move& move) {
  llvm::Type* type = m_ir.getIntNTy(move.bytes * 8);
  if (move.bytes > 8)
    type = llvm::FixedVectorType::get(m_ir.getInt64Ty(), move.bytes / 8);
  const auto here = m_frame.at(in_part());
  Value* from = m_frame.address(base(refresh(), move.at.in.row), nullptr, 0, move.at.in.offset);
  store(m_ir.CreateAlignedLoad(type, from, llvm::Align(1)), move.at.out);
}

/// Lane mask of a masked batch, or with a unit below the pitch the mask of the items' bytes.
llvm::Constant* BlockBody::mask_of(const Batch& batch, std::int64_t unit) const {
  llvm::SmallVector<llvm::Constant*, 64> mask;
  for (const auto& slot : batch.out)
    for (std::int64_t byte = 0; byte < batch.pitch; byte += unit)
      mask.push_back(m_ir.getInt1(slot.has_value() && byte < m_block.out_size));
  return llvm::ConstantVector::get(mask);
}

Value* BlockBody::old_bits(const Batch& batch, Reader& old) {
  if (!merges(m_plan, m_direction))
    return nullptr;
  const auto here = m_frame.at(out_part());
  if (batch.store != Batch::Store::masked || batch.out.size() == 1)
    return old.read(batch.out);
  const std::int64_t unit = std::min(batch.pitch, m_block.out_size);
  const auto lanes = static_cast<unsigned>(batch.out.size());
  auto vector_of = [&](std::int64_t bytes) {
    return llvm::FixedVectorType::get(m_ir.getIntNTy(static_cast<unsigned>(bytes * 8)),
                                      lanes * static_cast<unsigned>(batch.pitch / bytes));
  };
  Value* bytes = m_ir.CreateMaskedLoad(vector_of(unit), target(batch.start), llvm::Align(1),
                                       mask_of(batch, unit),
                                       llvm::Constant::getNullValue(vector_of(unit)), "old");
  return m_ir.CreateBitCast(bytes, vector_of(batch.pitch));
}

void BlockBody::store_masked(Value* value, const Batch& batch) {
  const auto here = m_frame.at(out_part());
  const auto lanes = static_cast<unsigned>(batch.out.size());
  const std::int64_t unit = m_block.out_size;
  if (unit < batch.pitch) { // each item at the low end of its slot
    value = m_ir.CreateZExtOrTrunc(value, llvm::FixedVectorType::get(m_ir.getInt32Ty(), lanes));
    value = m_ir.CreateBitCast(
        value, llvm::FixedVectorType::get(m_ir.getIntNTy(static_cast<unsigned>(unit * 8)),
                                          lanes * static_cast<unsigned>(batch.pitch / unit)));
  }
  m_ir.CreateMaskedStore(value, target(batch.start), llvm::Align(1), mask_of(batch, unit));
}

/// Runs of lanes in powers of two, at most 16 bytes each: what lies apart is extracted.
void BlockBody::store_pieces(Value* value, const Batch& batch) {
  const auto here = m_frame.at(Part::lanes);
  const std::int64_t size = m_block.out_size;
  const auto& out = batch.out;
  for (std::size_t first = 0; first < out.size();) {
    std::size_t end = first + 1;
    while (end < out.size() && out[end - 1]->row == out[end]->row &&
           out[end - 1]->offset + size == out[end]->offset)
      ++end;
    while (first < end) {
      const std::size_t lanes = std::min<std::size_t>(
          std::bit_floor(end - first), static_cast<std::size_t>(m_machine.width / size));
      if (lanes == 1 && out.size() == 1) {
        store(value, *out[first]);
      } else if (lanes == 1) {
        store(m_ir.CreateExtractElement(value, first), *out[first]);
      } else {
        llvm::SmallVector<int, 16> mask;
        for (std::size_t i = 0; i < lanes; ++i)
          mask.push_back(static_cast<int>(first + i));
        store(m_ir.CreateShuffleVector(value, mask), *out[first]);
      }
      first += lanes;
    }
  }
}

void BlockBody::convert(const Batch& batch, Reader& in, Reader& old, Transformer* transformer) {
  Value* raw = transformer ? nullptr : in.read(batch.in);
  Value* result = raw;
  if (transformer) {
    result = transformer->result(batch, in);
  } else if (!copies_items()) {
    std::vector<bool> filled;
    for (const auto& slot : batch.in)
      filled.push_back(slot.has_value());
    Values values(m_frame, m_plan, m_tier, own_of(m_frame, m_plan, batch.lanes, filled));
    Value* next = is_difference() ? in.read(behind(batch.in)) : nullptr;
    result = refresh() ? values.to_cache(raw, next) : values.to_source(raw, old_bits(batch, old));
  }
  if (batch.store != Batch::Store::masked || batch.pitch == m_block.out_size)
    result = m_ir.CreateTrunc(
        result, result->getType()->getWithNewBitWidth(static_cast<unsigned>(m_block.out_size * 8)));
  if (batch.store == Batch::Store::whole)
    store(result, batch.start);
  else if (batch.store == Batch::Store::masked)
    store_masked(result, batch);
  else
    store_pieces(result, batch);
}

/// Stores that leave gaps must read their cache lines first, which no store buffer hides.
void BlockBody::prefetch_targets() {
  constexpr std::size_t most = 32; // code size
  if (m_block.out_rows) {
    if (m_loop.kind != LoopKind::pointers || m_plan.target_stride)
      return; // mostly neighbours
    // Rows may lie anywhere; only the table knows, up to its end.
    constexpr std::uint64_t steps_ahead = 64;
    Value* last =
        m_ir.CreateSub(m_frame.count, m_ir.getInt64(static_cast<std::uint64_t>(m_block.steps)));
    Value* later = m_ir.CreateAdd(m_first, m_ir.getInt64(steps_ahead));
    later = m_ir.CreateBinaryIntrinsic(llvm::Intrinsic::smin, later, last);
    for (std::int64_t row = 0; row < m_block.steps; ++row) {
      Value* step = m_ir.CreateAdd(later, m_ir.getInt64(static_cast<std::uint64_t>(row)));
      m_frame.prefetch(
          m_frame.address(m_frame.source_step(m_loop, step), nullptr, 0, m_block.out.lo));
    }
    return;
  }
  std::set<std::int64_t> places;
  for (const Item& item : m_block.items)
    places.insert(item.out.offset);
  const std::int64_t stride = refresh() ? m_loop.cache_stride : m_loop.source_stride;
  const auto asked = asked_places(places, stride);
  if (asked.size() > most)
    return;
  for (const std::int64_t place : asked)
    m_frame.prefetch(target({0, place + ahead_along(stride)}));
}

void BlockBody::emit(Value* first, bool aligned) {
  m_first = first;
  m_aligned = aligned;
  m_source_rows.clear();
  m_steps.clear();
  m_cache_row = nullptr;
  if (!m_indices) {
    emit_all();
    return;
  }
  m_indices->choose([this](std::int64_t step) { return step_base(step); }, [this] { emit_all(); },
                    [this](Value* step) { emit_one(step); });
}

/// A step of the block, number by number.
void BlockBody::emit_one(Value* step) {
  emit_step(m_frame, m_plan, m_direction, m_tier, m_ir.CreateAdd(m_first, step));
}

/// The whole block; of a gather, all of whose indices are good.
void BlockBody::emit_all() {
  if (!m_block.packed_out && !m_plan.loops.empty())
    prefetch_targets();
  Reader in(m_frame, m_machine, m_block.in, m_block.in_size, m_block.in_rows, in_part(),
            [this](std::int64_t row) { return base(refresh(), row); });
  Reader old(m_frame, m_machine, m_block.out, m_block.out_size, m_block.out_rows, out_part(),
             [this](std::int64_t row) { return base(!refresh(), row); });
  std::vector<const Slots*> reads;
  std::vector<const Slots*> merged;
  for (const Batch& batch : m_block.batches) {
    reads.push_back(&batch.in);
    if (merges(m_plan, m_direction) && batch.store != Batch::Store::masked)
      merged.push_back(&batch.out);
  }
  std::optional<Transformer> transformer;
  if (m_plan.transform)
    reads = transformer.emplace(m_frame, m_plan, m_direction, m_tier, m_block).reads();
  std::vector<Slots> nexts;
  if (is_difference())
    for (const Batch& batch : m_block.batches)
      nexts.push_back(behind(batch.in));
  for (const Slots& next : nexts)
    reads.push_back(&next);
  const double cost = in.prepare(reads);
  if (copies_items()) {
    const auto direct = moves_of(m_block, m_machine);
    const bool scattered =
        std::any_of(m_block.batches.begin(), m_block.batches.end(),
                    [](const Batch& b) { return b.store == Batch::Store::pieces; });
    // Through an index each row has an address of its own anyway.
    const std::size_t most = m_indices ? 72 : 32;
    if (scattered ||
        (!m_aligned && (direct.size() <= most && 2 * static_cast<double>(direct.size()) <= cost))) {
      for (const Move& move : direct)
        copy(move);
      m_frame.note_bad_places();
      return;
    }
  }
  old.prepare(merged);
  std::optional<NanWatch> nans;
  if (transformer)
    nans.emplace(m_frame);
  for (const Batch& batch : m_block.batches)
    convert(batch, in, old, transformer ? &*transformer : nullptr);
  m_frame.note_bad_places();
  if (nans)
    nans->end([this] {
      m_frame.loop(m_ir.getInt64(static_cast<std::uint64_t>(m_block.steps)), 1, "nan.step",
                   [this](Value* step) { emit_one(step); });
    });
}

} // namespace

std::int64_t emit_vectors(Frame& frame, const Plan& plan, Direction direction, Tier tier,
                          bool streaming) {
  auto block = lay_out(plan, direction, machine_for(plan, tier), streaming);
  if (!block)
    return 0;
  const auto looping = frame.at(Part::loop);
  std::optional<Indices> indices;
  if (Indices::pay(plan, direction, *block))
    indices.emplace(frame, plan, direction, *block);
  BlockBody body(frame, plan, direction, tier, *block, indices ? &*indices : nullptr);
  auto& ir = frame.ir;
  auto* zero = ir.getInt64(0);
  if (plan.loops.empty()) {
    body.emit(zero, false);
    return 1;
  }
  Value* pace = ir.getInt64(static_cast<std::uint64_t>(block->steps));
  Value* lead = pace;
  const auto& loop = plan.loops.back();
  if (streaming && fills_lines(plan, *block))
    lead = pace =
        emit_stream(frame, *block, direction, loop, [&](Value* first) { body.emit(first, true); });
  else if (fills_lines(plan, *block))
    lead = lead_to_first_line(frame, *block, direction, loop);
  frame.overlapped_loop(block->steps, lead, pace, "block",
                        [&](Value* first) { body.emit(first, false); });
  return block->steps;
}

} // namespace rnaslicer::jit::emission
