#include "memory/segment.h"

#include <unistd.h>

#include <cstdio>
#include <vector>

#include "memory/sweep.h"
#include "os/failure.h"
#include "os/file.h"

namespace procloom {

namespace {

std::mutex open_mutex;
// Of this process, by path (registries of different folders may follow each other).
std::map<std::string, std::weak_ptr<Segment>>& OpenSegments() {
  static auto* const segments = new std::map<std::string, std::weak_ptr<Segment>>;  // never destroyed
  return *segments;
}

void Remember(const std::shared_ptr<Segment>& segment) { OpenSegments()[segment->path()] = segment; }

}  // namespace

bool Segment::Hold(uint64_t part) { return parts_[part]++ == 0; }

bool Segment::LetGo(uint64_t part) {
  const auto found = parts_.find(part);
  if (found == parts_.end() || --found->second > 0) return false;
  parts_.erase(found);
  return true;
}

void Segment::Retire() {
  if (fd_ < 0) return;
  // The last user of an anonymous segment removes it; what is on its way is left for who takes it, or for the sweep.
  const auto travelling = [this] { return header()->flights.load(std::memory_order_acquire) != 0; };
  if (IsAnonymous(file_) && !travelling()) {
    os::TryLockByte(fd_, kUseLockByte, os::LockMode::kNone);
    if (!Failed(os::TryLockByte(fd_, kUseLockByte, os::LockMode::kExclusive)) && os::HasName(fd_) && !travelling()) {
      os::RemoveFile(registry_->directory(), file_);
    }
  }
  os::CloseFile(fd_);
  fd_ = -1;
  registry_.reset();
}

Segment::~Segment() {
  {
    std::lock_guard guard(open_mutex);
    const auto known = OpenSegments().find(path_);
    if (known != OpenSegments().end() && known->second.expired()) OpenSegments().erase(known);
  }
  Retire();
  os::Unmap(memory_, size_);
}

void Segments::RetireAll() {
  std::vector<std::shared_ptr<Segment>> open;
  {
    std::lock_guard guard(open_mutex);
    for (const auto& [path, segment] : OpenSegments()) {
      if (std::shared_ptr<Segment> living = segment.lock()) open.push_back(std::move(living));
    }
    OpenSegments().clear();
  }
  for (const auto& segment : open) segment->Retire();
}

namespace {

// Gives up after many collisions of a 64-bit random name: something else is wrong then.
constexpr int kAttempts = 16;

}  // namespace

Status Segments::Create(const std::shared_ptr<Registry>& registry, Kind kind, uint64_t size, const Fill& fill,
                        std::shared_ptr<Segment>* segment) {
  Status status = Status::kEXISTS;
  for (int attempt = 0; attempt < kAttempts && status == Status::kEXISTS; attempt++) {
    status = CreateNamed(registry, kAnonymousPrefix + os::RandomName(), kind, size, fill, segment);
  }
  return status;
}

Status Segments::CreateNamed(const std::shared_ptr<Registry>& registry, const std::string& file, Kind kind,
                             uint64_t size, const Fill& fill, std::shared_ptr<Segment>* segment) {
  std::shared_ptr<Segment> fresh(new Segment);
  fresh->registry_ = registry;
  fresh->file_ = file;
  fresh->path_ = registry->directory_path() + "/" + file;
  fresh->size_ = (size + os::PageSize() - 1) / os::PageSize() * os::PageSize();
  const int directory = registry->directory();
  const std::string& folder = registry->directory_path();
  int fd = -1;
  if (const Status status = os::MakeUnnamed(directory, folder, fresh->size_, &fd); Failed(status)) return status;
  Status status = os::Map(fd, fresh->path(), 0, fresh->size_, &fresh->memory_);
  if (!Failed(status)) {
    fill(*fresh);
    StampHeader(fresh->header(), kind, fresh->size_);
    status = os::LockByte(fd, kUseLockByte, os::LockMode::kShared);
  }
  if (Failed(status)) {
    os::DropUnnamedFile(fd, directory);
  } else {
    status = os::GiveName(fd, directory, folder, file);
  }
  if (Failed(status)) {
    os::CloseFile(fd);
    return status;
  }
  fresh->fd_ = fd;
  std::lock_guard guard(open_mutex);
  Remember(fresh);
  *segment = std::move(fresh);
  return Status::kOK;
}

Status Segments::Open(const std::shared_ptr<Registry>& registry, const std::string& file, Kind kind,
                      std::shared_ptr<Segment>* segment) {
  const std::string path = registry->directory_path() + "/" + file;
  std::shared_ptr<Segment> known, fresh(new Segment);  // let go after the mutex: their end takes it too
  std::lock_guard guard(open_mutex);
  if (const auto found = OpenSegments().find(path); found != OpenSegments().end()) {
    known = found->second.lock();
    // A name may have been removed and given again: what is mapped is then another object.
    if (known && (IsAnonymous(file) || os::SameFile(known->fd_, registry->directory(), file))) {
      if (kind != Kind::kNONE && known->header()->kind != static_cast<uint32_t>(kind)) {
        return CheckHeader(*known->header(), known->size_, kind, path);
      }
      *segment = std::move(known);
      return Status::kOK;
    }
  }
  fresh->registry_ = registry;
  fresh->file_ = file;
  fresh->path_ = registry->directory_path() + "/" + file;
  int fd = -1;
  uint64_t size = 0;
  Status status = os::OpenFile(registry->directory(), registry->directory_path(), file, &fd, &size);
  if (Failed(status)) return status;
  status = os::LockByte(fd, kUseLockByte, os::LockMode::kShared);
  if (!Failed(status) && !os::HasName(fd)) status = os::Fail(Status::kMISSING, path, "it was removed");
  alignas(SegmentHeader) unsigned char bytes[sizeof(SegmentHeader)] = {};
  if (!Failed(status)) {
    // Read, not mapped: a file that is too short would be a SIGBUS.
    const auto count = pread(fd, static_cast<void*>(bytes), sizeof bytes, 0);
    if (count != static_cast<ssize_t>(sizeof bytes)) {
      status =
          os::Fail(Status::kDAMAGED, path, "it is " + std::to_string(size) + " bytes long, too short for a header");
    } else {
      status = CheckHeader(*reinterpret_cast<SegmentHeader*>(bytes), size, kind, path);
    }
  }
  if (!Failed(status)) {
    fresh->size_ = reinterpret_cast<SegmentHeader*>(bytes)->size;
    // A header of ours with a size of somebody else's making must not make us map nothing or everything.
    if (fresh->size_ < sizeof(SegmentHeader))
      status = os::Fail(Status::kDAMAGED, path, "its header gives an impossible size");
  }
  // What was reserved by its maker is there; what was made sparse (or punched) is reserved now, or refused now.
  if (!Failed(status)) status = os::Reserve(fd, path, 0, fresh->size_);
  if (!Failed(status)) status = os::Map(fd, path, 0, fresh->size_, &fresh->memory_);
  if (Failed(status)) {
    os::CloseFile(fd);
    return status;
  }
  fresh->fd_ = fd;
  Remember(fresh);
  *segment = std::move(fresh);
  return Status::kOK;
}

Status Segments::Unlink(Registry& registry, const std::string& name) {
  const std::string file = kNamedPrefix + name;
  os::RemoveFile(registry.directory(), file + kLockSuffix);  // if it has one
  if (unlinkat(registry.directory(), file.c_str(), 0) == 0) return Status::kOK;
  return os::Fail(Status::kMISSING, registry.directory_path() + "/" + file);
}

}  // namespace procloom
