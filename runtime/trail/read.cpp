// runtime/trail/read.cpp: from a description by trails.py to a Trail.
#include "runtime/blender/bpy.hpp"
#include "runtime/blender/told_value.hpp"
#include "runtime/trail/assigned.hpp"
#include "runtime/trail/kept.hpp"
#include "runtime/trail/steps.hpp"
#include "runtime/transfer/lookup_python.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace rnaslicer::runtime {

namespace {

/// The entry of a dict; borrowed. KeyError, TypeError as PythonError.
PyObject* entry(PyObject* dict, const char* key) {
  PyObject* const found = PyDict_GetItemString(dict, key);
  if (found == nullptr)
    raise(PyExc_KeyError, std::string("a trail's description lacks ") + key);
  return found;
}

/// An entry that not every description has; None without.
PyObject* given(PyObject* dict, const char* key) {
  PyObject* const found = PyDict_GetItemString(dict, key);
  return found != nullptr ? found : Py_None;
}

Ref optional(PyObject* dict, const char* key) {
  PyObject* const found = entry(dict, key);
  return found == Py_None ? Ref() : Ref::borrow(found);
}

Ref name_of(PyObject* dict, const char* key) {
  Ref found = optional(dict, key);
  if (!found || PyUnicode_Check(found.get()) == 0)
    return found;
  PyObject* name = found.release();
  PyUnicode_InternInPlace(&name);
  return Ref::steal(name);
}

std::int64_t number(PyObject* object) {
  const auto value = PyLong_AsLongLong(object);
  if (value == -1 && PyErr_Occurred() != nullptr)
    throw PythonError();
  return value;
}

std::int64_t number(PyObject* dict, const char* key) { return number(entry(dict, key)); }
bool truth(PyObject* dict, const char* key) { return entry(dict, key) == Py_True; }
template <typename F> void each(PyObject* tuple, F f) {
  if (PyTuple_Check(tuple) == 0)
    raise(PyExc_TypeError, "a trail's description has a tuple here");
  for (Py_ssize_t i = 0; i < PyTuple_Size(tuple); ++i)
    f(PyTuple_GetItem(tuple, i));
}

std::vector<std::int64_t> numbers(PyObject* tuple) {
  std::vector<std::int64_t> found;
  each(tuple, [&](PyObject* item) { found.push_back(number(item)); });
  return found;
}

std::string text(PyObject* dict, const char* key) {
  return PyBytes_AsString(checked(PyUnicode_AsUTF8String(entry(dict, key))).get());
}

void read_lookups(PyObject* tuple, std::vector<Ref>& objects,
                  std::vector<const jit::Lookup*>& tables) {
  each(tuple, [&](PyObject* object) {
    const jit::Lookup* const table = lookup_of(object);
    if (table == nullptr)
      raise(PyExc_TypeError, "a trail's lookups are Lookup objects");
    objects.push_back(Ref::borrow(object));
    tables.push_back(table);
  });
}

Check read_check(PyObject* dict) {
  Check check;
  check.plan = plan_data(entry(dict, "plan"));
  check.source_offset = number(dict, "source_offset");
  check.count = number(dict, "count");
  check.is_array = truth(dict, "is_array");
  check.rows = number(dict, "rows");
  check.numbers = optional(dict, "numbers");
  read_lookups(entry(dict, "lookups"), check.lookups, check.lookup_tables);
  if (!check.plan->plan.loops.empty() ||
      static_cast<std::int64_t>(check.plan->plan.lanes.size()) != check.count)
    raise(PyExc_ValueError, "a trail's check has a lane for each component and no loop");
  prepare(check);
  return check;
}

/// The number of a word among those that there are, in the order of an enumeration.
template <class Kind> Kind kind_in(PyObject* text, std::span<const char* const> words) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (PyUnicode_CompareWithASCIIString(text, words[i]) == 0)
      return static_cast<Kind>(i);
  raise(PyExc_ValueError, "a trail's description has another word here");
}

constexpr std::array place_words = {"own",     "twin",   "attribute", "layer",
                                    "sibling", "listed", "asked"};
constexpr std::array how_words = {"list", "table", "alone", "itself", "each"};

void read_missing(Leg& leg, PyObject* dict) {
  leg.missing = optional(dict, "missing");
  if (leg.missing || leg.place == PlaceKind::asked)
    leg.other = name_of(dict, "other");
  if (!leg.missing)
    return;
  leg.constant = read_move(entry(dict, "constant"));
  Buffer bytes;
  if (!bytes.acquire(entry(dict, "constant_value"), PyBUF_SIMPLE))
    throw PythonError();
  if (bytes->len <= 0 || static_cast<std::size_t>(bytes->len) > leg.constant_value.size())
    raise(PyExc_ValueError, "a trail's constant is one number");
  std::memcpy(leg.constant_value.data(), bytes->buf, static_cast<std::size_t>(bytes->len));
}

