// jit/run.cpp: the loops of the interpreter, one instance for each pair of types.
#include "jit/run.hpp"

#include "jit/convert.hpp"
#include "jit/run_each.hpp"

#include <cstring>

namespace rnaslicer::jit {

namespace {

template <Scalar s> using Tag = std::integral_constant<Scalar, s>;

/// Calls `f` with the scalar as a compile-time constant.
template <typename F> RunFunction with_scalar(Scalar s, F f) {
  // clang-format off
  switch (s) {
  case Scalar::b1: return f(Tag<Scalar::b1>{});
  case Scalar::i8: return f(Tag<Scalar::i8>{});
  case Scalar::u8: return f(Tag<Scalar::u8>{});
  case Scalar::i16: return f(Tag<Scalar::i16>{});
  case Scalar::u16: return f(Tag<Scalar::u16>{});
  case Scalar::i32: return f(Tag<Scalar::i32>{});
  case Scalar::u32: return f(Tag<Scalar::u32>{});
  case Scalar::i64: return f(Tag<Scalar::i64>{});
  case Scalar::u64: return f(Tag<Scalar::u64>{});
  case Scalar::f16: return f(Tag<Scalar::f16>{});
  case Scalar::f32: return f(Tag<Scalar::f32>{});
  case Scalar::f64: return f(Tag<Scalar::f64>{});
  }
  // clang-format on
  return nullptr;
}

/// The same for the three value types.
template <typename F> RunFunction with_value(Scalar value, F f) {
  if (value == Scalar::b1)
    return f(Tag<Scalar::b1>{});
  if (value == Scalar::i32)
    return f(Tag<Scalar::i32>{});
  return f(Tag<Scalar::f32>{});
}

template <Scalar to, Scalar from>
void convert_run(const std::byte* in, std::byte* out, std::size_t count,
                 const RunContext& /*context*/) {
  each<Native<from>, Native<to>>(in, out, count, [](auto x) { return convert<to, from>(x); });
}

RunFunction converter(Scalar to, Scalar from) {
  if (to == from && to != Scalar::b1)
    return nullptr;
  const bool to_format = from == Scalar::b1 || from == Scalar::i32 || from == Scalar::f32;
  if (to_format)
    return with_value(from, [&](auto value) {
      return with_scalar(to, [](auto format) -> RunFunction {
        return convert_run<decltype(format)::value, decltype(value)::value>;
      });
    });
  return with_value(to, [&](auto value) {
    return with_scalar(from, [](auto format) -> RunFunction {
      return convert_run<decltype(value)::value, decltype(format)::value>;
    });
  });
}

template <Scalar value>
void clamp_run(const std::byte* in, std::byte* out, std::size_t count, const RunContext& context) {
  const auto lo = clamp_bound<value>(context.plan.clamp->lo);
  const auto hi = clamp_bound<value>(context.plan.clamp->hi);
  each<Native<value>, Native<value>>(in, out, count,
                                     [=](auto x) { return clamp_value(x, lo, hi); });
}

template <Scalar value, Scalar storage>
void decode_plain_run(const std::byte* in, std::byte* out, std::size_t count,
                      const RunContext& context) {
  const bool inverted = context.plan.storage.inverted;
  each<Native<storage>, Native<value>>(
      in, out, count, [=](auto x) { return decode_plain<value, storage>(x, inverted); });
}

template <Scalar value, Scalar storage>
void encode_plain_run(const std::byte* in, std::byte* out, std::size_t count,
                      const RunContext& context) {
  const bool inverted = context.plan.storage.inverted;
  each<Native<value>, Native<storage>>(
      in, out, count, [=](auto x) { return encode_plain<storage, value>(x, inverted); });
}

template <typename Bits>
void decode_flag_run(const std::byte* in, std::byte* out, std::size_t count,
                     const RunContext& context) {
  const bool inverted = context.plan.storage.inverted;
  const auto mask = static_cast<Bits>(mask_of(context.plan.storage, context.lane));
  each<Bits, std::uint8_t>(in, out, count,
                           [=](Bits x) { return decode_flag<Bits>(x, mask, inverted); });
}

template <typename Bits>
void encode_flag_run(const std::byte* in, std::byte* out, std::size_t count,
                     const RunContext& context) {
  const bool inverted = context.plan.storage.inverted;
  const auto mask = static_cast<Bits>(mask_of(context.plan.storage, context.lane));
  each<std::uint8_t, Bits>(in, out, count,
                           [=](std::uint8_t x) { return encode_flag<Bits>(x, mask, inverted); });
}

template <typename Bits>
void decode_field_run(const std::byte* in, std::byte* out, std::size_t count,
                      const RunContext& context) {
  const auto mask = static_cast<Bits>(mask_of(context.plan.storage, context.lane));
  each<Bits, std::int32_t>(in, out, count, [=](Bits x) { return decode_field<Bits>(x, mask); });
}

template <typename Bits>
void encode_field_run(const std::byte* in, std::byte* out, std::size_t count,
                      const RunContext& context) {
  const auto mask = static_cast<Bits>(mask_of(context.plan.storage, context.lane));
  each<std::int32_t, Bits>(in, out, count,
                           [=](std::int32_t x) { return encode_field<Bits>(x, mask); });
}

template <typename Bits>
void decode_unorm_run(const std::byte* in, std::byte* out, std::size_t count,
                      const RunContext& /*context*/) {
  each<Bits, float>(in, out, count, [](Bits x) { return decode_unorm<Bits>(x); });
}

template <typename Bits>
void encode_unorm_run(const std::byte* in, std::byte* out, std::size_t count,
                      const RunContext& /*context*/) {
  each<float, Bits>(in, out, count, [](float x) { return encode_unorm<Bits>(x); });
}

void decode_lookup_run(const std::byte* in, std::byte* out, std::size_t count,
                       const RunContext& context) {
  const Lookup& lookup = *context.transfer.lookups[static_cast<std::size_t>(context.lane.lookup)];
  each<std::uint8_t, float>(in, out, count, [&](std::uint8_t x) { return lookup.decode()[x]; });
}

void encode_lookup_run(const std::byte* in, std::byte* out, std::size_t count,
                       const RunContext& context) {
  const Lookup& lookup = *context.transfer.lookups[static_cast<std::size_t>(context.lane.lookup)];
  each<float, std::uint8_t>(in, out, count, [&](float x) { return lookup.encode(x); });
}

/// One of four functions, by the storage's size.
RunFunction by_size(Scalar s, RunFunction one, RunFunction two, RunFunction four,
                    RunFunction eight) {
  const std::int64_t size = size_of(s);
  return size == 1 ? one : size == 2 ? two : size == 4 ? four : eight;
}

using std::uint16_t;
using std::uint32_t;
using std::uint64_t;
using std::uint8_t;

RunFunction plain_decoder(const Plan& plan, Scalar type) {
  if (type == plan.value && type != Scalar::b1)
    return nullptr;
  return with_value(plan.value, [&](auto value) {
    return with_scalar(type, [](auto storage) -> RunFunction {
      return decode_plain_run<decltype(value)::value, decltype(storage)::value>;
    });
  });
}

RunFunction decoder(const Plan& plan) {
  const Scalar type = plan.storage.type;
  switch (plan.storage.decode) {
  case Decode::plain:
    return plain_decoder(plan, type);
  case Decode::flag:
    return by_size(type, decode_flag_run<uint8_t>, decode_flag_run<uint16_t>,
                   decode_flag_run<uint32_t>, decode_flag_run<uint64_t>);
  case Decode::field:
    return by_size(type, decode_field_run<uint8_t>, decode_field_run<uint16_t>,
                   decode_field_run<uint32_t>, decode_field_run<uint64_t>);
  case Decode::unorm:
    return type == Scalar::u8 ? decode_unorm_run<uint8_t> : decode_unorm_run<uint16_t>;
  case Decode::lookup:
    return decode_lookup_run;
  case Decode::difference: // subtract() has made it the value
    return nullptr;
  }
  return nullptr;
}

RunFunction encoder(const Plan& plan) {
  const Scalar type = plan.storage.type;
  switch (plan.storage.decode) {
  case Decode::plain:
    if (type == plan.value && !plan.storage.inverted)
      return nullptr;
    return with_value(plan.value, [&](auto value) {
      return with_scalar(type, [](auto storage) -> RunFunction {
        return encode_plain_run<decltype(value)::value, decltype(storage)::value>;
      });
    });
  case Decode::flag:
    return by_size(type, encode_flag_run<uint8_t>, encode_flag_run<uint16_t>,
                   encode_flag_run<uint32_t>, encode_flag_run<uint64_t>);
  case Decode::field:
    return by_size(type, encode_field_run<uint8_t>, encode_field_run<uint16_t>,
                   encode_field_run<uint32_t>, encode_field_run<uint64_t>);
  case Decode::unorm:
    return type == Scalar::u8 ? encode_unorm_run<uint8_t> : encode_unorm_run<uint16_t>;
  case Decode::lookup:
    return encode_lookup_run;
  case Decode::difference: // refused
    return nullptr;
  }
  return nullptr;
}

RunFunction clamper(const Plan& plan) {
  if (!plan.clamp || plan.value == Scalar::b1)
    return nullptr;
  return plan.value == Scalar::i32 ? clamp_run<Scalar::i32> : clamp_run<Scalar::f32>;
}

template <typename Bits>
void gather_items(const RunAddress& from, std::byte* out, std::size_t count) {
  if (from.addresses != nullptr) {
    for (std::size_t i = 0; i < count; ++i)
      put(out + i * sizeof(Bits), load<Bits>(from.addresses[i] + from.offset));
  } else if (from.stride == sizeof(Bits)) {
    std::memcpy(out, from.base + from.offset, count * sizeof(Bits));
  } else {
    const std::byte* base = from.base + from.offset;
    for (std::size_t i = 0; i < count; ++i)
      put(out + i * sizeof(Bits), load<Bits>(base + static_cast<std::int64_t>(i) * from.stride));
  }
}

template <typename Bits>
void scatter_items(const std::byte* in, const RunAddress& to, std::size_t count) {
  if (to.addresses != nullptr) {
    for (std::size_t i = 0; i < count; ++i)
      put(to.addresses[i] + to.offset, load<Bits>(in + i * sizeof(Bits)));
  } else if (to.stride == sizeof(Bits)) {
    std::memcpy(to.base + to.offset, in, count * sizeof(Bits));
  } else {
    std::byte* base = to.base + to.offset;
    for (std::size_t i = 0; i < count; ++i)
      put(base + static_cast<std::int64_t>(i) * to.stride, load<Bits>(in + i * sizeof(Bits)));
  }
}

/// Where step i of the run begins.
std::byte* step_address(const RunAddress& at, std::size_t i) {
  std::byte* step = at.addresses != nullptr ? at.addresses[i]
                                            : at.base + static_cast<std::int64_t>(i) * at.stride;
  return step + at.offset;
}

template <typename Bits, bool masked>
void scatter_lane_items(const std::byte* in, std::size_t pitch, std::span<const Lane> lanes,
                        const RunAddress& to, std::size_t count, const Storage& storage) {
  for (std::size_t i = 0; i < count; ++i) {
    std::byte* step = step_address(to, i);
    const std::byte* item = in + i * sizeof(Bits);
    for (const Lane& lane : lanes) {
      Bits bits = load<Bits>(item);
      if constexpr (masked)
        bits = merge_bits(load<Bits>(step + lane.source), bits,
                          static_cast<Bits>(mask_of(storage, lane)));
      put(step + lane.source, bits);
      item += pitch;
    }
  }
}

template <typename Bits>
void scatter_lanes_sized(const std::byte* in, std::size_t pitch, std::span<const Lane> lanes,
                         const RunAddress& to, std::size_t count, const Storage& storage) {
  if (storage.mask != 0)
    scatter_lane_items<Bits, true>(in, pitch, lanes, to, count, storage);
  else
    scatter_lane_items<Bits, false>(in, pitch, lanes, to, count, storage);
}

/// Calls `f` with an unsigned number of that size.
template <typename F> void with_bits(std::int64_t size, F f) {
  switch (size) {
  case 1:
    return f(uint8_t{});
  case 2:
    return f(uint16_t{});
  case 4:
    return f(uint32_t{});
  default:
    return f(uint64_t{});
  }
}

} // namespace

RunFunctions run_functions(const Plan& plan, Direction direction) {
  if (same_fractions(plan))
    return {};
  if (plan.transform) // what an update does to the values that it gave
    return {{nullptr, clamper(plan), encoder(plan)}};
  if (direction == Direction::refresh)
    return {{decoder(plan),
             plan.normalized ? normalizer(plan.format, true) : converter(plan.format, plan.value),
             nullptr}};
  return {{plan.normalized ? normalizer(plan.format, false) : converter(plan.value, plan.format),
           clamper(plan), encoder(plan)}};
}

bool copies_bytes(const Plan& plan, Direction direction) {
  const Decode decode = plan.storage.decode;
  return decode != Decode::difference && !plan.target_stride && !plan.transform &&
         run_functions(plan, direction).steps == std::array<RunFunction, 3>{};
}

void gather(const RunAddress& from, std::int64_t size, std::byte* out, std::size_t count) {
  with_bits(size, [&](auto bits) { gather_items<decltype(bits)>(from, out, count); });
}

void scatter(const std::byte* in, const RunAddress& to, std::int64_t size, std::size_t count) {
  with_bits(size, [&](auto bits) { scatter_items<decltype(bits)>(in, to, count); });
}

void scatter_lanes(const std::byte* in, std::size_t pitch, std::span<const Lane> lanes,
                   const RunAddress& to, const Storage& storage, std::size_t count) {
  with_bits(size_of(storage.type), [&](auto bits) {
    scatter_lanes_sized<decltype(bits)>(in, pitch, lanes, to, count, storage);
  });
}

void scatter_through(const std::byte* in, std::size_t pitch, std::span<const Lane> lanes,
                     const RunAddress& indices, const Plan& plan, const IndexTarget& target,
                     std::size_t count) {
  with_bits(size_of(plan.storage.type), [&](auto zero) {
    using Bits = decltype(zero);
    for (std::size_t i = 0; i < count; ++i) {
      const std::byte* step = step_address(indices, i);
      const std::byte* item = in + i * sizeof(Bits);
      for (const Lane& lane : lanes) {
        const auto index = std::int64_t{load<std::int32_t>(step + lane.source)};
        std::byte* place =
            target.data + index * *plan.target_stride + lane.at + lane.row * plan.component_step;
        Bits bits = load<Bits>(item);
        if (plan.storage.mask != 0)
          bits =
              merge_bits(load<Bits>(place), bits, static_cast<Bits>(mask_of(plan.storage, lane)));
        put(place, bits);
        item += pitch;
      }
    }
  });
}

bool fetch(const std::byte* indices, std::byte* out, std::size_t count, const RunContext& context) {
  const std::int64_t stride = *context.plan.target_stride;
  const IndexTarget& target = context.transfer.target;
  const std::byte* base = target.data + context.lane.at;
  bool good = true;
  with_bits(size_of(context.plan.storage.type), [&](auto bits) {
    for (std::size_t i = 0; i < count; ++i) {
      auto index = std::int64_t{load<std::int32_t>(indices + i * sizeof(std::int32_t))};
      if (index < 0 || index >= target.count) {
        good = false;
        index = 0;
      }
      put(out + i * sizeof(bits), load<decltype(bits)>(base + index * stride));
    }
  });
  return good;
}

void subtract(std::byte* numbers, const std::byte* behind, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = i * sizeof(std::uint32_t);
    put(numbers + at, load<std::uint32_t>(behind + at) - load<std::uint32_t>(numbers + at));
  }
}

} // namespace rnaslicer::jit
