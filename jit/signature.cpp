// jit/signature.cpp: the layout signature: a hash of what is compiled in.
#include "jit/plan.hpp"

#include <llvm/Support/xxhash.h>

namespace rnaslicer::jit {

namespace {
/// Part of every hash: raise it when the plan's text stays the same but means something else.
constexpr std::string_view semantics_version = "rnaslicer plan semantics 1\n";
} // namespace

std::string Signature::hex() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < text.size(); ++i)
    text[text.size() - 1 - i] = digits[(hash >> (4 * i)) & 0xfU];
  return text;
}

Plan compiled_part(const Plan& plan) {
  Plan part = plan;
  if (part.loops.size() > 1)
    part.loops.erase(part.loops.begin(), part.loops.end() - 1);
  // The lanes' C order is all that code sees of their shape.
  part.lane_shape.clear();
  if (part.lanes.size() != 1)
    part.lane_shape.push_back(static_cast<std::int64_t>(part.lanes.size()));
  return part;
}

Signature signature(const Plan& plan) {
  std::string text(semantics_version);
  text += print(compiled_part(plan));
  return {llvm::xxh3_64bits(text)};
}

} // namespace rnaslicer::jit
