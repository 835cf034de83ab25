// runtime/trail/trail.hpp: what a wrapper does at each call, compiled once for an expression and
// the RNA types that it meets, and run without a step of Python (DESIGN 4.8).
//
// A trail leads from a datablock to one collection, asks for its length and type, fetches the
// address of each leg's array anew, and runs the kernels. It does what the Python routes do and
// checks what they check; where anything is not as it was when the trail was made it declines, with
// nothing touched, and Python goes the long way: that resolves anew, or raises with a good message.
// So no function here raises for what Blender's data are like.
#pragma once

#include "jit/kernel.hpp"
#include "runtime/blender/lists.hpp"
#include "runtime/memory/counted.hpp"
#include "runtime/pyref.hpp"
#include "runtime/supplier/registered.hpp"
#include "runtime/trail/sculpting.hpp"
#include "runtime/transfer/plan_python.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace rnaslicer::runtime {

/// Where the elements that hold a leg's values lie (layout/places.py).
enum class PlaceKind : std::uint8_t {
  own,       ///< the collection's own elements
  twin,      ///< the same, listed as an attribute, whose layer tells the address without a touch
  attribute, ///< the collection is an attribute's data: the same with that attribute
  layer,     ///< another attribute, by name; where it is missing every value is `missing`
  sibling,   ///< another collection of the same owner, by name, with as many elements; only read
  listed,    ///< the collection's own elements, in a list or behind a table: Trail::list
  asked,     ///< nobody knows: bpy tells all values
};

/// Byte places in a layer of the array's address and length, as this session learnt them.
struct LayerPlaces {
  std::int64_t data_at = 0;
  std::int64_t count_at = -1; ///< negative: the layer tells no length (before 5.x)
};

/// A plan with its kernel and constant arguments (lowering.Lowered). Offsets in bytes.
struct Move {
  Ref kernel; ///< a Kernel object
  std::int64_t source_offset = 0;
  std::int64_t cache_offset = 0;
  std::vector<std::int64_t> extents;             ///< of the loops within the rows
  std::vector<std::vector<std::int64_t>> tables; ///< of those loops; empty if strided
};

/// How one element's value is compared with what bpy gives for it.
struct Check {
  std::shared_ptr<const PlanData> plan; ///< without loops: one element's components, packed
  std::int64_t source_offset = 0;
  std::int64_t count = 0; ///< components
  bool is_array = false;  ///< bpy gives a sequence
  Ref all;                ///< then the slice of all components, and of one more that is not there
  std::int64_t packed_at = -1; ///< byte place where they lie as the plan would give them, one
                               ///< behind the other; negative: the plan is run
  std::int64_t rows = 0; ///< of a matrix, which lies by columns and is told by rows; 0: it is none
  Ref numbers;           ///< of an enum: dict from identifier to number
  std::vector<Ref> lookups;
  std::vector<const jit::Lookup*> lookup_tables;
};
/// Finds what each comparison needs, once all else is known. Throws PythonError.
void prepare(Check& check);

/// Whether bpy's own assignment tags a datablock for evaluation: seen where one had no tag before.
/// Proposed by discovery: believed of those with tags, which the next evaluation reaches anyway.
enum class Tells : std::int8_t { unknown, no, yes, proposed };
inline bool is_seen(Tells told) { return told == Tells::no || told == Tells::yes; }

struct Given;     // assigned.hpp
struct ToldValue; // told_value.hpp

/// What an update of a leg needs beside the copy (transfer/writing/).
struct Writing {
  bool possible = false;              ///< the kernel may write, or else
  std::shared_ptr<const Given> given; ///< bpy assigns each element; null: only the routes do
  bool tags = false; ///< ID.update_tag() after the finishing assignment, unless that does it
  mutable Tells told = Tells::unknown; ///< whether it does
  bool remakes = false;                ///< Mesh.update() after it
  bool moves = false;                  ///< after that a vertex is given its own place again
  bool is_place = false;               ///< of a vertex: its own assignment is that
  bool shares = false;                 ///< an array may be shared: an assignment un-shares it first
  bool touches_layer = false; ///< first touches the attribute of the layer (hazards.UV_SHARED)
  std::vector<std::int32_t> allowed; ///< numbers that an enum has, ascending; empty: any number
  std::vector<std::int64_t>
      bounds;                    ///< least and most that bpy's setter is known to store; empty: any
  Ref indexed;                   ///< collection of the datablock that the values index, or null
  bool indexes_vertices = false; ///< it has that name
};

