#include "fuzz/segment-images.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/file-limit.h"
#include "fuzz/input.h"
#include "memory/arena.h"
#include "memory/sweep.h"
#include "os/file.h"
#include "ring/channel.h"

namespace procloom::fuzz {

namespace {

constexpr int kMostSteps = 100;
constexpr uint64_t kMostFileBytes = uint64_t{4} << 20;
constexpr Kind kKinds[] = {Kind::kARENA, Kind::kQUEUE, Kind::kPIPE, Kind::kVALUE, Kind::kCONDITION};
constexpr uint32_t kSlabs = 3;

class Scene {
 public:
  Scene(const test::Member& member, Input& input)
      : registry_(member.registry), me_(member.me), input_(input), made_(input.OneOf(kKinds)), taken_for_(Asked()) {}

  ~Scene() {
    segment_.reset();
    arena_.reset();
    os::RemoveFile(registry_->directory(), kFile);
  }

  void Run() {
    Make();
    DamageFile();
    if (made_ == Kind::kARENA && taken_for_ == Kind::kARENA) {
      if (!Failed(Arenas::Open(registry_, kFile, &arena_))) UseArena();
    } else if (!Failed(Segments::Open(registry_, kFile, taken_for_, &segment_))) {
      FUZZ_MUST(segment_->size() >= sizeof(SegmentHeader));
      Use();
    }
    ListSegments(*registry_);
    Sweep(*registry_);
  }

 private:
  static constexpr char kFile[] = "n.fuzzed";

  Kind Asked() {
    const uint8_t byte = input_.Byte();
    return byte < 128 ? made_ : byte == 255 ? Kind::kNONE : static_cast<Kind>(byte & 31);
  }

  void Make() {
    uint64_t size = 5000;
    if (made_ == Kind::kARENA) size = kArenaDataOffset + kSlabs * kSlabBytes;
    if (made_ == Kind::kQUEUE || made_ == Kind::kPIPE) size = kRingOffset + kFirstRingBytes;
    const auto fill = [&](Segment& fresh) {
      if (made_ == Kind::kARENA) fresh.At<ArenaWords<StdAtomics>>(0)->slabs = kSlabs;
      const ChannelShape shape{0, 0, kRingOffset, kRingOffset + kFirstRingBytes};
      if (made_ == Kind::kQUEUE) InitialiseChannel(fresh.At<QueueWords<StdAtomics>>(0)->channel, shape);
      if (made_ == Kind::kPIPE) InitialiseChannel(fresh.At<PipeWords<StdAtomics>>(0)->channel[0], shape);
    };
    std::shared_ptr<Segment> made;
    FUZZ_MUST(!Failed(Segments::CreateNamed(registry_, kFile, made_, size, fill, &made)));
  }

  // While nobody has it open: header, words, length.
  void DamageFile() {
    const int fd = openat(registry_->directory(), kFile, O_RDWR | O_CLOEXEC);
    FUZZ_MUST(fd >= 0);
    const uint32_t damages = input_.Choice(8);
    for (uint32_t i = 0; i < damages; i++) {
      if (input_.Choice(16) == 0) {
        const uint64_t length = input_.Number(3) % kMostFileBytes;
        FUZZ_MUST(ftruncate(fd, static_cast<off_t>(length)) == 0);
        continue;
      }
      const bool header = (input_.Byte() & 1) != 0;
      const uint64_t at = header ? input_.Choice(sizeof(SegmentHeader) / 4) * 4 : input_.Number(2) * 4;
      uint64_t number = 0;
      if (pread(fd, &number, sizeof number, static_cast<off_t>(at)) != sizeof number) continue;
      number = Damage(input_, number);
      FUZZ_MUST(pwrite(fd, &number, sizeof number, static_cast<off_t>(at)) == sizeof number);
    }
    os::CloseFile(fd);
  }

  void DamageMapped(const Segment& segment) {
    const uint64_t words = segment.size() / sizeof(uint64_t);
    // The first ones are more worth while.
    const uint64_t at = (input_.Byte() & 1) != 0 ? input_.Number(1) : input_.Number(2);
    if (at * sizeof(uint64_t) < sizeof(SegmentHeader) || at >= words) return;
    uint64_t& number = *segment.At<uint64_t>(at * sizeof(uint64_t));
    number = Damage(input_, number);
  }

  // ------------------------------------------------------------------------------------------------- arenas

