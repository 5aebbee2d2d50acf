// How objects come to be: anonymous in an arena or a segment of their own, named by "attach or create" without a race.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "binding/environment.h"

namespace procloom {

// How a name is opened; the same numbers as OPEN_* in lib/addon/native.ts.
enum class Opening : uint32_t { kEither = 0, kCreate = 1, kAttach = 2 };

// What a kind of object is made from and checked by.
struct Recipe {
  Kind kind;
  uint64_t body_bytes;
  std::function<void(void* body)> fill;  // of a zeroed body
  // Of one that exists already, with so many bytes up to the end of its segment. MISMATCH if the shape differs.
  std::function<Status(const void* body, uint64_t room)> check;
};

// Makes or attaches the cell. `created` tells which.
Status MakeCell(Environment& environment, const Recipe& recipe, const std::string& name, uint32_t opening,
                std::unique_ptr<Place>* place, bool* created);

// Makes or attaches the object that has such a cell: its handle, or a status. One that is open here already is the same
// handle, counted once more. `finish(object, created)` sees a new one first.
template <class T, class Finish = void (*)(T&, bool)>
int64_t MakeObject(
    Environment& environment, const Recipe& recipe, const std::string& name, uint32_t opening,
    Finish&& finish = [](T&, bool) {}) {
  std::unique_ptr<Place> place;
  bool created;
  if (const Status status = MakeCell(environment, recipe, name, opening, &place, &created); Failed(status))
    return static_cast<int64_t>(status);
  Status status;
  const int32_t known = environment.FindPlace(place->segment().get(), place->part(), recipe.kind, &status);
  if (status != Status::kCLOSED) return Failed(status) ? static_cast<int64_t>(status) : known;
  auto object = std::make_unique<T>(recipe.kind, std::move(*place));
  finish(*object, created);
  return environment.Keep(std::move(object));
}

// MISMATCH: a number that belongs to the shape of what has that name is another one.
Status OtherNumber(const std::string& name, const char* what, uint64_t found, uint64_t asked);

// Makes or attaches a segment of its own: the same for objects that are a whole segment (queues).
struct SegmentRecipe {
  Kind kind;
  uint64_t bytes;
  std::function<void(Segment&)> fill;
  std::function<Status(const Segment&)> check;
};
Status MakeSegment(Environment& environment, const SegmentRecipe& recipe, const std::string& name, uint32_t opening,
                   std::shared_ptr<Segment>* segment, bool* created);

// '<file>#<part>' taken apart; false if it is no reference.
bool ParseReference(const std::string& reference, std::string* file, uint64_t* part);

}  // namespace procloom