struct Surface;     // below
struct LayerTables; // below

/// How it is told that a datablock's geometry is whole, so that what follows from a write may read
/// it (layout/whole.py): a look at all of it, remembered as bytes that change when it is made anew.
struct Whole {
  PyTypeObject* of =
      nullptr; ///< the datablocks that have a stamp (of `kind`); others are asked for
  Ref kind;
  std::int64_t uid_at = 0;         ///< byte place in the datablock of its session uid, 4 bytes
  std::vector<std::int64_t> stamp; ///< of what changes: byte place and size, in turns; empty:
                                   ///< nothing is remembered
  bool borders = false;            ///< and the address of the first polygon
  std::int64_t pointer_at = -1; ///< byte place of the pointer to where polygons begin, where that
                                ///< is no polygon's own
  std::int64_t count_at = -1;   ///< byte place of how many there are; -1: no starts are compared
  std::int64_t stride = 0;      ///< from one start to the next
  std::int64_t start_at = 0;    ///< of the first
  std::shared_ptr<const Surface> look; ///< where native code looks before it asks; null: nowhere
  Ref ask;                             ///< ask(datablock): whether it is whole
  mutable std::unordered_set<std::string> seen; ///< uid and stamp of those that were
};

/// By what holds it: the array whose ends were last seen to be memory, and its bytes. Only
/// compared.
using SeenArrays = std::unordered_map<std::uint64_t, std::pair<std::uint64_t, std::int64_t>>;

/// The drawing on the way, whose points curves divide among them: until they do, Blender must not
/// read it (layout/whole.py).
struct Divided {
  std::size_t step = 0; ///< how many steps of the trail lead to it
  std::int64_t borders_at =
      0;               ///< byte place in it of the pointer to where the curves begin, int32 each
  bool points = false; ///< the trail's collection has an element for each point
  mutable SeenArrays seen; ///< by drawing
};

/// The array that foreach_get fills with all of a leg's values, and foreach_set takes.
struct AskedArray {
  Move move;               ///< between it and the cache
  std::int64_t stride = 0; ///< bytes from element to element
  std::int64_t width = 0;  ///< numbers for each element
  std::string format;      ///< as a MemCache has it
  std::string flat;        ///< the same as bpy wants to hear it
  std::int64_t others = 0; ///< of an enum's word the bits that no item has: bpy's getter hides such
  bool is_enum = false;
  bool is_covered = false; ///< the cache's rows have all numbers of each element
};

/// What of an axis of the cache is a leg's.
struct LegAxis {
  std::int64_t at = 0;
  std::int64_t extent = -1; ///< negative: one place, and no axis of the leg; 0: all, as of rows
};

