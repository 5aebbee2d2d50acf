#include "memory/arena.h"

#include <algorithm>
#include <map>

#include "os/failure.h"
#include "os/file.h"

namespace procloom {

namespace {

constexpr uint32_t kFirstSlabs = 14;      // with its header just under 64 KiB
constexpr uint32_t kLargestSlabs = 2048;  // 8 MiB

uint32_t ClassOf(uint64_t body_bytes) {
  uint32_t cell_class = 0;
  while (kCellBytes[cell_class] - sizeof(Cell) < body_bytes) cell_class++;
  return cell_class;
}

uint64_t SlabOffset(uint32_t slab) { return kArenaDataOffset + uint64_t{slab} * kSlabBytes; }

}  // namespace

// ------------------------------------------------------------------------------------------------ one arena

Status Arena::Create(const std::shared_ptr<Registry>& registry, uint32_t slabs, std::shared_ptr<Arena>* arena) {
  std::shared_ptr<Segment> segment;
  const Status status = Segments::Create(
      registry, Kind::kARENA, SlabOffset(slabs),
      [slabs](Segment& fresh) { fresh.At<ArenaWords<StdAtomics>>(0)->slabs = slabs; }, &segment);
  if (Failed(status)) return status;
  return Attach(std::move(segment), arena);
}

Status Arena::Attach(std::shared_ptr<Segment> segment, std::shared_ptr<Arena>* arena) {
  std::shared_ptr<Arena> attached(new Arena);
  attached->words_ = segment->At<ArenaWords<StdAtomics>>(0);
  attached->segment_ = std::move(segment);
  const uint32_t slabs = attached->slabs_ = attached->words_->slabs;
  if (slabs > kMaximumSlabs || SlabOffset(slabs) > attached->segment_->size()) {
    attached->words_ = nullptr;
    return os::Fail(Status::kDAMAGED, attached->segment_->path(),
                    "it has " + std::to_string(slabs) + " slabs, more than fit");
  }
  if (const Status status = attached->Claim(); Failed(status)) return status;
  *arena = std::move(attached);
  return Status::kOK;
}

Status Arena::Claim() {
  if (const Status status = os::LockByte(segment_->fd(), kClaimLockByte, os::LockMode::kExclusive); Failed(status))
    return status;
  SweepLocked();
  const Token own = segment_->registry()->process_token();
  for (uint32_t i = 0; i < kArenaHolders && index_ == kOverflowHolder; i++) {
    if (words_->holders[i].load(std::memory_order_relaxed) != 0) continue;
    words_->holders[i].store(own, std::memory_order_release);
    index_ = i;
  }
  if (index_ == kOverflowHolder) words_->holder_overflow.store(1, std::memory_order_relaxed);
  os::TryLockByte(segment_->fd(), kClaimLockByte, os::LockMode::kNone);
  return Status::kOK;
}

void Arena::SweepLocked() {
  uint64_t dead = 0;
  for (uint32_t i = 0; i < kArenaHolders; i++) {
    const Token token = words_->holders[i].load(std::memory_order_acquire);
    if (token != 0 && !segment_->registry()->Lives(token)) dead |= uint64_t{1} << i;
  }
  if (dead == 0) return;
  for (uint32_t slab = 0; slab < slabs_; slab++) {
    const uint8_t assigned = words_->slab_class[slab].load(std::memory_order_acquire);
    if (assigned == 0 || assigned > kCellClasses) continue;
    const uint32_t bytes = kCellBytes[assigned - 1];
    for (uint32_t at = 0; at + bytes <= kSlabBytes; at += bytes) {
      Cell* const cell = At(SlabOffset(slab) + at);
      if ((cell->holders.load(std::memory_order_relaxed) & dead) != 0)
        cell->holders.fetch_and(~dead, std::memory_order_acq_rel);
    }
  }
  // Only now are the places free: who dies before leaves them to the next sweep.
  for (uint32_t i = 0; i < kArenaHolders; i++) {
    if ((dead >> i & 1) != 0) words_->holders[i].store(0, std::memory_order_release);
  }
}

bool Arena::SweepHolders() {
  bool found = false;
  for (uint32_t i = 0; i < kArenaHolders && !found; i++) {
    const Token token = words_->holders[i].load(std::memory_order_acquire);
    found = token != 0 && !segment_->registry()->Lives(token);
  }
  if (!found) return false;
  std::lock_guard guard(mutex_);  // the byte lock belongs to the opening, which all threads share
  if (Failed(os::LockByte(segment_->fd(), kClaimLockByte, os::LockMode::kExclusive))) return false;
  SweepLocked();
  os::TryLockByte(segment_->fd(), kClaimLockByte, os::LockMode::kNone);
  std::fill(std::begin(cursor_slab_), std::end(cursor_slab_), 0u);
  std::fill(std::begin(cursor_cell_), std::end(cursor_cell_), 0u);
  return true;
}

Arena::~Arena() {
  if (words_ == nullptr || index_ == kOverflowHolder) return;
  // Cells were let go one by one before; the place itself is free for others now.
  words_->holders[index_].store(0, std::memory_order_release);
}

bool Arena::TakeCell(Cell* cell) {
  if (cell->flights.load(std::memory_order_acquire) != 0) return false;
  uint64_t nobody = 0;
  if (!cell->holders.compare_exchange_strong(nobody, OwnBit(), std::memory_order_acq_rel)) return false;
  // Between our two looks it may have been taken, sent on its way and closed; then it is another's. Who takes it
  // from there sets its bit before it ends the flight, so looking at the flights first misses neither.
  if (cell->flights.load(std::memory_order_seq_cst) == 0 && cell->holders.load(std::memory_order_seq_cst) == OwnBit()) {
    cell->kind.store(0, std::memory_order_relaxed);
    return true;
  }
  cell->holders.fetch_and(~OwnBit(), std::memory_order_acq_rel);
  return false;
}

uint64_t Arena::Allocate(uint64_t body_bytes) {
  std::lock_guard guard(mutex_);
  if (index_ == kOverflowHolder) return 0;  // what is held by that bit is never given back: use an arena of our own
  const uint32_t cell_class = ClassOf(body_bytes);
  const uint32_t bytes = kCellBytes[cell_class];
  for (uint32_t& slab = cursor_slab_[cell_class]; slab < slabs_; slab++, cursor_cell_[cell_class] = 0) {
    uint8_t assigned = words_->slab_class[slab].load(std::memory_order_acquire);
    if (assigned == 0 &&
        words_->slab_class[slab].compare_exchange_strong(assigned, static_cast<uint8_t>(cell_class + 1))) {
      assigned = static_cast<uint8_t>(cell_class + 1);
    }
    if (assigned != cell_class + 1) continue;
    for (uint32_t& cell = cursor_cell_[cell_class]; (cell + 1) * bytes <= kSlabBytes;) {
      const uint64_t offset = SlabOffset(slab) + uint64_t{cell} * bytes;
      cell++;
      if (!TakeCell(At(offset))) continue;
      std::lock_guard parts(segment_->parts_mutex());
      segment_->Hold(offset);
      return offset;
    }
  }
  return 0;
}

bool Arena::IsCell(uint64_t offset) const {
  if (offset < kArenaDataOffset || offset >= SlabOffset(slabs_)) return false;
  const uint8_t assigned = words_->slab_class[(offset - kArenaDataOffset) / kSlabBytes].load(std::memory_order_acquire);
  if (assigned == 0 || assigned > kCellClasses) return false;
  const uint64_t within = (offset - kArenaDataOffset) % kSlabBytes;
  return within % kCellBytes[assigned - 1] == 0 && within + kCellBytes[assigned - 1] <= kSlabBytes;
}

Status Arena::Hold(uint64_t offset) {
  std::lock_guard parts(segment_->parts_mutex());
  if (!segment_->Hold(offset)) return Status::kOK;
  Cell* const cell = At(offset);
  uint64_t holders = cell->holders.load(std::memory_order_acquire);
  while (holders != 0 || cell->flights.load(std::memory_order_acquire) != 0) {
    if (cell->holders.compare_exchange_weak(holders, holders | OwnBit(), std::memory_order_acq_rel)) return Status::kOK;
  }
  segment_->LetGo(offset);
  return os::Fail(Status::kMISSING, segment_->path(), "every holder of the object has closed it");
}

void Arena::LetGo(uint64_t offset) {
  bool last;
  {
    std::lock_guard parts(segment_->parts_mutex());
    last = segment_->LetGo(offset);
    if (last && index_ != kOverflowHolder) At(offset)->holders.fetch_and(~OwnBit(), std::memory_order_acq_rel);
  }
  if (!last) return;
  std::lock_guard guard(mutex_);
  // The next search of its class begins here, if it would begin behind it.
  const uint32_t slab = static_cast<uint32_t>((offset - kArenaDataOffset) / kSlabBytes);
  const uint8_t assigned = words_->slab_class[slab].load(std::memory_order_acquire);
  if (assigned == 0 || assigned > kCellClasses) return;
  const uint32_t cell = static_cast<uint32_t>((offset - SlabOffset(slab)) / kCellBytes[assigned - 1]);
  uint32_t& cursor_slab = cursor_slab_[assigned - 1];
  uint32_t& cursor_cell = cursor_cell_[assigned - 1];
  if (slab < cursor_slab || (slab == cursor_slab && cell < cursor_cell)) {
    cursor_slab = slab;
    cursor_cell = cell;
  }
}

bool Arena::HoldsNothing() {
  std::lock_guard parts(segment_->parts_mutex());
  return segment_->HoldsNothing();
}

// ----------------------------------------------------------------------------------- those of this process

namespace {

std::mutex arenas_mutex;

struct Table {
  std::vector<std::shared_ptr<Arena>> own;               // made here, the largest last
  std::map<std::string, std::weak_ptr<Arena>> attached;  // all, by path
};
Table& All() {
  static auto* const table = new Table;  // never destroyed: used until the very end
  return *table;
}

}  // namespace

Status Arenas::Allocate(const std::shared_ptr<Registry>& registry, uint64_t body_bytes, std::shared_ptr<Arena>* arena,
                        uint64_t* offset) {
  std::lock_guard guard(arenas_mutex);
  std::vector<std::shared_ptr<Arena>>& own = All().own;
  // The newest first: it is the one with room, as a rule.
  for (int round = 0; round < 2; round++) {
    for (auto candidate = own.rbegin(); candidate != own.rend(); ++candidate) {
      if (round == 1 && !(*candidate)->SweepHolders()) continue;
      *offset = (*candidate)->Allocate(body_bytes);
      if (*offset == 0) continue;
      *arena = *candidate;
      return Status::kOK;
    }
  }
  const uint32_t slabs = own.empty() ? kFirstSlabs : std::min(own.back()->slabs() * 2, kLargestSlabs);
  std::shared_ptr<Arena> fresh;
  if (const Status status = Arena::Create(registry, slabs, &fresh); Failed(status)) return status;
  own.push_back(fresh);
  All().attached[fresh->segment()->path()] = fresh;
  *offset = fresh->Allocate(body_bytes);
  *arena = std::move(fresh);
  return *offset == 0 ? Status::kNO_SPACE : Status::kOK;
}

Status Arenas::Open(const std::shared_ptr<Registry>& registry, const std::string& file, std::shared_ptr<Arena>* arena) {
  std::lock_guard guard(arenas_mutex);
  const std::string path = registry->directory_path() + "/" + file;
  std::weak_ptr<Arena>& known = All().attached[path];
  *arena = known.lock();
  if (*arena) return Status::kOK;
  std::shared_ptr<Segment> segment;
  Status status = Segments::Open(registry, file, Kind::kARENA, &segment);
  if (!Failed(status)) status = Arena::Attach(std::move(segment), arena);
  if (Failed(status)) {
    All().attached.erase(path);
  } else {
    known = *arena;
  }
  return status;
}

void Arenas::Trim(const std::shared_ptr<Arena>& arena) {
  std::shared_ptr<Arena> dropped;  // let go after the mutex
  std::lock_guard guard(arenas_mutex);
  std::vector<std::shared_ptr<Arena>>& own = All().own;
  if (own.size() < 2 || arena == own.front() || !arena->HoldsNothing()) return;
  const auto found = std::find(own.begin(), own.end(), arena);
  if (found == own.end()) return;
  dropped = *found;
  own.erase(found);
  All().attached.erase(arena->segment()->path());
}

void Arenas::DropOwn() {
  std::vector<std::shared_ptr<Arena>> dropped;
  std::lock_guard guard(arenas_mutex);
  dropped.swap(All().own);
  All().attached.clear();
}

}  // namespace procloom
