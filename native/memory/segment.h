// Segments: files of the private directory, mapped once in this process, however many environments use them.
//
//   create:  unnamed file → reserve → map → fill → stamp → lock its use → give it its name
//   open:    open (no link) → lock its use → still named? → read and check the header → map
//
// Thread safety: Segments and Segment may be used from any thread. The file stays mapped and its use stays locked
// while a shared_ptr<Segment> lives in this process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "layout/kind.h"
#include "layout/segment-layout.h"
#include "layout/status.h"
#include "memory/registry.h"

namespace procloom {

class Segment {
 public:
  const std::string& file() const { return file_; }
  const std::string& path() const { return path_; }
  int fd() const { return fd_; }
  uint64_t size() const { return size_; }
  SegmentHeader* header() const { return static_cast<SegmentHeader*>(memory_); }
  template <class T>
  T* At(uint64_t offset) const {
    return reinterpret_cast<T*>(static_cast<char*>(memory_) + offset);
  }
  const std::shared_ptr<Registry>& registry() const { return registry_; }

  // Counts this process's uses of part `part` (an end, a cell); true when it is the first.
  bool Hold(uint64_t part);
  // True when it was the last.
  bool LetGo(uint64_t part);
  bool HoldsNothing() const { return parts_.empty(); }
  // Held while a part's first use is published or its last use withdrawn.
  std::mutex& parts_mutex() { return parts_mutex_; }

  // Gives up the file, and removes it if nobody else uses it and it has no lasting name; the memory stays mapped.
  void Retire();

  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

 private:
  friend class Segments;
  Segment() = default;

  std::shared_ptr<Registry> registry_;
  std::string file_;
  std::string path_;
  int fd_ = -1;
  void* memory_ = nullptr;
  uint64_t size_ = 0;
  std::mutex parts_mutex_;
  std::map<uint64_t, uint32_t> parts_;
};

using Fill = std::function<void(Segment&)>;

class Segments {
 public:
  // An anonymous segment of `size` bytes, filled by `fill` before anybody can see it.
  static Status Create(const std::shared_ptr<Registry>& registry, Kind kind, uint64_t size, const Fill& fill,
                       std::shared_ptr<Segment>* segment);
  // The same with a file name of the caller's; EXISTS when that is taken.
  static Status CreateNamed(const std::shared_ptr<Registry>& registry, const std::string& file, Kind kind,
                            uint64_t size, const Fill& fill, std::shared_ptr<Segment>* segment);
  // Opens by file name (kNONE: any kind).
  static Status Open(const std::shared_ptr<Registry>& registry, const std::string& file, Kind kind,
                     std::shared_ptr<Segment>* segment);
  // Retires all that this process has open: its end.
  static void RetireAll();
  // Removes a name; MISSING when there was none.
  static Status Unlink(Registry& registry, const std::string& name);
};

}  // namespace procloom