/// One property of the collection's elements.
struct Leg {
  Ref property;
  std::vector<LegAxis> axes; ///< of the cache; none: just its own
  PlaceKind place = PlaceKind::own;
  Ref name;  ///< of the attribute; null: that of the collection's owner
  Ref other; ///< name that it may have instead, where nobody knows yet: what has either ends the
             ///< trail
  Ref data_type, domain; ///< of the attribute; null: not compared
  std::optional<LayerPlaces> layer;
  std::int64_t layer_item = 1; ///< bytes, to see that both ends are memory
  Ref missing;                 ///< the value where the layer is missing; null: that ends the trail
  std::int64_t stride = 0;     ///< bytes from element to element
  Move move;
  std::optional<Move> constant;              ///< of `missing`, without a stride
  std::array<std::byte, 8> constant_value{}; ///< as the constant's plan reads it
  Ref through; ///< name of the owner's collection that the stored indices count; null: none
  std::vector<Ref> lookups;
  std::vector<const jit::Lookup*> lookup_tables;
  std::int64_t hop = -1; ///< listed: byte of the pointer to what holds the values; -1: the element
  std::int64_t unless = -1;   ///< listed: byte of a pointer that is null in all elements; -1: none
  bool unless_is_own = false; ///< it lies within the elements
  bool is_copied = false;     ///< listed: the cache is what foreach_get gives, as getattr does
  mutable SeenArrays seen;    ///< by layer
  mutable SeenArrays blocks;  ///< by what the collection belongs to: arrays whose last element lay
                              ///< where it had to
  std::optional<AskedArray> array;        ///< asked, or written so by bpy
  std::shared_ptr<const ToldValue> value; ///< asked by getattr; null: of all by foreach_get
  std::optional<Check> check;             ///< none: entering anew goes the long way
  mutable bool doubtful = false; ///< all values that agreed were alike: each enter compares as many
                                 ///< as a proof, until they vary
  mutable std::unordered_map<const std::byte*, std::size_t>
      agreed; ///< in doubt: arrays whose elements agreed, and a hash of their bytes. Only compared
  Writing writing;
};

/// Indices of a mesh's elements: an attribute's, or of their structs.
struct Indices {
  std::optional<Leg> layer;
  std::int64_t stride = 0;          ///< bytes from struct to struct
  std::array<std::int64_t, 2> at{}; ///< of the first and the last index of one
  std::size_t number = 0;           ///< among a surface's
};

/// Where a mesh keeps what polygons, corners and edges lead to, or hair curves what their points
/// divide: numbers that Blender follows unchecked.
struct Surface {
  Ref kind;
  PyTypeObject* of = nullptr;   ///< bpy's class of these datablocks (borrowed from `kind`)
  bool is_mesh = true;          ///< else curves, of which only the borders count
  std::int64_t generation = 0;  ///< as a trail's
  std::int64_t borders_at = -1; ///< byte place in it of the pointer to where polygons or curves
                                ///< begin; negative: the polygons' structs have it
  std::int64_t stride = 0;      ///< bytes from one of those numbers to the next
  std::int64_t start_at = 0;
  std::int64_t total_at = -1;               ///< negative: each ends where the next begins
  Indices vertices;                         ///< of corners
  Indices edges;                            ///< of corners
  Indices ends;                             ///< of edges
  std::shared_ptr<const LayerTables> keeps; ///< how it leads to its layers; null: bpy is asked
  mutable SeenArrays seen; ///< arrays of structs and of borders, by their own addresses
};

/// How the elements of a linked list, or of a table of pointers, are found and told, and what an
/// update asks before it writes them at once (layout/places.py, transfer/writing/bulk.py).
struct Listing {
  enum class How : std::uint8_t {
    list,
    table,
    alone,  ///< the only element of its collection: where it lies bpy is asked each time
    itself, ///< the same of a struct that the steps lead to
    each,   ///< the same of all elements: nothing is known of how they hang together
  };
  std::int64_t at = 0; ///< byte place in the owner of the list's head, or of the table's address
  How how = How::list;
  bool is_counted = false; ///< elements may have others within them, which bpy may give as well:
                           ///< the walk must find as many as bpy has
  Links links;
  std::vector<PyTypeObject*> kinds; ///< that elements may be of (borrowed from `keep`); none: the
                                    ///< collection declares one
  std::int64_t type_at = -1; ///< byte place in an element of a pointer that tells its type; -1: bpy
                             ///< is asked of each
  std::vector<Ref> names;    ///< of the element type, as `as_assigned` has them
  Ref as_assigned;  ///< dict: (element type, property, class) -> the kernel stores what bpy does
  Ref bus;          ///< list that holds what is known of the message bus, once that was looked for
  Ref script_bases; ///< tuple of classes: scripts' own of them hear of assignments (scripts.hpp);
                    ///< null: nobody does
  Ref script_names; ///< frozenset of names
  Ref built_in;     ///< set of modules
  Ref keep;
};

