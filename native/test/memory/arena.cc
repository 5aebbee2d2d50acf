#include "memory/arena.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "memory/sweep.h"
#include "os/failure.h"
#include "test/support/member.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

struct Taken {
  std::shared_ptr<Arena> arena;
  uint64_t offset;
};

Taken Take(const Member& member, uint64_t body_bytes) {
  Taken cell{nullptr, 0};
  EXPECT(Arenas::Allocate(member.registry, body_bytes, &cell.arena, &cell.offset) == Status::kOK);
  return cell;
}

void Give(const Taken& cell) {
  cell.arena->LetGo(cell.offset);
  Arenas::Trim(cell.arena);
}

struct Facts {
  std::atomic<int> stage;
  std::atomic<uint64_t> offset;
  char file[64];
};

uint64_t BytesOf(const Member& member) {
  uint64_t bytes = 0;
  for (const SegmentFacts& segment : ListSegments(*member.registry)) bytes += segment.bytes;
  return bytes;
}

}  // namespace

TEST_CASE("arena: cells of every class lie apart and hold what they are for") {
  PrivateDirectory directory;
  Member member;
  std::vector<Taken> cells;
  std::set<std::pair<Arena*, uint64_t>> places;
  const uint64_t sizes[] = {1, 32, 48, 49, 112, 113, 240, 496, 1008, 1009, kLargestBody};
  for (int round = 0; round < 40; round++) {
    for (const uint64_t size : sizes) {
      const Taken cell = Take(member, size);
      REQUIRE(cell.arena->IsCell(cell.offset));
      REQUIRE(places.insert({cell.arena.get(), cell.offset}).second);
      std::memset(cell.arena->segment()->At<char>(cell.offset + sizeof(Cell)), static_cast<int>(cells.size() % 251),
                  size);
      cells.push_back(cell);
    }
  }
  for (size_t i = 0; i < cells.size(); i++) {
    const char* const body = cells[i].arena->segment()->At<char>(cells[i].offset + sizeof(Cell));
    const uint64_t size = sizes[i % std::size(sizes)];
    for (uint64_t at = 0; at < size; at++) REQUIRE(static_cast<unsigned char>(body[at]) == i % 251);
    REQUIRE(cells[i].offset + sizeof(Cell) + size <= cells[i].arena->segment()->size());
  }
  for (const Taken& cell : cells) Give(cell);
}

