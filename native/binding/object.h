// Shared objects as one environment has them open.
//
// Thread safety: none; each environment has its own.
#pragma once

#include <memory>
#include <string>

#include "layout/kind.h"
#include "memory/arena.h"
#include "memory/segment.h"
#include "ring/channel.h"
#include "ring/tasks.h"
#include "sync/barrier.h"
#include "sync/condition.h"
#include "sync/event.h"
#include "sync/mutex.h"
#include "sync/owned-permits.h"
#include "sync/semaphore.h"

namespace procloom {

using LockWords = MutexWords<StdAtomics>;
using PermitWords = SemaphoreWords<StdAtomics>;
using FlagWords = EventWords<StdAtomics>;
using MeetingWords = BarrierWords<StdAtomics>;

// Where an object lives: a cell of an arena, a segment of its own, or an end of a pipe. Holds it while it lives.
class Place {
 public:
  // A cell of an arena that has been taken (by Allocate) or held for us.
  static Place InArena(std::shared_ptr<Arena> arena, uint64_t offset);
  // Part `part` of a segment of its own.
  static Place Alone(std::shared_ptr<Segment> segment, uint64_t part);

  // One more hold of the same place.
  Place Again() const;
  void LetGo();

  const std::shared_ptr<Segment>& segment() const { return segment_; }
  uint64_t part() const { return part_; }
  bool in_arena() const { return arena_ != nullptr; }
  // The cell's body.
  template <class T>
  T* Body() const {
    return segment_->At<T>(CellOffset() + sizeof(Cell));
  }
  // Bytes from there to the end of the segment.
  uint64_t BodyRoom() const { return segment_->size() - CellOffset() - sizeof(Cell); }
  Cell* cell() const { return segment_->At<Cell>(CellOffset()); }
  std::string Reference() const;
  void BeginFlight() const;
  void EndFlight() const;

  Place(Place&& other) noexcept = default;
  Place& operator=(Place&& other) noexcept = default;
  ~Place() { LetGo(); }

 private:
  Place() = default;
  uint64_t CellOffset() const { return in_arena() ? part_ : kSoloCellOffset; }
  std::shared_ptr<Arena> arena_;
  std::shared_ptr<Segment> segment_;
  uint64_t part_ = 0;
};

// The points of an object for which a loop can wait; the same numbers as POINT_* in lib/addon/native.ts.
enum Point : uint32_t {
  kPointAcquire = 0,
  kPointRead = 0,
  kPointArrive = 0,
  kPointNotified = 0,
  kPointWrite = 1,
  kPointPass = 1,
  kPointJoin = 2,
  kPoints = 3,
};

// Which struct an object is, in bits: a hot verb's check of its handle.
enum ObjectType : uint32_t {
  kLockType = 1,
  kSemaphoreType = 2,
  kMemoryType = 4,
  kPipeType = 8,
  kQueueType = 16,
  kEventType = 32,
  kConditionType = 64,
  kBarrierType = 128,
  kOwnedPermitsType = 256,
  kDescriptorType = 512,
};

struct Object {
  Object(Kind object_kind, ObjectType object_type, Place where)
      : kind(object_kind), type(object_type), place(std::move(where)) {}
  virtual ~Object() = default;

  virtual void Watch(const Waiter& me, uint32_t point) = 0;
  virtual void Unwatch(const Waiter& me, uint32_t point) = 0;
  virtual std::string Reference() const { return place.Reference(); }
  // It is put into a message that lies at `carrier` (null: at something that was closed, so it will not be put).
  virtual void BeginFlight(const Place* /*carrier*/) { place.BeginFlight(); }
  virtual void EndFlight() { place.EndFlight(); }