Writing read_writing(PyObject* dict) {
  Writing writing;
  writing.possible = truth(dict, "possible");
  writing.given = read_given(given(dict, "given"));
  writing.tags = truth(dict, "tags");
  writing.shares = truth(dict, "shares");
  writing.touches_layer = truth(dict, "touches_layer");
  for (const std::int64_t number : numbers(entry(dict, "allowed")))
    writing.allowed.push_back(static_cast<std::int32_t>(number)); // RNA has enums of int
  writing.remakes = truth(dict, "remakes");
  writing.moves = truth(dict, "moves");
  writing.is_place = given(dict, "is_place") == Py_True;
  writing.needs_layer = given(dict, "needs_layer") == Py_True;
  if (PyObject* const told = entry(dict, "told"); told != Py_None)
    writing.told = told == Py_True ? Tells::yes : told == Py_False ? Tells::no : Tells::proposed;
  writing.bounds = numbers(entry(dict, "bounds"));
  if (!writing.bounds.empty() && writing.bounds.size() != 2)
    raise(PyExc_ValueError, "a trail's bounds are two numbers");
  writing.indexed = name_of(dict, "indexed");
  writing.indexes_vertices =
      writing.indexed && PyUnicode_CompareWithASCIIString(writing.indexed.get(), "vertices") == 0;
  return writing;
}

void read_places(Leg& leg, PyObject* layer) {
  const auto places = numbers(layer);
  if (places.size() != 3)
    raise(PyExc_ValueError, "a trail's layer is (address at, length at, bytes of an item)");
  leg.layer = LayerPlaces{places[0], places[1]};
  leg.layer_item = places[2];
}

Leg read_leg(PyObject* dict) {
  Leg leg;
  leg.property = name_of(dict, "property");
  leg.place = kind_in<PlaceKind>(entry(dict, "place"), place_words);
  leg.name = name_of(dict, "name");
  leg.data_type = name_of(dict, "data_type");
  leg.domain = name_of(dict, "domain");
  if (PyObject* const layer = entry(dict, "layer"); layer != Py_None)
    read_places(leg, layer);
  leg.stride = number(dict, "stride");
  leg.move = read_move(entry(dict, "move"));
  read_missing(leg, dict);
  leg.through = name_of(dict, "through");
  read_lookups(entry(dict, "lookups"), leg.lookups, leg.lookup_tables);
  if (PyObject* const check = entry(dict, "check"); check != Py_None)
    leg.check = read_check(check);
  leg.doubtful = truth(dict, "doubtful");
  if (leg.place == PlaceKind::listed) {
    leg.hop = number(dict, "hop");
    leg.unless = number(dict, "unless");
    leg.unless_is_own = truth(dict, "unless_is_own");
    leg.is_copied = truth(dict, "is_copied");
  }
  leg.value = read_told(given(dict, "value"));
  leg.array = read_array(given(dict, "array"));
  leg.axes = read_axes(given(dict, "axes"));
  leg.writing = read_writing(entry(dict, "writing"));
  return leg;
}

PyTypeObject* class_of(PyObject* object) {
  if (object == Py_None)
    return nullptr;
  if (PyType_Check(object) == 0)
    raise(PyExc_TypeError, "a trail's element and owner are classes");
  return reinterpret_cast<PyTypeObject*>(object);
}

/// An attribute that is only looked for: a dict as a leg's.
Leg read_layer(PyObject* dict) {
  Leg leg;
  leg.place = PlaceKind::layer;
  leg.name = name_of(dict, "name");
  leg.data_type = name_of(dict, "data_type");
  leg.domain = name_of(dict, "domain");
  read_places(leg, entry(dict, "layer"));
  return leg;
}

/// (stride, first index, last index) of structs, or a layer as a dict.
Indices read_indices(PyObject* surface, std::size_t number) {
  PyObject* const object = PyTuple_GetItem(surface, static_cast<Py_ssize_t>(number) + 2);
  if (PyDict_Check(object) != 0)
    return {read_layer(object), 0, {}, number};
  const auto places = numbers(object);
  if (places.size() != 3)
    raise(PyExc_ValueError, "indices in structs are three places");
  return {std::nullopt, places[0], {places[1], places[2]}, number};
}