/// One step of the way from the datablock (supplier/identity.py, Path).
enum class StepKind : std::uint8_t {
  attribute, ///< by name
  item,      ///< by key or index
  fcurve,    ///< by data path and array index: what `find` is called with
  bag,       ///< a channelbag by its slot's handle
  by,        ///< the first element whose property has a value: a tuple of name and value
};
struct Step {
  StepKind kind = StepKind::attribute;
  Ref what;                ///< of an F-curve the tuple of its data path
  bool is_counted = false; ///< an item of a collection whose length must stay what it was
  Ref more = {};   ///< of an F-curve the dict of its index; of a bag that `join_steps` made the
                   ///< path to all bags, from the datablock
  Ref likely = {}; ///< of such a bag: the path to the first
};

class SameStructs; // several/same.hpp

/// The pointer to a collection's elements in the struct that has it, which bpy's answers told.
/// Where it leads to the array that bpy gave for that struct, bpy need not be asked again.
struct ArrayHolder {
  std::int64_t at = 0;    ///< byte place in the struct
  std::int64_t bytes = 0; ///< of the struct, where bpy reads nothing else for the array and its
                          ///< length (several/same.hpp); 0: that is not known
  struct Array {
    std::uint64_t base = 0;
    Py_ssize_t length = 0;
    bool compared = false; ///< its values were, too
  };
  mutable std::unordered_map<std::uint64_t, Array> seen; ///< by struct. Only compared
  mutable std::shared_ptr<const SameStructs> last;       ///< those that were last entered
};

/// A selection on a collection.
struct Rows {
  Py_ssize_t start = 0;
  Py_ssize_t step = 1;
  Py_ssize_t count = 0;
};

struct KeptStructs; // kept.hpp

/// A pointer in a datablock to the one that has a trail's layers: an object's to its mesh.
struct Pointer {
  PyTypeObject* from = nullptr; ///< bpy's class of those that have it (borrowed from `kind`)
  Ref kind;
  std::int64_t at = 0;          ///< byte place of it
  std::int64_t original_at = 0; ///< byte place in any datablock of the pointer to what it is a copy
                                ///< of: for such bpy may give another than its own
  std::int64_t name_at = 0;     ///< of its name, whose first two letters tell its type
};

/// How the structs that have a trail's layers, datablocks or drawings, lead to all of these: tables
/// of layers that lie one behind the other, or (5.x) a list of pointers to them (transfer/kept.py).
struct LayerTables {
  PyTypeObject* of = nullptr; ///< bpy's class of these structs (borrowed from `kind`)
  Ref kind;
  struct Table {
    std::int64_t layers_at = 0; ///< byte place in the struct of the pointer to them
    std::int64_t count_at = 0;  ///< of their number, 4 bytes
  };
  std::vector<Table> tables;
  std::int64_t layer_bytes = 0;
  std::int64_t name_at = 0; ///< byte place in a layer
  std::int64_t name_bytes = 0;
  std::int64_t type_at = 0;   ///< of a number that tells its type, 4 bytes
  std::int64_t data_at = 0;   ///< of the pointer to its array
  std::int64_t list_at = -1;  ///< byte place in the struct of the pointer to the list; negative: it
                              ///< has tables
  std::int64_t keys_at = 0;   ///< in the list, of the pointer to pointers to layers: its last word
  std::int64_t number_at = 0; ///< in the list, of their number, 8 bytes
  std::int64_t domain_at = 0; ///< in a layer that is so listed, of a byte that tells its domain
  std::vector<std::int64_t> sizes; ///< byte places in the struct of how many elements there are, 4
                                   ///< bytes each, where nobody is asked for that
  std::optional<Pointer> pointer;  ///< to these, where all steps before the collection are that
  std::shared_ptr<KeptStructs> seen; ///< what bpy gave for datablocks in this session
};