  void UseArena() {
    std::vector<uint64_t> held;
    const Segment& segment = *arena_->segment();
    for (int step = 0; step < kMostSteps && !input_.AtEnd(); step++) {
      switch (input_.Choice(5)) {
        case 0: {
          const uint64_t bytes = input_.Number(2) % (kLargestBody + 1);
          const uint64_t offset = arena_->Allocate(bytes);
          if (offset == 0) break;
          held.push_back(offset);
          FUZZ_MUST(offset + sizeof(Cell) + bytes <= segment.size());
          std::memset(segment.At<char>(offset + sizeof(Cell)), 0x5a, bytes);
          break;
        }
        case 1:
          if (held.empty()) break;
          arena_->LetGo(held.back());
          held.pop_back();
          break;
        case 2: {
          const uint64_t offset = kArenaDataOffset + input_.Number(2) * 64;
          if (!arena_->IsCell(offset) || Failed(arena_->Hold(offset))) break;
          held.push_back(offset);
          FUZZ_MUST(offset + sizeof(Cell) <= segment.size());
          break;
        }
        case 3:
          arena_->SweepHolders();
          break;
        default:
          DamageMapped(segment);
      }
    }
    for (const uint64_t offset : held) arena_->LetGo(offset);
  }

  // --------------------------------------------------------------------------------------------- channels

  void Use() {
    if (made_ == Kind::kQUEUE && taken_for_ == Kind::kQUEUE)
      UseChannel(segment_->At<QueueWords<StdAtomics>>(0)->channel);
    if (made_ == Kind::kPIPE && taken_for_ == Kind::kPIPE)
      UseChannel(segment_->At<PipeWords<StdAtomics>>(0)->channel[0]);
  }

  void UseChannel(ChannelWords<StdAtomics>& words) {
    for (MutexWords<StdAtomics>* const lock : {&words.put_lock, &words.get_lock}) {
      if (registry_->Lives(lock->word & kTokenMask)) lock->word = 0;
    }
    Channel<StdAtomics> channel(&words, segment_.get(), nullptr, nullptr);
    const std::vector<char> message(input_.Byte());
    channel.Put(me_, message.data(), message.size(), 0, 0);
    channel.Get(me_, 0, [](const char* payload, uint64_t size, uint8_t) {
      const std::vector<char> bytes(payload, payload + size);
      return true;
    });
  }

  const std::shared_ptr<Registry>& registry_;
  const Waiter& me_;
  Input& input_;
  const Kind made_, taken_for_;
  std::shared_ptr<Segment> segment_;
  std::shared_ptr<Arena> arena_;
};

// Words of the registry that are not this process's slots, and questions to it in between.
void AskDamagedRegistry(const test::Member& member, Input& input) {
  constexpr uint32_t kOthers = 8;  // the slots of this process are before
  RegistryLayout& layout = member.registry->layout();
  const uint32_t high_water = layout.high_water;
  for (int step = 0; step < kMostSteps && !input.AtEnd(); step++) {
    const uint32_t index = kOthers + input.Choice(4);
    RegistrySlot& slot = layout.slots[index];
    switch (input.Choice(6)) {
      case 0:
        layout.high_water = static_cast<uint32_t>(Damage(input, layout.high_water));
        break;
      case 1: {
        std::atomic<uint32_t>* const words[] = {&slot.generation, &slot.pid,       &slot.bell,
                                                &slot.has_loop,   &slot.life.word, &slot.life.process};
        auto& word = *input.OneOf(words);
        word = static_cast<uint32_t>(Damage(input, word));
        break;
      }
      case 2:
        member.registry->RingAll(input.Choice(2) == 0 ? 0 : static_cast<uint32_t>(getpid()));
        break;
      case 3:
        FUZZ_MUST(!member.registry->Lives(MakeToken(slot.generation, index)));
        member.registry->Lives(input.Word());
        break;
      case 4:
        member.registry->Ring(MakeToken(slot.generation, index));
        member.registry->Ring(input.Word());
        break;
      default: {
        std::unique_ptr<Participant> other;
        if (!Failed(member.registry->Join(false, &other))) FUZZ_MUST(member.registry->Lives(other->token()));
      }
    }
  }
  FUZZ_MUST(member.registry->Lives(member.token()));
  for (uint32_t i = 0; i < 4; i++) {
    layout.slots[kOthers + i].~RegistrySlot();
    new (&layout.slots[kOthers + i]) RegistrySlot{};
  }
  layout.high_water = high_water;
}

}  // namespace

void RunSegmentImage(const test::Member& member, const uint8_t* bytes, size_t size) {
  const FileLimit limit(kMostFileBytes);
  Input input(bytes, size);
  if (input.Choice(5) == 0) {
    AskDamagedRegistry(member, input);
  } else {
    Scene(member, input).Run();
  }
}

}  // namespace procloom::fuzz
