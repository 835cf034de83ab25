// runtime/supplier/registered.hpp: what scripts have registered, as it was when a trail was made.
//
// A class is known by bpy's very object for its RNA, a property by its bytes. While these are the
// same, so is it, and what it leads to may be touched; else Python is asked.
#pragma once

#include "runtime/pyref.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rnaslicer::runtime {

/// A class that a script registered, as it was.
struct Registered {
  Ref kind;
  Ref rna; ///< its `bl_rna`
};

/// What is known of a property that a script registered.
struct KnownProperty {
  std::string bytes; ///< from its PropertyRNA on. If they differ, that may be in what lies behind
                     ///< it: then ask() decides
  Ref ask;
  bool hides = false; ///< the type that its class refines has one of that name, too
};

/// A property of a class.
struct RegisteredProperty {
  Registered of; ///< the class that has it
  Ref name;
  mutable KnownProperty known;
  std::optional<Registered> to; ///< the class of the structs that it leads to
};

bool is_registered(const Registered& known);

/// The property that getattr finds in structs of an RNA type; empty, without an error, where there
/// is none. A look-up by name gives that of the type which this one refines, where both have one
/// (hazards.HIDDEN_PROPERTY).
Ref property_in(PyObject* rna, PyObject* name);

/// Of a property with these bytes what is compared.
KnownProperty known_property(PyObject* rna, PyObject* name, std::string bytes, Ref ask);

/// Its address; nothing, without an error, where there is none.
std::optional<std::uint64_t> address_of_property(PyObject* rna, PyObject* name);

/// Whether a property of a class has these bytes now, or `ask`, called with `argument`, says that
/// it is the same for all that: then its bytes are noted.
bool is_same_property(PyObject* rna, PyObject* name, KnownProperty& known, PyObject* argument);

/// Whether all of them are as they were. Nothing that they lead to is touched.
bool are_registered(const std::vector<RegisteredProperty>& all);

/// Reads tuples of (class, its bl_rna, name, bytes, ask, None or the class that it leads to and
/// that one's bl_rna), or None for none. Throws PythonError.
std::vector<RegisteredProperty> read_registered(PyObject* tuples);

} // namespace rnaslicer::runtime