struct Trail {
  std::int64_t generation = 0;
  std::vector<Step> steps;
  std::vector<PyTypeObject*> passed; ///< by step: the class of what a pointer leads to; null: it is
                                     ///< no pointer. None: nothing is asked
  Ref passed_kept;                   ///< tuple that has them
  Ref rows;                          ///< slice object over the collection; null: they are
  bool takes_all = false;            ///< that slice leaves none out
  Rows numbered; ///< those of a range, all of which must be there; negative: from the end
  PyTypeObject* element = nullptr;  ///< bpy's class of the elements (borrowed from `classes`)
  PyTypeObject* owner = nullptr;    ///< of the collection's owner; null: the datablock
  bool is_layers = false;           ///< the owner is an attribute: its domain is part of what it is
  Ref classes;                      ///< tuple that keeps them
  std::vector<PyTypeObject*> kinds; ///< that elements may be of, each of which is asked for
                                    ///< (borrowed from `classes`); none: all are of one type
  std::string format;               ///< of the cache
  bool packed = true; ///< false: the cache is a caller's buffer with strides of its own
  std::vector<std::int64_t> inner; ///< the cache's shape below the rows
  std::vector<Leg> legs;
  std::optional<ModePlaces> modes;
  Ref sculpted;               ///< asked whether nobody sculpts but active objects; null: no matter
  std::optional<Whole> whole; ///< none: nothing follows that reads geometry
  std::optional<Divided> divided; ///< none: there is no drawing on the way
  bool edits = false;             ///< the elements are what a datablock's edit mode edits
  bool by_user = false; ///< a datablock is what its `user` has: that is asked whether it may change
  Ref derivable; ///< asked whether Blender may compute the values of a datablock; null: it does not
  std::shared_ptr<const Surface> surface; ///< all that it asks for, to be looked at first
  bool needs_edges = false;               ///< it asks for the edges, too
  std::int64_t tags_at = -1; ///< byte place in a datablock of its tags, 4 bytes; -1: not known
  std::optional<ArrayHolder> holder; ///< of the collection whose elements hold the values
  std::optional<LayerTables> keeps;  ///< of the struct whose layers hold the values
  bool within = false;   ///< each of many is of the same datablock as the collection of them
  bool whose = false;    ///< the collection's owner is its datablock
  bool stays = false;    ///< no assignment to an element moves the collection's owner
  bool in_place = false; ///< nor where all legs' values are in the elements themselves: the owner
                         ///< is a mesh's layer, and only what makes another moves it
  std::optional<Listing> list;                ///< the elements lie in no array; none: they do
  std::vector<RegisteredProperty> registered; ///< on the way, and what is read and written
  bool for_now = false; ///< Python looks at some enters, ever fewer, if memory tells values by now
  mutable std::int64_t due = 4, entered = 0; ///< for that
  bool counts = false; ///< bpy goes to each from the first, also to count (expression/counted.py)
  mutable Py_ssize_t likely = 0; ///< then how many there were when somebody last counted them
  [[no_unique_address]] Counted<& TrailCounters::trails> counted_too = {};
};

/// A step from ('attr', name) and the like (steps.cpp). Throws PythonError.
Step read_step(PyObject* pair);

/// Reads a kernel with its arguments. Throws PythonError.
Move read_move(PyObject* dict);

/// Reads where a datablock's geometry is looked at; null of None. Throws PythonError.
std::shared_ptr<const Surface> read_surface(PyObject* tuple);

/// The same of `_core.Look`, and of what a trail says of the geometry that it writes to.
Whole read_whole(PyObject* dict);

/// Reads what trails.py says. Throws PythonError.
std::unique_ptr<Trail> read_trail(PyObject* description);

/// Whether Python is to look at this enter whether memory tells the values.
inline bool is_due(const Trail& trail) {
  if (!trail.for_now || ++trail.entered < trail.due)
    return false;
  trail.entered = 0;
  trail.due *= 4;
  return true;
}

/// Trails made before decline from now on: something is not as it was when they were made.
void forget_trails();
std::int64_t trail_generation();

} // namespace rnaslicer::runtime
