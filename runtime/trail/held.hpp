// runtime/trail/held.hpp: arrays that bpy gave before for the struct that has them.
//
// Asking bpy where a collection's elements lie costs four calls, more than all the rest of a short
// transfer. The struct itself has the pointer. Where that leads to the array that bpy gave for this
// struct, with as many elements as bpy counts now, that is what bpy would give again. What is
// remembered is only compared: the address comes from the struct, each time.
#pragma once

#include "runtime/trail/follow.hpp"

#include <optional>
#include <span>

namespace rnaslicer::runtime {

/// What the struct of one collection says now.
class Held {
 public:
  Held(const Trail& trail, const Reached& reached);

  /// Where a leg's element 0 lies; nothing where bpy must be asked.
  [[nodiscard]] std::optional<Located> seen(const Leg& leg) const { return found(leg, false); }
  /// The same where its values were compared with bpy's, too.
  [[nodiscard]] std::optional<Located> compared(const Leg& leg) const { return found(leg, true); }
  /// Asks the processor for the elements whose values are going to be compared.
  void fetch_ahead(const Leg& leg) const;
  /// What bpy gave, by leg, and whether its values were compared.
  void note(std::span<const Located> places, bool compared) const;

 private:
  [[nodiscard]] std::optional<Located> found(const Leg& leg, bool compared) const;

  const Trail& trail_;
  Py_ssize_t length_;
  std::uint64_t owner_ = 0; ///< 0: the trail knows no pointer
  std::uint64_t base_ = 0;  ///< where that leads now
};

/// How often a struct's pointer told where an array lies, and how often bpy had to; for tests.
struct HeldCount {
  std::int64_t told = 0;
  std::int64_t asked = 0;
};
HeldCount held_count();

} // namespace rnaslicer::runtime
