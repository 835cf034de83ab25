// runtime/trail/follow.hpp: a trail's way to its collection, and where a leg's values lie.
//
// Nothing found here may be kept beyond the call that asked. Empty results mean "decline"; no error
// is left set.
#pragma once

#include "runtime/supplier/watched.hpp"
#include "runtime/trail/kept.hpp"
#include "runtime/trail/steps.hpp"
#include "runtime/trail/whole.hpp"

#include <optional>

namespace rnaslicer::runtime {

/// What following a trail gives.
struct Reached {
  Ref collection;
  Ref owner;   ///< the struct that the collection belongs to
  Ref id;      ///< its datablock
  Ref drawing; ///< the struct on the way that the trail's `divided` is about; null without
  Py_ssize_t length = 0;
  std::vector<Py_ssize_t> counted; ///< lengths of the collections that counted steps pass
  /// Of a trail with one leg: the class of its layer, where `has_its_name` has seen that this is
  /// there and of its data type and domain. Only compared.
  mutable const PyTypeObject* named = nullptr;
  mutable Ref attributes; ///< of the datablock, once they were asked for
  mutable Ref
      indexed;   ///< its collection that the values of the only leg index, once it was asked for
  Looked looked; ///< at the datablock
};
std::optional<Reached> follow(const Trail& trail, const std::vector<Step>& steps, Watched* root,
                              const Looked* looked = nullptr);
/// The same from a datablock that is alive. `looked`: what this call has asked of one before.
std::optional<Reached> follow(const Trail& trail, const std::vector<Step>& steps, PyObject* id,
                              const Looked* looked = nullptr);
/// The same, by the trail's own steps, from a struct that stands for the datablock; it is alive.
/// id: the datablock of the collection of which it is an element, if any.
std::optional<Reached> follow(const Trail& trail, PyObject* start, PyObject* id = nullptr);
/// The same for a collection that is at hand.
std::optional<Reached> reached_by(const Trail& trail, PyObject* collection);
/// The struct that a root stands for, now: bpy's object for a datablock, or what the root finds by
/// Python (evaluated data). Empty where it is gone.
Ref struct_of(Watched* root);

inline std::optional<Reached> follow(const Trail& trail, const std::vector<Step>& steps,
                                     Watched* root, const Looked* looked) {
  const Ref id = struct_of(root);
  return id ? follow(trail, steps, id.get(), looked) : std::nullopt;
}
/// How many elements a trail's collection has; -1 with an error. Where bpy counts them one by one,
/// a slice tells whether they are as many as before.
Py_ssize_t length_of(const Trail& trail, PyObject* collection);
/// One of these elements; null with an error. Taken by a slice where bpy would walk to it from the
/// first one.
Ref nth_of(const Trail& trail, PyObject* collection, Py_ssize_t at);
/// What steps alone lead to; empty where they lead nowhere.
Ref follow_steps(const std::vector<Step>& steps, Watched* root);

/// bpy's objects for the first and last element of the collection, where locating has made them.
struct Ends {
  Ref first, last;
};

/// Whether a datablock is in edit mode. Most types have no such mode, and asking bpy costs more
/// than all else that a small collection needs, so each type is asked once whether it has the mode.
bool is_edited(PyObject* id);

/// For reading: avoids to un-share where it can. `ends`: filled, if given. `kept`: what is
/// remembered of the leg's layer; updated.
std::optional<Located> locate(const Leg& leg, const Trail& trail, const Reached& reached,
                              Ends* ends = nullptr, KeptLayer* kept = nullptr);

/// All values of an asked leg, as bpy's foreach_get tells them now. Throws PythonError for an
/// interrupt.
std::optional<Located> asked_of(const Leg& leg, const Reached& reached);

/// For writing: by touching elements, so that Blender un-shares first. `ends`: filled where these
/// are the collection's own.
std::optional<Located> locate_for_writing(const Leg& leg, const Trail& trail,
                                          const Reached& reached, Ends* ends = nullptr);

/// Whether a leg's layer is there, or bpy's setter can make it: no other attribute has its name.
/// Notes the class of the only leg's.
bool has_its_name(const Trail& trail, const Leg& leg, const Reached& reached);

/// Whether the layer that holds a leg's values is there now.
bool has_layer(const Leg& leg, const Reached& reached);

/// What must be done before the first write of a leg, where Blender does not un-share by itself.
/// False where it cannot be done.
bool make_ready(const Leg& leg, const Reached& reached);

/// The domain of the attribute whose data the collection is; null for others.
Ref domain_of(const Trail& trail, const Reached& reached);

/// Whether first, middle and last element are in memory what bpy gives for them.
bool agrees(const Trail& trail, const Leg& leg, const Reached& reached, const Located& located,
            const Ends& ends);

/// Whether as many as a proof takes need not be compared: the leg is not in doubt, or the elements
/// are, byte for byte, those that were when as many agreed. Their bytes tell what bpy gives.
bool is_doubtless(const Leg& leg, Py_ssize_t length, const Located& located);

/// The elements whose values are compared; in doubt as many as for a proof (layout/places.py).
std::vector<Py_ssize_t> compared(const Leg& leg, Py_ssize_t length);
/// First, middle and last.
inline std::vector<Py_ssize_t> three(Py_ssize_t length) { return {0, length / 2, length - 1}; }

/// Values that bpy gave for elements, all as in memory: where they vary a leg is in doubt no more.
class Seen {
 public:
  void add(Ref value);
  void settle(const Leg& leg) const {
    if (varied_)
      leg.doubtful = false;
  }

 private:
  Ref first_;
  bool varied_ = false;
};

/// Whether the memory of one element, at `base`, holds a value that bpy gave for it. The leg has a
/// check.
bool is_value(const Leg& leg, PyObject* value, const std::byte* base,
              const jit::IndexTarget& target = {});

} // namespace rnaslicer::runtime
