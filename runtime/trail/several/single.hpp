// runtime/trail/several/single.hpp: the numbers of one struct, by bpy's own getattr and setattr.
//
// What lies in no array is told and assigned as the element route does it (transfer/element.py),
// but without a step of Python.
#pragma once

#include "runtime/blender/told_value.hpp"
#include "runtime/supplier/roster.hpp"
#include "runtime/trail/run.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rnaslicer::runtime {

struct Single {
  std::shared_ptr<const Trail> trail;
  std::vector<std::shared_ptr<const ToldValue>> values; ///< as many as the trail has legs
  bool alone = false;   ///< the struct is the only element of its collection
  bool nothing = false; ///< it is a collection, which must be empty
  bool writes = true;   ///< of nothing: whether an update has nothing to do
  Ref owners;           ///< tuple of classes that the datablock may be of
  bool picks = false; ///< an index on the way counts the datablock: an update is for that of enter
  IdPlaces places;    ///< then how its session uid is read
};

/// Reads a trail's description and what it has beside: 'values', 'owners', 'picks',
/// 'places', 'alone', 'nothing', 'writes'. Throws
/// PythonError.
std::shared_ptr<const Single> read_single(PyObject* description);

/// A filled cache; `cache` is filled if there is one. Null where the trail declines.
std::unique_ptr<Run> enter_single(std::shared_ptr<const Single> how, Start start, PyObject* wrapper,
                                  Ref& cache);

/// The same of a cache that was filled already.
std::unique_ptr<Run> adopt_single(std::shared_ptr<const Single> how, Start start);

} // namespace rnaslicer::runtime
