// jit/inspect.cpp: the listing of a function's machine code.
#include "jit/inspect.hpp"

#include "jit/inspect/decoder.hpp"
#include "jit/inspect/object.hpp"

#include <algorithm>
#include <llvm/Support/Format.h>
#include <llvm/Support/raw_ostream.h>

namespace rnaslicer::jit {

std::vector<Instruction> instructions(const std::string& object, const std::string& symbol,
                                      Tier tier) {
  const auto code = read_function(object, symbol);
  Decoder decoder(target(tier).cpu, target(tier).features);
  std::vector<Instruction> result;
  for (std::uint64_t at = 0; at < code.bytes.size();) {
    const auto decoded = decoder.decode(code.bytes, at);
    Instruction one;
    one.address = at;
    one.bytes.assign(reinterpret_cast<const char*>(code.bytes.data()) + at, decoded.size);
    if (decoded.valid) {
      one.text = decoder.print(decoded, at);
      if (!one.text.empty() && one.text.front() == '\t')
        one.text.erase(0, 1);
    } else {
      llvm::raw_string_ostream(one.text) << llvm::format(".byte\t0x%02x", unsigned{code.bytes[at]});
    }
    const auto end = code.notes.lower_bound(at + decoded.size);
    for (auto note = code.notes.lower_bound(at); note != end; ++note)
      one.note += (one.note.empty() ? "" : ", ") + note->second;
    one.line = code.line_at(at);
    one.target = decoder.target(decoded, at);
    at += decoded.size;
    result.push_back(std::move(one));
  }
  return result;
}

std::optional<CodeRange> main_loop(const std::vector<Instruction>& instructions) {
  std::vector<CodeRange> loops;
  for (const auto& one : instructions)
    if (one.target && *one.target <= one.address)
      loops.push_back({*one.target, one.address + one.bytes.size()});
  const auto is_innermost = [&](const CodeRange& loop) {
    return std::none_of(loops.begin(), loops.end(), [&](const CodeRange& other) {
      return other.begin >= loop.begin && other.end <= loop.end &&
             other.end - other.begin < loop.end - loop.begin;
    });
  };
  const auto streams = [&](const CodeRange& loop) {
    return std::any_of(instructions.begin(), instructions.end(), [&](const Instruction& one) {
      return one.address >= loop.begin && one.address < loop.end &&
             (one.text.starts_with("movnt") || one.text.starts_with("vmovnt"));
    });
  };
  std::optional<CodeRange> best;
  std::pair<bool, std::uint64_t> worth;
  for (const auto& loop : loops) {
    const std::pair<bool, std::uint64_t> own{streams(loop), loop.end - loop.begin};
    if (is_innermost(loop) && (!best || own > worth)) {
      best = loop;
      worth = own;
    }
  }
  return best;
}

std::string disassemble(const std::string& object, const std::string& symbol, Tier tier) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (const auto& one : instructions(object, symbol, tier)) {
    stream << llvm::format("%5llx:\t", static_cast<unsigned long long>(one.address)) << one.text;
    if (!one.note.empty())
      stream << "  # " << one.note;
    stream << '\n';
  }
  stream.flush();
  return text;
}

} // namespace rnaslicer::jit
