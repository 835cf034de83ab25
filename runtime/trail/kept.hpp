// runtime/trail/kept.hpp: layers that bpy gave before, and that their mesh or drawing still has.
//
// To find a layer by its name, and to be told its domain and storage, takes bpy longer than all the
// rest of a small one. The struct that has it leads to all of its layers. Where one of them still
// is what bpy gave for this struct, byte by byte, that is what bpy would give again. What is
// remembered is only compared: addresses come from the struct, each time.
#pragma once

#include "runtime/trail/layers.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rnaslicer::runtime {

/// How what has a trail's layers leads to them; null where nothing tells.
inline const LayerTables* tables_of(const Trail& trail) {
  return trail.keeps ? &*trail.keeps : nullptr;
}

/// One leg's layer in one segment, as it was when bpy gave it.
class KeptLayer {
 public:
  /// The layer's array, for reading; nothing where bpy must be asked.
  [[nodiscard]] std::optional<Located> told(const LayerTables* how, PyObject* holder,
                                            Py_ssize_t length) const;
  /// The same of the struct that lies there; it is one of the class that has such layers.
  [[nodiscard]] std::optional<Located> told_at(const LayerTables& how, std::uint64_t holder,
                                               Py_ssize_t length) const;
  /// Asks the processor for all that will be compared.
  void fetch_ahead(const LayerTables& how) const;
  /// Whether it is this attribute: an index may lead to another of the struct's now.
  [[nodiscard]] bool is_of(PyObject* attribute) const;
  /// That bpy gave this attribute, whose array lies there; forgets it where another answer would
  /// not be noticed.
  void note(const LayerTables* how, const Leg& leg, PyObject* holder, PyObject* attribute,
            const Located& located, Py_ssize_t length);
  /// The same of an array that is no attribute: bpy gave it for the collection's own elements.
  void note_own(const Trail& trail, PyObject* holder, const Located& located, Py_ssize_t length);

  [[nodiscard]] Py_ssize_t length() const { return length_; }
  /// Whether its values were compared with bpy's, too; of attributes nothing asks for that.
  [[nodiscard]] bool compared() const { return compared_ || !is_own_; }
  void note_compared() { compared_ = true; }

 private:
  bool seek_array(const LayerTables& how, std::uint64_t base);
  [[nodiscard]] bool is_only_of_type(const LayerTables& how) const;
  bool seek(const LayerTables& how, std::uint64_t layer);
  [[nodiscard]] bool has_name(const LayerTables& how, std::string_view name) const;
  [[nodiscard]] const std::byte* layer_now(const LayerTables& how) const;
  [[nodiscard]] bool is_only_one(const LayerTables& how) const;

  std::uint64_t holder_ = 0; // 0: nothing is remembered
  std::uint64_t layer_ = 0;
  std::size_t table_ = 0; // of the struct's tables
  std::int64_t at_ = 0;   // in that table
  std::uint64_t base_ = 0;
  Py_ssize_t length_ = 0;
  bool is_own_ = false;
  bool compared_ = false;
  std::string sizes_, list_, bytes_; // of the struct, of what lists the layers, of the layer
};

/// A datablock that pointed to the one that has a leg's layer, when bpy gave that for it. While it
/// points there still, bpy would give it again.
struct Lead {
  std::uint64_t from = 0; ///< 0: nothing is remembered
  std::uint64_t to = 0;
  const KeptLayer* layer = nullptr; ///< of KeptStructs
  std::uint16_t kind = 0;           ///< two letters
};

/// What this session remembers of datablocks whose own collections a trail leads to: by the
/// datablock's place, for each leg.
struct KeptStructs {
  std::unordered_map<std::uint64_t, std::vector<KeptLayer>> all;
  std::vector<Lead> last; ///< in the order of those that were last entered
};
/// That of one, made if there is none; null where a trail does not remember such, or as many are
/// remembered as may be: then a segment remembers its own.
std::vector<KeptLayer>* kept_of(const Trail& trail, PyObject* holder);
/// The same of a struct of that class: of so many layers.
std::vector<KeptLayer>* kept_of(const LayerTables& how, std::size_t layers, PyObject* holder);

/// Where a trail's one leg lies behind a struct, by what this session remembers of the datablock
/// there, and how many elements it has; nothing where bpy must be asked. `lead`: how the struct led
/// there before, and from now on.
struct KnownBehind {
  Located located;
  Py_ssize_t length = 0;
};
std::optional<KnownBehind> known_behind(const Trail& trail, PyObject* start, Lead& lead);

/// The same of a drawing or datablock behind a struct, without the steps from there to the values,
/// which cost as much as all that a script's own loop does. `kept`: of a segment. Nothing where
/// they must be taken.
std::optional<Located> told_behind(const Trail& trail, const std::vector<KeptLayer>& kept,
                                   Py_ssize_t length, PyObject* start, Lead& lead);

/// Asks the processor for what the next of many are compared with: `leads` from the one whose turn
/// it is. What is remembered may be gone: of no address this does any harm.
void fetch_ahead(const Trail& trail, std::span<const Lead> leads);

/// How often layers were found so, and how often bpy had to be asked; for tests.
struct KeptCount {
  std::int64_t told = 0;
  std::int64_t asked = 0;
  std::int64_t pointed = 0;   ///< how often a pointer led to what has them
  std::int64_t unpointed = 0; ///< how often bpy was asked what it leads to
};
KeptCount kept_count();

} // namespace rnaslicer::runtime