TEST_CASE("arena: a cell that was let go is used again") {
  PrivateDirectory directory;
  Member member;
  const Taken first = Take(member, 40), second = Take(member, 40);
  CHECK(first.offset != second.offset);
  Give(first);
  const Taken again = Take(member, 40);
  CHECK(again.offset == first.offset);
  for (int i = 0; i < 20'000; i++) Give(Take(member, 200));
  CHECK(ListSegments(*member.registry).size() == 1);
  Give(second);
  Give(again);
}

TEST_CASE("arena: what is no cell") {
  PrivateDirectory directory;
  Member member;
  const Taken cell = Take(member, 100);  // of 128 bytes
  CHECK(cell.arena->IsCell(cell.offset));
  CHECK(cell.arena->IsCell(cell.offset + 128));
  CHECK_FALSE(cell.arena->IsCell(cell.offset + 64));
  CHECK_FALSE(cell.arena->IsCell(0));
  CHECK_FALSE(cell.arena->IsCell(kArenaDataOffset - 64));
  CHECK_FALSE(cell.arena->IsCell(kArenaDataOffset + uint64_t{cell.arena->slabs()} * kSlabBytes));
  CHECK_FALSE(cell.arena->IsCell(~uint64_t{0} - 63));
  CHECK(cell.arena->Hold(cell.offset + 128) == Status::kMISSING);
  CHECK_FALSE(os::Failure::Last().detail.empty());
  Give(cell);
}

TEST_CASE("arena: 100 000 small objects take less than 20 MB, and are given back") {
  PrivateDirectory directory;
  Member member;
  std::vector<Taken> cells;
  for (int i = 0; i < 100'000; i++) cells.push_back(Take(member, 40));
  CHECK(BytesOf(member) < 20'000'000);
  CHECK(ListSegments(*member.registry).size() < 20);
  for (const Taken& cell : cells) Give(cell);
  cells.clear();
  CHECK(BytesOf(member) < 100'000);
}

TEST_CASE("arena: threads take and give at once") {
  PrivateDirectory directory;
  Member member;
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; thread++) {
    threads.emplace_back([&, thread] {
      std::vector<Taken> held;
      for (int i = 0; i < 3000; i++) {
        const Taken cell = Take(member, 24);
        auto* const body = cell.arena->segment()->At<uint32_t>(cell.offset + sizeof(Cell));
        body[0] = static_cast<uint32_t>(thread);
        body[1] = static_cast<uint32_t>(i);
        held.push_back(cell);
        if (held.size() < 20) continue;
        const Taken& old = held[static_cast<size_t>(i) % held.size()];
        EXPECT(old.arena->segment()->At<uint32_t>(old.offset + sizeof(Cell))[0] == static_cast<uint32_t>(thread));
        Give(old);
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(static_cast<size_t>(i) % held.size()));
      }
      for (const Taken& cell : held) Give(cell);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("arena: a cell is free when the last process that held it has let go or died") {
  PrivateDirectory directory;
  Shared<Facts> facts;
  Child other([&] {
    Await([&] { return facts->stage == 1; });
    Member member;
    std::shared_ptr<Arena> arena;
    EXPECT(Arenas::Open(member.registry, facts->file, &arena) == Status::kOK);
    EXPECT(arena->Hold(facts->offset) == Status::kOK);
    EXPECT(arena->Hold(facts->offset) == Status::kOK);
    facts->stage = 2;
    Await([&] { return facts->stage == 3; });
    arena->LetGo(facts->offset);
    facts->stage = 4;
    Await([&] { return facts->stage == 5; });
    arena->LetGo(facts->offset);
    facts->stage = 6;
    for (;;) pause();
  });
  Member member;
  const Taken cell = Take(member, 40);
  const auto holders = [&] { return cell.arena->At(cell.offset)->holders.load(); };
  facts->offset = cell.offset;
  std::snprintf(facts->file, sizeof facts->file, "%s", cell.arena->segment()->file().c_str());
  const uint64_t own = holders();
  facts->stage = 1;
  Await([&] { return facts->stage == 2; });
  CHECK(holders() != own);
  cell.arena->LetGo(cell.offset);
  CHECK(holders() != 0);
  CHECK((holders() & own) == 0);

  SUBCASE("it let go as often as it held") {
    facts->stage = 3;
    Await([&] { return facts->stage == 4; });
    CHECK(holders() != 0);
    CHECK_FALSE(cell.arena->SweepHolders());
    facts->stage = 5;
    Await([&] { return facts->stage == 6; });
    CHECK(holders() == 0);
  }
  SUBCASE("it was killed") {
    other.KillLeavingZombie();
    CHECK(holders() != 0);
    CHECK(cell.arena->SweepHolders());
    CHECK(holders() == 0);
    CHECK_FALSE(cell.arena->SweepHolders());
  }
  CHECK(cell.arena->Hold(cell.offset) == Status::kMISSING);
  const Taken again = Take(member, 40);
  CHECK(again.offset == cell.offset);
  Give(again);
}

TEST_CASE("arena: cells of the dead are found when there is no other room") {
  PrivateDirectory directory;
  Shared<Facts> facts;
  Child other([&] {
    Await([&] { return facts->stage == 1; });
    Member member;
    std::shared_ptr<Arena> arena;
    EXPECT(Arenas::Open(member.registry, facts->file, &arena) == Status::kOK);
    uint64_t taken = 0;
    while (arena->Allocate(40) != 0) taken++;
    EXPECT(taken > 100);
    facts->stage = 2;
    for (;;) pause();
  });
  Member member;
  const Taken cell = Take(member, 40);
  std::snprintf(facts->file, sizeof facts->file, "%s", cell.arena->segment()->file().c_str());
  facts->stage = 1;
  Await([&] { return facts->stage == 2; });
  CHECK(cell.arena->Allocate(40) == 0);
  other.Kill();
  const Taken next = Take(member, 40);
  CHECK(next.arena == cell.arena);
  CHECK(ListSegments(*member.registry).size() == 1);
  Give(next);
  Give(cell);
}

TEST_CASE("arena: a cell on its way is nobody's to take") {
  PrivateDirectory directory;
  Member member;
  const Taken cell = Take(member, 40);
  cell.arena->At(cell.offset)->flights++;
  cell.arena->LetGo(cell.offset);
  CHECK(cell.arena->At(cell.offset)->holders == 0);
  std::vector<Taken> others;
  for (int i = 0; i < 2000; i++) others.push_back(Take(member, 40));
  for (const Taken& other : others) REQUIRE((other.arena != cell.arena || other.offset != cell.offset));
  CHECK(cell.arena->Hold(cell.offset) == Status::kOK);  // it arrived
  cell.arena->At(cell.offset)->flights--;
  for (const Taken& other : others) Give(other);
  Give(cell);
}

TEST_CASE("arena: more processes than it has places for") {
  PrivateDirectory directory;
  Shared<Facts> facts;
  std::vector<std::unique_ptr<Child>> others;
  for (uint32_t i = 0; i < kArenaHolders + 3; i++) {
    others.push_back(std::make_unique<Child>([&] {
      Await([&] { return facts->stage > 0; });
      Member member;
      std::shared_ptr<Arena> arena;
      EXPECT(Arenas::Open(member.registry, facts->file, &arena) == Status::kOK);
      EXPECT(arena->Hold(facts->offset) == Status::kOK);
      const Taken own = Take(member, 40);  // one without a place makes an arena of its own
      Give(own);
      facts->stage++;
      for (;;) pause();
    }));
  }
  {
    Member member;
    const Taken cell = Take(member, 40);
    std::snprintf(facts->file, sizeof facts->file, "%s", cell.arena->segment()->file().c_str());
    facts->offset = cell.offset;
    facts->stage = 1;
    Await([&] { return facts->stage == static_cast<int>(others.size()) + 1; });
    CHECK(cell.arena->At(cell.offset)->holders == ~uint64_t{0});
    others.clear();
    CHECK(cell.arena->SweepHolders());
    CHECK((cell.arena->At(cell.offset)->holders >> kOverflowHolder) == 1);  // of whom nobody knows who they are
    Give(cell);
  }
}

TEST_CASE("arena: a segment that says it has more cells than fit is refused") {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment;
  uint32_t slabs = 2;
  SUBCASE("more than its size") { slabs = 3; }
  SUBCASE("more than there can be") { slabs = kMaximumSlabs + 1; }
  SUBCASE("as many as there are bits") { slabs = ~0u; }
  const auto fill = [&](Segment& fresh) { fresh.At<ArenaWords<StdAtomics>>(0)->slabs = slabs; };
  REQUIRE(Segments::Create(member.registry, Kind::kARENA, kArenaDataOffset + 2 * kSlabBytes, fill, &segment) ==
          Status::kOK);
  std::shared_ptr<Arena> arena;
  CHECK(Arenas::Open(member.registry, segment->file(), &arena) == Status::kDAMAGED);
  CHECK(arena == nullptr);
}

}  // namespace procloom::test
