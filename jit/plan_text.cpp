// jit/plan_text.cpp: access plans as text: one statement a line, printed canonically, parsed
// strictly (jit/plan_parse.cpp).
//
//   plan 1
//   storage i32 flag 0x4 inverted        (also: field 0x30, unorm, lookup, difference)
//   through stride 12                    (optional: it lies in an array that an index leads into)
//   value b1
//   transform point step 4               (optional; also: direction, normal)
//   clamp 0 1                            (optional)
//   format f64                           (integers of 8 to 32 bits may be normalized)
//   loop strided source 72 cache 24      (outermost first; also: indexed, pointers)
//   lanes 3x1                            (the lane shape; nothing after `lanes` is a single lane)
//   lane 0 -> 0                          (source offset -> cache offset, one line a lane; then,
//                                         where it is the lane's own: mask 0x2, lookup 1, at 8, row
//                                         2)
//
// `#` starts a comment, blank lines count for nothing.
#include "jit/plan.hpp"

#include <array>
#include <charconv>
#include <type_traits>

namespace rnaslicer::jit {

namespace {

template <typename Number> std::string number_text(Number number, int base = 10) {
  std::array<char, 32> digits{};
  const auto end = [&] {
    if constexpr (std::is_floating_point_v<Number>)
      return std::to_chars(digits.data(), digits.data() + digits.size(), number);
    else
      return std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  }();
  return {digits.data(), end.ptr};
}

constexpr std::string_view loop_name(LoopKind kind) {
  switch (kind) {
  case LoopKind::strided:
    return "strided";
  case LoopKind::indexed:
    return "indexed";
  case LoopKind::pointers:
    return "pointers";
  }
  return "?";
}

constexpr std::string_view transform_name(Transform kind) {
  switch (kind) {
  case Transform::point:
    return "point";
  case Transform::direction:
    return "direction";
  case Transform::normal:
    return "normal";
  }
  return "?";
}

std::string storage_text(const Storage& storage) {
  std::string text(info(storage.type).name);
  switch (storage.decode) {
  case Decode::plain:
    break;
  case Decode::flag:
    text += " flag 0x" + number_text(storage.mask, 16);
    break;
  case Decode::field:
    text += " field 0x" + number_text(storage.mask, 16);
    break;
  case Decode::unorm:
    text += " unorm";
    break;
  case Decode::lookup:
    text += " lookup";
    break;
  case Decode::difference:
    text += " difference";
    break;
  }
  if (storage.inverted)
    text += " inverted";
  return text;
}

std::string lane_text(const Lane& lane) {
  std::string text = "lane " + number_text(lane.source) + " -> " + number_text(lane.cache);
  if (lane.mask != 0)
    text += " mask 0x" + number_text(lane.mask, 16);
  if (lane.lookup != 0)
    text += " lookup " + number_text(lane.lookup);
  if (lane.at != 0)
    text += " at " + number_text(lane.at);
  if (lane.row != 0)
    text += " row " + number_text(lane.row);
  return text;
}

} // namespace

std::string print(const Plan& plan) {
  std::string text = "plan 1\nstorage " + storage_text(plan.storage);
  if (plan.target_stride)
    text += "\nthrough stride " + number_text(*plan.target_stride);
  text.append("\nvalue ").append(info(plan.value).name);
  if (plan.transform)
    text.append("\ntransform ").append(transform_name(*plan.transform)) +=
        " step " + number_text(plan.component_step);
  if (plan.clamp)
    text += "\nclamp " + number_text(plan.clamp->lo) + " " + number_text(plan.clamp->hi);
  text.append("\nformat ").append(info(plan.format).name);
  text += plan.normalized ? " normalized\n" : "\n";
  for (const Loop& loop : plan.loops)
    text.append("loop ").append(loop_name(loop.kind)) +=
        " source " + number_text(loop.source_stride) + " cache " + number_text(loop.cache_stride) +
        "\n";
  text += "lanes";
  for (std::size_t i = 0; i < plan.lane_shape.size(); ++i)
    text += (i == 0 ? " " : "x") + number_text(plan.lane_shape[i]);
  text += "\n";
  for (const Lane& lane : plan.lanes)
    text += lane_text(lane) + "\n";
  return text;
}

} // namespace rnaslicer::jit