  const Kind kind;
  const ObjectType type;
  Place place;
  uint32_t opens = 1;
  // Points that a line of promises of this environment hangs on (lib/sync/loop-waits.ts): who then takes has slept.
  bool watched[kPoints] = {};
  // The turn of the bell in which that began: since a later one, it really was rung, or it was time to look.
  uint32_t watched_turn[kPoints] = {};
};

// One whose words are all that there is to wait for: whatever the point.
template <template <class> class Algorithm, ObjectType kType>
struct WaitedObject : Object {
  using Words = typename Algorithm<StdAtomics>::Words;
  static constexpr uint32_t kTypes = kType;
  WaitedObject(Kind kind, Place where) : Object(kind, kType, std::move(where)), words(*place.Body<Words>()) {}
  void Watch(const Waiter& me, uint32_t) override { Algorithm<StdAtomics>::Watch(words, me); }
  void Unwatch(const Waiter& me, uint32_t) override { Algorithm<StdAtomics>::Unwatch(words, me); }
  Words& words;
  Spinner spinner;
};

using LockObject = WaitedObject<Mutex, kLockType>;
using SemaphoreObject = WaitedObject<procloom::Semaphore, kSemaphoreType>;
using OwnedPermitsObject = WaitedObject<OwnedPermits, kOwnedPermitsType>;
using EventObject = WaitedObject<Event, kEventType>;

// Whether the words of a barrier lie within the `room` bytes up to the end of its segment.
inline bool Sound(const MeetingWords& words, uint64_t room) {
  return words.parties >= 1 && words.parties <= kMaximumParties && BarrierBytes(words.parties, 0) <= room &&
         words.policy_bytes <= room - BarrierBytes(words.parties, 0);
}

struct BarrierObject : Object {
  static constexpr uint32_t kTypes = kBarrierType;
  BarrierObject(Kind kind, Place where)
      : Object(kind, kBarrierType, std::move(where)), words(*place.Body<MeetingWords>()) {}
  // Both points are moves of one word.
  void Watch(const Waiter& me, uint32_t) override { Barrier<StdAtomics>::Watch(words, me); }
  void Unwatch(const Waiter& me, uint32_t point) override {
    if (!watched[1 - point]) Barrier<StdAtomics>::Unwatch(words, me);
  }
  bool Sound() const { return procloom::Sound(words, place.BodyRoom()); }
  std::string Policy() const {
    return std::string(reinterpret_cast<const char*>(BarrierCells(words) + words.parties), words.policy_bytes);
  }
  MeetingWords& words;
  Spinner spinner;
};

// Nothing need be said of a loop that waits: its cell names the environment that is to be rung.
struct ConditionObject : Object {
  static constexpr uint32_t kTypes = kConditionType;
  ConditionObject(Kind kind, Place where)
      : Object(kind, kConditionType, std::move(where)), words(*place.Body<ConditionWords<StdAtomics>>()) {}
  void Watch(const Waiter&, uint32_t) override {}
  void Unwatch(const Waiter&, uint32_t) override {}
  ConditionWords<StdAtomics>& words;
  uint32_t own_cell = 0;  // where it was last
  Spinner spinner;
};

// Whether what the head of a memory says lies within the `room` bytes up to the end of its segment.
inline bool Sound(const MemoryBody& body, uint64_t room) {
  return sizeof body + uint64_t{body.shape_bytes} <= body.data_offset && body.data_offset <= room &&
         body.data_bytes <= room - body.data_offset;
}

struct MemoryObject : Object {
  static constexpr uint32_t kTypes = kMemoryType;
  MemoryObject(Kind kind, Place where) : Object(kind, kMemoryType, std::move(where)), body(*place.Body<MemoryBody>()) {}
  void Watch(const Waiter&, uint32_t) override {}
  void Unwatch(const Waiter&, uint32_t) override {}
  std::string Shape() const { return std::string(reinterpret_cast<const char*>(&body + 1), body.shape_bytes); }
  bool Sound() const { return procloom::Sound(body, place.BodyRoom()); }
  void* Data() const { return reinterpret_cast<char*>(&body) + body.data_offset; }
  MemoryBody& body;
  bool created = false;
  void* buffer = nullptr;  // napi_ref of its ArrayBuffer, weak
  struct BufferHold* hold = nullptr;
};

using ByteChannel = Channel<StdAtomics>;

// An end of a pipe, or a queue.
struct ChannelObject : Object {
  static constexpr uint32_t kTypes = kPipeType | kQueueType;
  using Object::Object;
  void Watch(const Waiter& me, uint32_t point) override;
  void Unwatch(const Waiter& me, uint32_t point) override;
  // Null: that direction is not there. A queue's are the same channel.
  ByteChannel* from = nullptr;
  ByteChannel* to = nullptr;

 protected:
  std::unique_ptr<ByteChannel> channels_[2];
};

struct PipeEnd : ChannelObject {
  PipeEnd(Place where, uint32_t end_index);
  ~PipeEnd() override;
  void BeginFlight(const Place* carrier) override;
  void EndFlight() override;
  void CloseEnd(Registry& registry);
  const uint32_t end;
  PipeWords<StdAtomics>& words;
  Ends<StdAtomics> ends[2];
};

struct QueueObject : ChannelObject {
  static constexpr uint32_t kTypes = kQueueType;
  QueueObject(Kind kind, Place where);
  void Watch(const Waiter& me, uint32_t point) override;
  void Unwatch(const Waiter& me, uint32_t point) override;
  QueueWords<StdAtomics>& words;
  Tasks<StdAtomics> tasks;
  Spinner join_spinner;
};

// What is got of a JoinableQueue is in hand before it leaves the queue: OK, LIMIT.
Status TakeInHand(ChannelObject& object, const Waiter& me);
// What was taken so stays in the queue.
void LayDown(ChannelObject& object, const Waiter& me);

}  // namespace procloom
