#include "memory/sweep.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "layout/fingerprint.h"
#include "memory/cloakroom.h"
#include "memory/registry.h"
#include "os/clock.h"
#include "os/failure.h"
#include "os/file.h"

namespace procloom {

void StampHeader(SegmentHeader* header, Kind kind, uint64_t size) {
  header->magic = kMagic;
  header->fingerprint = kFingerprint;
  header->size = size;
  header->created_ns = static_cast<uint64_t>(os::WallNs());
  header->kind = static_cast<uint32_t>(kind);
  header->creator_pid = static_cast<uint32_t>(getpid());
  header->stamp.store(kStamp, std::memory_order_release);  // SYNC stamp
}

namespace {

// What every opener of the kind takes for granted.
uint64_t LeastBytes(uint32_t kind) {
  switch (static_cast<Kind>(kind)) {
    case Kind::kREGISTRY:
      return sizeof(RegistryLayout);
    case Kind::kARENA:
      return kArenaDataOffset;
    case Kind::kPIPE:
    case Kind::kQUEUE:
    case Kind::kJOINABLE_QUEUE:
    case Kind::kSIMPLE_QUEUE:
      return kRingOffset + kFirstRingBytes;
    default:  // one cell
      return kSoloCellOffset + sizeof(CellWords<StdAtomics>) + sizeof(SemaphoreWords<StdAtomics>);
  }
}

}  // namespace

Status CheckHeader(const SegmentHeader& header, uint64_t file_size, Kind kind, const std::string& path) {
  char detail[160];
  if (header.stamp.load(std::memory_order_acquire) != kStamp || header.magic != kMagic) {  // SYNC stamp
    return os::Fail(Status::kFOREIGN, path, "it has no header of ours");
  }
  if (header.fingerprint != kFingerprint) {
    std::snprintf(detail, sizeof detail, "its layout is %016llx, this build's is %016llx",
                  static_cast<unsigned long long>(header.fingerprint), static_cast<unsigned long long>(kFingerprint));
    return os::Fail(Status::kFOREIGN, path, detail);
  }
  if (file_size < header.size) {
    std::snprintf(detail, sizeof detail, "it is %llu bytes long, expected %llu",
                  static_cast<unsigned long long>(file_size), static_cast<unsigned long long>(header.size));
    return os::Fail(Status::kDAMAGED, path, detail);
  }
  if (header.size < LeastBytes(header.kind)) {
    return os::Fail(Status::kDAMAGED, path, "its header gives an impossible size");
  }
  if (kind != Kind::kNONE && header.kind != static_cast<uint32_t>(kind)) {
    std::snprintf(detail, sizeof detail, "its kind is %u, expected %u", header.kind, static_cast<uint32_t>(kind));
    return os::Fail(Status::kMISMATCH, path, detail);
  }
  return Status::kOK;
}

namespace {

// Reads a segment's header without mapping it (a mapping of a file that shrinks would be a SIGBUS).
bool ReadHeader(int fd, SegmentHeader* header) {
  return pread(fd, static_cast<void*>(header), sizeof *header, 0) == static_cast<ssize_t>(sizeof *header);
}

// Removes one anonymous segment if no living process has it open.
bool SweepSegment(Registry& registry, const std::string& file, bool alone) {
  int fd = -1;
  uint64_t size = 0;
  if (Failed(os::OpenFile(registry.directory(), registry.directory_path(), file, &fd, &size))) return false;
  bool removed = false;
  // The exclusive lock keeps openers out; one that comes later sees that the file has no name.
  if (!Failed(os::TryLockByte(fd, kUseLockByte, os::LockMode::kExclusive)) && os::HasName(fd)) {
    alignas(SegmentHeader) unsigned char bytes[sizeof(SegmentHeader)];
    auto* const header = reinterpret_cast<SegmentHeader*>(bytes);
    const bool travelling =
        ReadHeader(fd, header) && header->magic == kMagic && header->flights.load(std::memory_order_relaxed) != 0;
    // Whether another build's processes may still take it out cannot be told from our registry.
    if (!travelling || (alone && header->fingerprint == kFingerprint)) {
      os::RemoveFile(registry.directory(), file);
      removed = true;
    }
  }
  os::CloseFile(fd);
  return removed;
}

}  // namespace

int Sweep(Registry& registry) {
  int removed = 0;
  const bool alone = registry.Alone();
  registry.Tidy();
  for (const std::string& name : os::ListDirectory(registry.directory())) {
    if (IsAnonymous(name)) {
      removed += SweepSegment(registry, name, alone);
    } else if (name.rfind(Registry::BellPrefix(), 0) == 0) {
      const auto token = static_cast<Token>(std::strtoul(name.c_str() + Registry::BellPrefix().size(), nullptr, 16));
      if (!registry.Lives(token)) os::RemoveFile(registry.directory(), name);
    } else if (name.rfind(Cloakroom::Prefix(), 0) == 0) {
      if (!Cloakroom::IsKept(registry, name)) os::RemoveFile(registry.directory(), name);
    } else if (name.rfind(".new-", 0) == 0 && alone) {
      os::RemoveFile(registry.directory(), name);  // of one that died before it could name it
    }
  }
  return removed;
}

std::vector<SegmentFacts> ListSegments(Registry& registry) {
  std::vector<SegmentFacts> segments;
  for (const std::string& name : os::ListDirectory(registry.directory())) {
    if (!IsAnonymous(name) && !IsNamed(name)) continue;
    int fd = -1;
    uint64_t size = 0;
    if (Failed(os::OpenFile(registry.directory(), registry.directory_path(), name, &fd, &size))) continue;
    alignas(SegmentHeader) unsigned char bytes[sizeof(SegmentHeader)] = {};
    auto* const header = reinterpret_cast<SegmentHeader*>(bytes);
    ReadHeader(fd, header);
    struct stat facts {};
    fstat(fd, &facts);
    segments.push_back({name, header->kind, static_cast<uint64_t>(facts.st_blocks) * 512, IsNamed(name),
                        os::ByteLocked(fd, kUseLockByte)});
    os::CloseFile(fd);
  }
  return segments;
}

}  // namespace procloom