/// (class, tables, places in a layer, list of pointers, places of sizes) of transfer/kept.py.
LayerTables read_tables(PyObject* tuple) {
  LayerTables found;
  if (PyTuple_Check(tuple) == 0 || PyTuple_Size(tuple) != 5)
    raise(PyExc_TypeError, "a trail's tables of layers are five");
  found.kind = Ref::borrow(PyTuple_GetItem(tuple, 0));
  found.of = class_of(found.kind.get());
  const auto tables = numbers(PyTuple_GetItem(tuple, 1));
  const auto layer = numbers(PyTuple_GetItem(tuple, 2));
  const auto list = numbers(PyTuple_GetItem(tuple, 3));
  found.sizes = numbers(PyTuple_GetItem(tuple, 4));
  if (tables.size() % 2 != 0 || (layer.size() != 5 && list.size() != 4))
    raise(PyExc_ValueError, "a trail's tables of layers have five places, lists four");
  for (std::size_t i = 0; i < tables.size(); i += 2)
    found.tables.push_back({tables[i], tables[i + 1]});
  if (list.size() == 4) {
    std::tie(found.list_at, found.keys_at, found.number_at, found.domain_at) =
        std::tie(list[0], list[1], list[2], list[3]);
  } else {
    std::tie(found.layer_bytes, found.name_at, found.name_bytes, found.type_at, found.data_at) =
        std::tie(layer[0], layer[1], layer[2], layer[3], layer[4]);
  }
  found.seen = std::make_shared<KeptStructs>();
  return found;
}

/// (class, byte places of the pointer, of that to the original, of a name) of transfer/kept.py.
Pointer read_pointer(PyObject* tuple) {
  if (PyTuple_Check(tuple) == 0 || PyTuple_Size(tuple) != 4)
    raise(PyExc_TypeError, "a trail's pointer is a class and three places");
  PyObject* const kind = PyTuple_GetItem(tuple, 0);
  return {class_of(kind), Ref::borrow(kind), number(PyTuple_GetItem(tuple, 1)),
          number(PyTuple_GetItem(tuple, 2)), number(PyTuple_GetItem(tuple, 3))};
}

/// What trails of lists have beside (transfer/own/listed.py).
Listing read_list(PyObject* dict) {
  Listing list;
  list.at = number(dict, "at");
  list.how = kind_in<Listing::How>(entry(dict, "how"), how_words);
  list.is_counted = truth(dict, "counted");
  list.links = {number(dict, "next_at"), number(dict, "prev_at")};
  list.keep = Ref::borrow(entry(dict, "kinds"));
  each(list.keep.get(), [&](PyObject* kind) { list.kinds.push_back(class_of(kind)); });
  list.type_at = number(dict, "type_at");
  each(entry(dict, "names"), [&](PyObject* name) { list.names.push_back(Ref::borrow(name)); });
  list.as_assigned = Ref::borrow(entry(dict, "as_assigned"));
  list.bus = Ref::borrow(entry(dict, "bus"));
  list.script_bases = optional(dict, "script_bases");
  list.script_names = Ref::borrow(entry(dict, "script_names"));
  list.built_in = Ref::borrow(entry(dict, "built_in"));
  if (PyDict_Check(list.as_assigned.get()) == 0 || PyList_Check(list.bus.get()) == 0 ||
      (list.script_bases && PyTuple_Check(list.script_bases.get()) == 0) ||
      std::ranges::any_of(list.kinds, [](const PyTypeObject* kind) { return kind == nullptr; }))
    raise(PyExc_TypeError, "a trail's list has a dict, a list and tuples of classes");
  return list;
}

} // namespace

Move read_move(PyObject* dict) {
  Move move;
  move.kernel = Ref::borrow(entry(dict, "kernel"));
  move.source_offset = number(dict, "source_offset");
  move.cache_offset = number(dict, "cache_offset");
  move.extents = numbers(entry(dict, "extents"));
  each(entry(dict, "tables"), [&](PyObject* table) {
    move.tables.push_back(table == Py_None ? std::vector<std::int64_t>() : numbers(table));
  });
  if (move.tables.size() != move.extents.size())
    raise(PyExc_ValueError, "a trail's move has a table or None for each extent");
  return move;
}

Whole read_whole(PyObject* dict) {
  Whole whole;
  whole.kind = Ref::borrow(entry(dict, "of"));
  whole.of = class_of(whole.kind.get());
  whole.uid_at = number(dict, "uid_at");
  whole.pointer_at = number(dict, "pointer_at");
  whole.count_at = number(dict, "count_at");
  whole.stride = number(dict, "stride");
  whole.start_at = number(dict, "start_at");
  whole.stamp = numbers(entry(dict, "stamp"));
  whole.borders = truth(dict, "borders");
  whole.look = read_surface(entry(dict, "look"));
  whole.ask = optional(dict, "ask");
  if (whole.stamp.size() % 2 != 0)
    raise(PyExc_ValueError, "a trail's stamp is pairs of place and size");
  return whole;
}

