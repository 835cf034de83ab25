// jit/run_normalized.cpp: the loops of the interpreter for integers that stand for fractions.
#include "jit/convert.hpp"
#include "jit/run.hpp"
#include "jit/run_each.hpp"

namespace rnaslicer::jit {

namespace {

template <typename Int>
void normalize_run(const std::byte* in, std::byte* out, std::size_t count,
                   const RunContext& /*context*/) {
  each<float, Int>(in, out, count, [](float x) { return normalize<Int>(static_cast<double>(x)); });
}

template <typename Int>
void fraction_run(const std::byte* in, std::byte* out, std::size_t count,
                  const RunContext& /*context*/) {
  each<Int, float>(in, out, count, [](Int n) { return fraction_of<Int>(n); });
}

} // namespace

RunFunction normalizer(Scalar format, bool to_format) {
  const auto pick = [&](auto n) -> RunFunction {
    return to_format ? normalize_run<decltype(n)> : fraction_run<decltype(n)>;
  };
  switch (format) {
  case Scalar::i8:
    return pick(std::int8_t{});
  case Scalar::u8:
    return pick(std::uint8_t{});
  case Scalar::i16:
    return pick(std::int16_t{});
  case Scalar::u16:
    return pick(std::uint16_t{});
  case Scalar::i32:
    return pick(std::int32_t{});
  default:
    return pick(std::uint32_t{});
  }
}

} // namespace rnaslicer::jit
