#include "binding/create.h"

#include <cstdlib>
#include <cstring>

#include "memory/sweep.h"
#include "os/failure.h"

namespace procloom {

namespace {

constexpr size_t kLongestName = 200;

bool GoodName(const std::string& name) {
  if (name.empty() || name.size() > kLongestName) return false;
  for (const char c : name) {
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!good) return false;
  }
  return true;
}

// Users' names never have a '~': what belongs to a named object (its lock) has its name with a suffix.
bool GoodOwnName(const std::string& name) {
  const size_t suffix = name.rfind(kLockSuffix);
  const bool belongs = suffix != std::string::npos && suffix + std::strlen(kLockSuffix) == name.size();
  return GoodName(belongs ? name.substr(0, suffix) : name);
}

bool GoodFile(const std::string& file) {
  if (IsNamed(file)) return GoodOwnName(file.substr(std::strlen(kNamedPrefix)));
  return IsAnonymous(file) && GoodName(file);
}

}  // namespace

bool ParseReference(const std::string& reference, std::string* file, uint64_t* part) {
  const size_t mark = reference.rfind('#');
  if (mark == std::string::npos || mark + 1 == reference.size() || reference.size() > 2 * kLongestName) return false;
  *file = reference.substr(0, mark);
  uint64_t number = 0;
  for (size_t i = mark + 1; i < reference.size(); i++) {
    if (reference[i] < '0' || reference[i] > '9' || number > uint64_t{1} << 50) return false;
    number = number * 10 + static_cast<uint64_t>(reference[i] - '0');
  }
  *part = number;
  return GoodFile(*file);
}

Status MakeSegment(Environment& environment, const SegmentRecipe& recipe, const std::string& name, uint32_t opening,
                   std::shared_ptr<Segment>* segment, bool* created) {
  if (const Status status = environment.Join(); Failed(status)) return status;
  *created = true;
  if (name.empty()) return Segments::Create(environment.registry(), recipe.kind, recipe.bytes, recipe.fill, segment);
  if (!GoodOwnName(name) || opening > static_cast<uint32_t>(Opening::kAttach))
    return os::Fail(Status::kBAD_ARGUMENT, name, "it is no name of an object");
  const std::string file = kNamedPrefix + name;
  // Creating and removing may race with us for ever in theory; each turn means that somebody else got on.
  for (int attempt = 0; attempt < 1000; attempt++) {
    if (opening != static_cast<uint32_t>(Opening::kCreate)) {
      Status status = Segments::Open(environment.registry(), file, recipe.kind, segment);
      if (status == Status::kOK) {
        *created = false;
        return recipe.check(**segment);
      }
      if (status != Status::kMISSING || opening == static_cast<uint32_t>(Opening::kAttach)) return status;
    }
    const Status status =
        Segments::CreateNamed(environment.registry(), file, recipe.kind, recipe.bytes, recipe.fill, segment);
    if (status != Status::kEXISTS || opening == static_cast<uint32_t>(Opening::kCreate)) return status;
  }
  return os::Fail(Status::kSYSTEM, file, "the name is created and removed all the time");
}

Status MakeCell(Environment& environment, const Recipe& recipe, const std::string& name, uint32_t opening,
                std::unique_ptr<Place>* place, bool* created) {
  if (const Status status = environment.Join(); Failed(status)) return status;
  *created = true;
  if (name.empty() && recipe.body_bytes <= kLargestBody) {
    std::shared_ptr<Arena> arena;
    uint64_t offset = 0;
    if (const Status status = Arenas::Allocate(environment.registry(), recipe.body_bytes, &arena, &offset);
        Failed(status))
      return status;
    place->reset(new Place(Place::InArena(std::move(arena), offset)));
    void* const body = (*place)->Body<void>();
    std::memset(body, 0, recipe.body_bytes);
    recipe.fill(body);
    (*place)->cell()->kind.store(static_cast<uint32_t>(recipe.kind), std::memory_order_release);
    return Status::kOK;
  }
  constexpr uint64_t kBody = kSoloCellOffset + sizeof(Cell);
  const auto fill = [&recipe](Segment& fresh) {
    recipe.fill(fresh.At<void>(kBody));
    fresh.At<Cell>(kSoloCellOffset)->kind.store(static_cast<uint32_t>(recipe.kind), std::memory_order_release);
  };
  const auto check = [&recipe](const Segment& found) {
    return recipe.check(found.At<void>(kBody), found.size() - kBody);
  };
  std::shared_ptr<Segment> segment;
  const Status status =
      MakeSegment(environment, {recipe.kind, kBody + recipe.body_bytes, fill, check}, name, opening, &segment, created);
  if (Failed(status)) return status;
  place->reset(new Place(Place::Alone(std::move(segment), 0)));
  return Status::kOK;
}

Status OtherNumber(const std::string& name, const char* what, uint64_t found, uint64_t asked) {
  return os::Fail(
      Status::kMISMATCH, name,
      std::string("its ") + what + " is " + std::to_string(found) + ", asked for was " + std::to_string(asked));
}

}  // namespace procloom
