// jit/emit/function.hpp: the frame of a kernel: its arguments, its loop, addresses of its steps.
#pragma once

#include "jit/emit/source_lines.hpp"
#include "jit/emit/tiers.hpp"
#include "jit/side.hpp"

#include <algorithm>
#include <functional>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rnaslicer::jit::emission {

constexpr std::int64_t cache_line = 64;

/// Bytes by which kernels ask for cache lines before they write into them: half of it is as good, a
/// quarter is late. Where lines are left out, whole steps, that those between are not asked for.
constexpr std::int64_t ahead_along(std::int64_t stride) {
  constexpr std::int64_t bytes = 4096;
  constexpr std::int64_t steps = 32; // as much where they are long
  const std::int64_t size = stride < 0 ? -stride : stride;
  if (size <= cache_line)
    return stride < 0 ? -bytes : bytes;
  return stride * std::max(steps, bytes / size);
}

/// Which of these places to ask for, so that each cache line with one of them is asked for once.
/// Steps are `stride` apart: up to a cache line, no line is left out.
std::set<std::int64_t> asked_places(const std::set<std::int64_t>& places, std::int64_t stride);

/// A KernelFunction under construction.
struct Frame {
  /// `folder` is where the plan's text can be read as a file.
  Frame(const std::string& symbol, Tier tier, llvm::Module& module, const Plan& plan,
        const std::string& folder);

  /// While the result lives, what is emitted is for that line of the plan.
  [[nodiscard]] AtLine at(Part part) { return {ir, lines.of(part)}; }
  [[nodiscard]] AtLine at_lane(std::size_t lane) { return {ir, lines.of_lane(lane)}; }

  /// `for (i = 0; i < count; i += steps) body(i)`; ends in a new block that is still open.
  void loop(llvm::Value* count, std::int64_t steps, const std::string& name,
            const std::function<void(llvm::Value*)>& body);

  /// Blocks of `steps` steps: one at 0, one at `lead`, then each `pace` behind the other, the last
  /// one moved back to end with `count`, which is at least `steps`.
  void overlapped_loop(std::int64_t steps, llvm::Value* lead, llvm::Value* pace,
                       const std::string& name, const std::function<void(llvm::Value*)>& body);

  /// base + index * stride + offset bytes.
  llvm::Value* address(llvm::Value* base, llvm::Value* index, std::int64_t stride,
                       std::int64_t offset = 0);

  /// Asks for the cache line of a place that will be written. Beyond all memory it does nothing.
  void prefetch(llvm::Value* place);

  /// Entry `index` of the loop's table.
  llvm::Value* table_entry(llvm::Value* index);

  /// Loads what this plan needs of the side data; at the entry.
  void load_side(const Plan& plan, Direction direction);

  /// Where the element begins that the i32 at `place` counts to; element 0 if it is bad, which
  /// note_bad_places() remembers for all since the last time.
  llvm::Value* element(llvm::Value* place, std::int64_t stride);
  void note_bad_places();

  /// A number of the transform's matrix, in so many lanes; a plain double for one. Made once, at
  /// the entry.
  llvm::Value* coefficient(int row, unsigned column, unsigned lanes);

  /// Remembers whether any of these i1 is set; report_bad() tells the caller at the end.
  void note_bad(llvm::Value* bad);
  void report_bad();

  /// Where step `index` begins on the source side.
  llvm::Value* source_step(const Loop& loop, llvm::Value* index);

  llvm::Module& module;
  llvm::Function* function;
  SourceLines lines;
  llvm::Value *source, *cache, *count, *table, *table_step, *side;
  llvm::Value* lookups = nullptr;               ///< the tables of decode or encode
  llvm::Value* target = nullptr;                ///< of plans that go through an index
  llvm::Value* target_count = nullptr;          ///< i32, to be compared unsigned
  llvm::Value* bad = nullptr;                   ///< i32 on the stack
  std::vector<llvm::Value*> bad_places;         ///< i1, not noted yet
  llvm::Value* matrix = nullptr;                ///< of a transform: three rows of four doubles
  std::vector<llvm::Value*>* watched = nullptr; ///< numbers of which NanWatch asks (nans.hpp)
  llvm::IRBuilder<> ir;

 private:
  llvm::Instruction* m_entry_end = nullptr; ///< behind it, what is made once is made
  std::map<std::array<unsigned, 2>, llvm::Value*> m_coefficients;
};

/// Step `index`, lane after lane in C order.
void emit_step(Frame& frame, const Plan& plan, Direction direction, Tier tier, llvm::Value* index);

/// One step per iteration, lane after lane in C order: right for every plan, fast for none.
void emit_scalar(Frame& frame, const Plan& plan, Direction direction, Tier tier);

/// Blocks of several steps in vectors. Returns the steps of a block, or 0, and then has emitted
/// nothing, where the order of the stores matters or the block would be too large.
std::int64_t emit_vectors(Frame& frame, const Plan& plan, Direction direction, Tier tier,
                          bool streaming);

} // namespace rnaslicer::jit::emission
