#include "fuzz/ring-images.h"

#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "fuzz/file-limit.h"
#include "fuzz/input.h"
#include "fuzz/ring-damage.h"
#include "ring/channel.h"
#include "ring/tasks.h"

namespace procloom::fuzz {

namespace {

using ByteChannel = Channel<StdAtomics>;
using Words = ChannelWords<StdAtomics>;

constexpr int kMostSteps = 200;
constexpr uint64_t kMostBytesPut = uint64_t{3} << 20;
constexpr uint64_t kMostFileBytes = uint64_t{32} << 20;
// Further rings begin here and not terabytes behind: within what the files may grow to.
constexpr uint64_t kGrowFrom = uint64_t{1} << 20;

// The bytes of a message: all the same, so that one look tells which it is.
struct Sent {
  uint64_t size;
  uint8_t codec;
  uint8_t filling;
};

// One who takes part, with what it has in place.
struct Party {
  std::unique_ptr<ByteChannel> channels[2];
  ByteChannel *from = nullptr, *to = nullptr;
  std::deque<Sent>*incoming = nullptr, *outgoing = nullptr;
  char* reserved = nullptr;
  uint64_t reserved_size = 0;
  std::shared_ptr<void> reserved_mapping;
  const char* borrowed = nullptr;
  uint64_t borrowed_size = 0;
  uint8_t borrowed_codec = 0;
  std::shared_ptr<void> borrowed_mapping;
};

class Scene {
 public:
  Scene(const test::Member& member, Input& input) : member_(member), me_(member.me), input_(input) {
    const uint8_t shape = input_.Byte();
    pipe_ = (shape & 1) != 0;
    constexpr uint32_t kItems[] = {0, 1, 3, 1000};
    constexpr uint64_t kCapacities[] = {0, 64, 4096, 100'000};
    const uint32_t items = pipe_ ? 0 : kItems[shape >> 1 & 3];
    const uint64_t capacity = kCapacities[shape >> 3 & 3];
    const uint32_t channels = pipe_ ? 2 : 1;
    const auto offset = [](uint32_t channel) { return kRingOffset + channel * kFirstRingBytes; };
    const auto fill = [&](Segment& fresh) {
      if (pipe_) fresh.At<PipeWords<StdAtomics>>(0)->duplex = 1;
      for (uint32_t i = 0; i < channels; i++)
        InitialiseChannel(WordsOf(fresh, i), {items, capacity, offset(i), kGrowFrom + i * kMostFileBytes / 2});
    };
    FUZZ_MUST(!Failed(
        Segments::Create(member.registry, pipe_ ? Kind::kPIPE : Kind::kQUEUE, offset(channels), fill, &segment_)));
    for (uint32_t i = 0; pipe_ && i < 2; i++) {
      auto& words = *segment_->At<PipeWords<StdAtomics>>(0);
      ends_[i].emplace(&words.end[i], &words.end_flights[i]);
      ends_[i]->Add(*member.registry, member.registry->process_token());
    }
    for (uint32_t i = 0; i < 2; i++) Enter(i);
    if (!pipe_) {
      segment_->At<QueueWords<StdAtomics>>(0)->tasks.by_hand = shape >> 5 & 1;
      auto& words = *segment_->At<QueueWords<StdAtomics>>(0);
      tasks_.emplace(words.tasks, words.channel);
    }
  }

  ~Scene() {
    for (uint32_t i = 0; i < 2; i++) Leave(i);
    // Damaged or not: as nobody else has it open, it goes.
    segment_->header()->flights.store(0, std::memory_order_seq_cst);
  }

  void Run() {
    for (int step = 0; step < kMostSteps && !input_.AtEnd(); step++) Step();
  }

 private:
  Words& WordsOf(const Segment& segment, uint32_t i) const {
    return pipe_ ? segment.At<PipeWords<StdAtomics>>(0)->channel[i] : segment.At<QueueWords<StdAtomics>>(0)->channel;
  }
  Words& WordsOf(uint32_t i) const { return WordsOf(*segment_, pipe_ ? i : 0); }

  // A party as if it had just opened the object: nothing mapped, nothing remembered.
  void Enter(uint32_t i) {
    Party& party = parties_[i];
    if (pipe_) {
      auto& words = *segment_->At<PipeWords<StdAtomics>>(0);
      party.channels[0] = std::make_unique<ByteChannel>(&words.channel[i], segment_.get(), &*ends_[1 - i], &*ends_[i]);
      party.channels[1] =
          std::make_unique<ByteChannel>(&words.channel[1 - i], segment_.get(), &*ends_[i], &*ends_[1 - i]);
    } else {
      party.channels[0] = std::make_unique<ByteChannel>(&WordsOf(0), segment_.get(), nullptr, nullptr);
    }
    party.from = party.channels[0].get();
    party.to = pipe_ ? party.channels[1].get() : party.from;
    party.incoming = &queued_[pipe_ ? i : 0];
    party.outgoing = &queued_[pipe_ ? 1 - i : 0];
  }

  void Leave(uint32_t i) {
    Party& party = parties_[i];
    for (const auto& channel : party.channels) {
      if (channel) channel->Close(*member_.registry);
    }
    party = Party();
  }

  // ------------------------------------------------------------------------------------------------- verbs

  void Step() {
    const uint8_t operation = input_.Byte();
    const uint32_t who = operation >> 7;
    Party& party = parties_[who];
    switch (operation % 19) {
      case 0:
      case 1:
        return Put(party, Size());
      case 2:
      case 3:
        return Get(party, ~uint64_t{0});
      case 4:
        return Get(party, Size());
      case 5:
        return Reserve(party);
      case 6:
        return Publish(party, input_.Byte());
      case 7:
        return Borrow(party, operation / 19 % 2 != 0);
      case 8:
        return EndLoan(party, (input_.Byte() & 1) != 0);
      case 9:
        return Count(party);
      case 10:
        return Tasks();
      case 11:
        if (input_.Choice(8) == 0) ShutDown(party);
        return;
      case 12:
        return Watch(party);
      case 13:
        Leave(who);
        return Enter(who);
      case 14:
        return MoveEnd(who);
      default:
        damaged_ = true;
        DamageImage(operation % 19);
        return SpareTheLiving();
    }
  }

  uint64_t Size() {
    switch (input_.Choice(24)) {
      case 0:
        return 0;
      case 1:
        return kFirstRingBytes - 64 + input_.Byte();  // about what a first ring holds
      case 2:
        return input_.Number(2);
      case 3:
        return 300'000;  // one of the large ones, which grow the ring; they are slow
      default:
        return input_.Byte();
    }
  }

  void Put(Party& party, uint64_t size) {
    if (!MayPut(size)) return;
    const Sent sent{size, static_cast<uint8_t>(size % 5), ++filling_};
    const std::vector<char> bytes(size, static_cast<char>(sent.filling));
    const Status status = party.to->Put(me_, bytes.data(), size, sent.codec, 0);
    if (status == Status::kOK) party.outgoing->push_back(sent);
    Expect(status, {Status::kOK, Status::kTIMEOUT, Status::kBROKEN, Status::kSHUT_DOWN});
  }

  bool MayPut(uint64_t size) {
    if (bytes_put_ + size > kMostBytesPut) return false;
    bytes_put_ += size;
    return true;
  }

  void Get(Party& party, uint64_t room) {
    std::optional<Sent> got;
    const Status status = party.from->Get(me_, 0, [&](const char* payload, uint64_t size, uint8_t codec) {
      if (size > room) return false;
      // As the binding takes it: into memory of exactly that size.
      const std::vector<char> bytes(payload, payload + size);
      got = Sent{size, codec, size == 0 ? uint8_t{0} : static_cast<uint8_t>(bytes[0])};
      if (!damaged_) {
        for (const char byte : bytes) FUZZ_MUST(byte == bytes[0]);
      }
      if (tasks_) FUZZ_MUST(damaged_ || tasks_->Take(me_) == Status::kOK);
      return true;
    });
    FUZZ_MUST((status == Status::kOK) == got.has_value());
    Expect(status, {Status::kOK, Status::kTIMEOUT, Status::kTOO_LONG, Status::kEND, Status::kSHUT_DOWN});
    if (status == Status::kOK) Received(party, *got);
  }

  void Received(Party& party, const Sent& got) {
    if (damaged_) return;
    FUZZ_MUST(!party.incoming->empty());
    const Sent sent = party.incoming->front();
    party.incoming->pop_front();
    FUZZ_MUST(got.size == sent.size && got.codec == sent.codec && (got.size == 0 || got.filling == sent.filling));
  }

  void Reserve(Party& party) {
    const uint64_t size = Size();
    if (party.reserved != nullptr || !MayPut(size)) return;
    char* place = nullptr;
    const Status status = party.to->sender().Reserve(me_, size, 0, &place);
    Expect(status, {Status::kOK, Status::kTIMEOUT, Status::kBROKEN, Status::kSHUT_DOWN});
    if (status != Status::kOK) return;
    party.reserved = place;
    party.reserved_size = size;
    party.reserved_mapping = party.to->sender().mapping();
  }

  void Publish(Party& party, uint8_t how) {
    if (party.reserved == nullptr) return;
    const Sent sent{how % 3 == 0 ? party.reserved_size / 2 : party.reserved_size, 0, ++filling_};
    std::memset(party.reserved, sent.filling, party.reserved_size);
    // As the binding does: the buffer, and with it its hold of the mapping, goes first.
    party.reserved = nullptr;
    party.reserved_mapping.reset();
    if (how % 5 == 4) return party.to->sender().GiveUp(me_);
    const Status status = party.to->sender().Publish(me_, sent.size);
    if (status == Status::kOK) party.outgoing->push_back(sent);
    Expect(status, {Status::kOK, Status::kBROKEN, Status::kSHUT_DOWN});
  }

  void Borrow(Party& party, bool values) {
    if (party.borrowed != nullptr) return;
    const char* payload = nullptr;
    uint64_t size = 0;
    const Status status = party.from->receiver().Borrow(me_, 0, values, &payload, &size);
    FUZZ_MUST(!values || status != Status::kNOT_BYTES);
    Expect(status, {Status::kOK, Status::kTIMEOUT, Status::kNOT_BYTES, Status::kEND, Status::kSHUT_DOWN});
    if (status != Status::kOK) return;
    party.borrowed = payload;
    party.borrowed_size = size;
    party.borrowed_codec = party.from->receiver().borrowed_codec();
    FUZZ_MUST(values || party.borrowed_codec == 0);
    party.borrowed_mapping = party.from->receiver().mapping();
  }

  void EndLoan(Party& party, bool consumed) {
    if (party.borrowed == nullptr) return;
    const std::vector<char> bytes(party.borrowed, party.borrowed + party.borrowed_size);
    party.borrowed = nullptr;
    party.borrowed_mapping.reset();
    if (!consumed) return party.from->receiver().Keep(me_);
    party.from->receiver().Return(me_);
    Received(party, {bytes.size(), party.borrowed_codec, bytes.empty() ? uint8_t{0} : static_cast<uint8_t>(bytes[0])});
  }

  void Count(Party& party) {
    const uint64_t items = party.from->Items();
    const bool full = party.to->Full();
    FUZZ_MUST(items <= kItemsMask);
    if (damaged_ || shut_down_) return;
    FUZZ_MUST(items == party.incoming->size());
    const uint32_t most = WordsOf(0).maximum_items;
    FUZZ_MUST(most == 0 || items <= most);
    FUZZ_MUST(most == 0 || items < most || full);
  }

  void Tasks() {
    if (!tasks_) return;
    FUZZ_MUST(damaged_ || tasks_->Unfinished() <= kItemsMask);
    const Status status = tasks_->Done(me_);
    FUZZ_MUST(status == Status::kOK || status == Status::kOVERFLOW);
    Spinner spinner;
    tasks_->Join(me_, 0, spinner);
    tasks_->Settle(*member_.registry);
    tasks_->Watch(me_);
    tasks_->Unwatch(me_);
  }

  void ShutDown(Party& party) {
    // Only queues are shut down, and only pipes have messages in place: nothing knows what is to become of both.
    const auto in_place = [](const Party& one) { return one.reserved != nullptr || one.borrowed != nullptr; };
    if (pipe_ || in_place(parties_[0]) || in_place(parties_[1])) return;
    shut_down_ = true;
    const bool immediate = (input_.Byte() & 1) != 0;
    // What would have to be dropped one by one, thousands of millions of times, comes to its end as well, but not here.
    if (immediate && damaged_ && ClaimedItems() > 100'000) return;
    if (immediate) queued_[0].clear();
    if (immediate) {
      party.to->ShutDownNow(me_);
    } else {
      party.to->ShutDown(me_);
    }
  }

  uint64_t ClaimedItems() const {
    const Words& words = WordsOf(0);
    return ItemDistance(Commit::Of(words.head).items, Commit::Of(words.tail).items);
  }

  void Watch(Party& party) {
    const uint8_t which = input_.Byte();
    if ((which & 1) != 0) party.from->WatchReadable(me_);
    if ((which & 2) != 0) party.to->WatchWritable(me_);
    if ((which & 4) != 0) party.from->UnwatchReadable(me_);
    if ((which & 8) != 0) party.to->UnwatchWritable(me_);
    if ((which & 16) != 0) party.to->WakeAll(*member_.registry);
  }

  // The end of a pipe is given up, taken again, or travels.
  void MoveEnd(uint32_t who) {
    if (!pipe_) return;
    switch (input_.Choice(4)) {
      case 0:
        return ends_[who]->Remove(member_.registry->process_token());
      case 1:
        return ends_[who]->Add(*member_.registry, member_.registry->process_token());
      case 2:
        return ends_[who]->BeginFlight();
      default:
        return ends_[who]->EndFlight();
    }
  }

  // An undamaged channel gives no other answers than these.
  void Expect(Status status, std::initializer_list<Status> answers) const {
    if (damaged_) return;
    for (const Status answer : answers) {
      if (status == answer) return;
    }
    std::fprintf(stderr, "status %d\n", static_cast<int>(status));
    FUZZ_MUST(!"a status that an undamaged channel gives");
  }

  void DamageImage(uint32_t how) {
    Words& words = WordsOf(input_.Choice(2));
    if (how == 15) return DamageRecord(input_, *segment_, words, kGrowFrom, kMostFileBytes);
    if (how == 16) return DamageWord(input_, words);
    if (how == 17) return MoveWord(input_, words);
    DamageMapped(input_, *segment_);
  }

  void SpareTheLiving() {
    const auto spare = [&](MutexWords<StdAtomics>& lock) {
      if (SlotOf(lock.word) != SlotOf(me_.token) && member_.registry->Lives(lock.word & kTokenMask)) lock.word = 0;
    };
    for (uint32_t i = 0; i < 2; i++) {
      spare(WordsOf(i).put_lock);
      spare(WordsOf(i).get_lock);
    }
  }

  const test::Member& member_;
  const Waiter& me_;
  Input& input_;
  bool pipe_ = false;
  bool damaged_ = false, shut_down_ = false;
  uint8_t filling_ = 0;
  uint64_t bytes_put_ = 0;
  std::shared_ptr<Segment> segment_;
  std::optional<Ends<StdAtomics>> ends_[2];
  std::optional<procloom::Tasks<StdAtomics>> tasks_;
  std::deque<Sent> queued_[2];
  Party parties_[2];
};

}  // namespace

void RunRingImage(const test::Member& member, const uint8_t* bytes, size_t size) {
  const FileLimit limit(kMostFileBytes);
  Input input(bytes, size);
  Scene scene(member, input);
  scene.Run();
}

}  // namespace procloom::fuzz