std::shared_ptr<const Surface> read_surface(PyObject* tuple) {
  if (tuple == Py_None)
    return nullptr;
  if (PyTuple_Check(tuple) == 0 || PyTuple_Size(tuple) < 2 || PyTuple_Size(tuple) == 4)
    raise(PyExc_TypeError, "a look at geometry is a class, places, three indices and tables");
  const auto surface = std::make_shared<Surface>();
  surface->kind = Ref::borrow(PyTuple_GetItem(tuple, 0));
  surface->of = class_of(surface->kind.get());
  surface->generation = trail_generation();
  const auto places = numbers(PyTuple_GetItem(tuple, 1));
  if (places.size() != 4)
    raise(PyExc_ValueError, "borders are four places");
  std::tie(surface->borders_at, surface->stride, surface->start_at, surface->total_at) =
      std::tie(places[0], places[1], places[2], places[3]);
  if (surface->is_mesh = PyTuple_Size(tuple) > 2; PyTuple_Size(tuple) >= 5) {
    surface->vertices = read_indices(tuple, 0);
    surface->edges = read_indices(tuple, 1);
    surface->ends = read_indices(tuple, 2);
    if (PyTuple_Size(tuple) > 5)
      surface->keeps = std::make_shared<LayerTables>(read_tables(PyTuple_GetItem(tuple, 5)));
  }
  return surface;
}

std::unique_ptr<Trail> read_trail(PyObject* description) {
  if (PyDict_Check(description) == 0)
    raise(PyExc_TypeError, "a trail's description is a dict");
  auto trail = std::make_unique<Trail>();
  trail->generation = trail_generation();
  each(entry(description, "steps"),
       [&](PyObject* pair) { trail->steps.push_back(read_step(pair)); });
  if (PyObject* const passed = given(description, "passed"); passed != Py_None) {
    trail->passed_kept = Ref::borrow(passed);
    each(passed, [&](PyObject* kind) { trail->passed.push_back(class_of(kind)); });
    if (trail->passed.size() != trail->steps.size())
      raise(PyExc_ValueError, "a trail has a class or None for each step");
  }
  read_rows(*trail, entry(description, "rows"));
  PyObject* const element = entry(description, "element");
  PyObject* const owner = entry(description, "owner");
  if (PyTuple_Check(element) == 0)
    trail->element = class_of(element);
  else // each is asked which of these it is of
    each(element, [&](PyObject* kind) { trail->kinds.push_back(class_of(kind)); });
  trail->owner = class_of(owner);
  trail->is_layers = truth(description, "is_layers");
  trail->classes = checked(PyTuple_Pack(2, element, owner));
  trail->format = text(description, "format");
  trail->packed = truth(description, "packed");
  trail->inner = numbers(entry(description, "inner"));
  trail->sculpted = optional(description, "sculpted");
  if (const auto at = numbers(entry(description, "modes")); !at.empty()) {
    if (at.size() != 10)
      raise(PyExc_ValueError, "a trail's places of modes are ten numbers");
    trail->modes = ModePlaces{at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7], at[8], at[9]};
  }
  if (PyObject* const whole = entry(description, "whole"); whole != Py_None)
    trail->whole = read_whole(whole);
  if (PyObject* const divided = given(description, "divided"); divided != Py_None) {
    const auto at = numbers(divided);
    if (at.size() != 3)
      raise(PyExc_ValueError, "a trail's drawing is three numbers");
    trail->divided = Divided{static_cast<std::size_t>(at[0]), at[1], at[2] != 0, {}};
  }
  if (PyObject* const holder = given(description, "holder"); holder != Py_None)
    trail->holder = ArrayHolder{numbers(holder).at(0), numbers(holder).at(1), {}, {}};
  if (PyObject* const keeps = given(description, "keeps"); keeps != Py_None)
    trail->keeps = read_tables(keeps);
  if (PyObject* const at = given(description, "pointer"); at != Py_None && trail->keeps)
    trail->keeps->pointer = read_pointer(at);
  trail->by_user = given(description, "by_user") == Py_True;
  trail->edits = given(description, "edits") == Py_True;
  trail->whose = given(description, "whose") == Py_True;
  trail->within = given(description, "within") == Py_True;
  trail->derivable = optional(description, "derivable");
  trail->surface = read_surface(entry(description, "surface"));
  trail->needs_edges = given(description, "needs_edges") == Py_True;
  trail->tags_at = number(description, "tags_at");
  trail->stays = truth(description, "stays");
  trail->in_place = given(description, "in_place") == Py_True;
  trail->counts = given(description, "counts") == Py_True;
  trail->for_now = given(description, "for_now") == Py_True;
  if (PyObject* const list = PyDict_GetItemString(description, "list"); list != nullptr)
    trail->list = read_list(list);
  trail->registered = read_registered(given(description, "registered"));
  each(entry(description, "legs"), [&](PyObject* leg) { trail->legs.push_back(read_leg(leg)); });
  return trail;
}

} // namespace rnaslicer::runtime
