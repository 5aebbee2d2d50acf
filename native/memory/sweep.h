// What stands in every segment's header, and the removal of what the dead left.
#pragma once

#include <string>
#include <vector>

#include "layout/kind.h"
#include "layout/segment-layout.h"
#include "layout/status.h"

namespace procloom {

class Registry;

// Fills the header of a fresh segment and stamps it.
void StampHeader(SegmentHeader* header, Kind kind, uint64_t size);
// OK, FOREIGN (another build's), DAMAGED (too short, not stamped) or MISMATCH (another kind; kNONE takes any).
Status CheckHeader(const SegmentHeader& header, uint64_t file_size, Kind kind, const std::string& path);

struct SegmentFacts {
  std::string file;
  uint32_t kind;
  uint64_t bytes;
  bool named;
  bool used;
};
std::vector<SegmentFacts> ListSegments(Registry& registry);

// Removes the anonymous segments that no living process has open, and the bells and cloakrooms of the dead. Returns how
// many segments went.
//
// A segment to which a reference is on its way in a queue stays while any other process of ours lives: it may
// still be the one to take it out.
int Sweep(Registry& registry);

// Names of files: 's.' + 16 hexadecimal digits for anonymous segments, 'n.' + name for named ones.
inline constexpr char kAnonymousPrefix[] = "s.";
inline constexpr char kNamedPrefix[] = "n.";
// The lock of a named value or array.
inline constexpr char kLockSuffix[] = "~lock";
inline bool IsAnonymous(const std::string& file) { return file.rfind(kAnonymousPrefix, 0) == 0; }
inline bool IsNamed(const std::string& file) { return file.rfind(kNamedPrefix, 0) == 0; }

}  // namespace procloom
