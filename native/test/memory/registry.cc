#include "memory/registry.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <vector>

#include "memory/segment.h"
#include "memory/sweep.h"
#include "os/bell.h"
#include "os/failure.h"
#include "os/file.h"
#include "test/support/member.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

bool Exists(const std::string& path) {
  struct stat facts;
  return lstat(path.c_str(), &facts) == 0;
}

struct Tokens {
  std::atomic<uint32_t> count;
  Token token[1 << 16];
  std::atomic<bool> go;
};

// A child that takes part until it is killed, and says with which token.
struct Dweller {
  Shared<std::atomic<Token>> token;
  Child child{[this] {
    Member member;
    *token = member.token();
    for (;;) pause();
  }};
  Dweller() {
    Await([&] { return *token != 0; });
  }
};

}  // namespace

TEST_CASE("registry: the first participant makes it, the last one removes it with the directory") {
  PrivateDirectory directory;
  {
    Member member;
    CHECK(Exists(directory.path() + "/" + RegistryName()));
    std::shared_ptr<Registry> again;
    CHECK(Registry::Open(&again) == Status::kOK);
    CHECK(again == member.registry);  // one for a process
    CHECK(member.registry->Alone());
  }
  CHECK_FALSE(Exists(directory.path()));
}

TEST_CASE("registry: it stays while another process takes part") {
  PrivateDirectory directory;
  Dweller dweller;
  {
    Member member;
    CHECK_FALSE(member.registry->Alone());
    CHECK(member.registry->Lives(*dweller.token));
  }
  CHECK(Exists(directory.path() + "/" + RegistryName()));
  dweller.child.Kill();
  CHECK(Exists(directory.path() + "/" + RegistryName()));  // nobody was there to remove it
  { Member member; }
  CHECK_FALSE(Exists(directory.path()));
}

TEST_CASE("registry: a named object keeps it, as its tokens stand in it") {
  PrivateDirectory directory;
  Token first;
  {
    Member member;
    first = member.token();
    std::shared_ptr<Segment> segment;
    REQUIRE(Segments::CreateNamed(
                member.registry, "n.stays", Kind::kLOCK, 4096, [](Segment&) {}, &segment) == Status::kOK);
  }
  CHECK(Exists(directory.path() + "/" + RegistryName()));
  CHECK(Exists(directory.path() + "/n.stays"));
  Member member;
  CHECK(member.token() > first);
  CHECK_FALSE(member.registry->Lives(first));
  CHECK(Segments::Unlink(*member.registry, "stays") == Status::kOK);
  CHECK(Segments::Unlink(*member.registry, "stays") == Status::kMISSING);
}

TEST_CASE("registry: a token is given once") {
  PrivateDirectory directory;
  Member member;
  std::set<Token> given{member.token(), member.registry->process_token()};
  for (int i = 0; i < 3000; i++) {
    std::unique_ptr<Participant> participant;
    REQUIRE(member.registry->Join(false, &participant) == Status::kOK);
    REQUIRE(given.insert(participant->token()).second);
    REQUIRE(participant->token() <= kTokenMask);
    REQUIRE(member.registry->Lives(participant->token()));
    const Token token = participant->token();
    participant.reset();
    REQUIRE_FALSE(member.registry->Lives(token));
  }
  CHECK(member.registry->Lives(member.token()));
  CHECK_FALSE(member.registry->Lives(MakeToken(1, kSlots - 1)));  // never given
}

TEST_CASE("registry: many processes join and leave at once") {
  PrivateDirectory directory;
  constexpr int kProcesses = 4, kRounds = 150;
  Shared<Tokens> tokens;
  const auto come_and_go = [&] {
    Await([&] { return tokens->go.load(); });
    for (int round = 0; round < kRounds; round++) {
      Member member;
      EXPECT(member.registry->Lives(member.token()));
      std::unique_ptr<Participant> second;
      EXPECT(member.registry->Join(false, &second) == Status::kOK);
      EXPECT(member.registry->Lives(second->token()));
      EXPECT(second->token() != member.token());
      for (const Token token : {member.token(), second->token(), member.registry->process_token()}) {
        tokens->token[tokens->count++] = token;
      }
    }
  };
  const auto run = [&] {
    Child first(come_and_go), second(come_and_go), third(come_and_go), fourth(come_and_go);
    tokens->go = true;
    for (Child* child : {&first, &second, &third, &fourth}) CHECK(child->Wait() == 0);
    CHECK(tokens->count == kProcesses * kRounds * 3);
  };
  SUBCASE("while one stays: no token twice") {
    Dweller dweller;
    run();
    const std::set<Token> given(tokens->token, tokens->token + tokens->count);
    CHECK(given.size() == tokens->count);
    CHECK(given.count(*dweller.token) == 0);
    dweller.child.Kill();
    Member member;
    CHECK(member.registry->Alone());
  }
  SUBCASE("while none stays: it comes and goes with them") {
    run();
    CHECK_FALSE(Exists(directory.path()));
  }
}

TEST_CASE("registry: SIGKILL ends a life, before anybody has reaped the corpse") {
  PrivateDirectory directory;
  Member member;
  Dweller dweller;
  CHECK(member.registry->Lives(*dweller.token));
  dweller.child.KillLeavingZombie();
  CHECK_FALSE(member.registry->Lives(*dweller.token));
  CHECK(member.registry->Alone());
}

TEST_CASE("registry: the slot of the dead is given on, and its token is not") {
  PrivateDirectory directory;
  Member member;
  Token dead;
  {
    Dweller dweller;
    dead = *dweller.token;
  }
  std::vector<std::unique_ptr<Participant>> joined(4);
  bool same_slot = false;
  for (auto& participant : joined) {
    REQUIRE(member.registry->Join(false, &participant) == Status::kOK);
    CHECK(participant->token() != dead);
    same_slot |= SlotOf(participant->token()) == SlotOf(dead);
  }
  CHECK(same_slot);
  CHECK_FALSE(member.registry->Lives(dead));
}

TEST_CASE("registry: when all places are taken, joining says so") {
  PrivateDirectory directory;
  Member member;
  const int fd = open((directory.path() + "/" + RegistryName()).c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(fd >= 0);
  int taken = 0;
  for (uint32_t slot = 0; slot < kSlots; slot++) {
    taken += os::TryLockByte(fd, kSlotLockBase + slot, os::LockMode::kExclusive) == Status::kOK;
  }
  CHECK(taken == kSlots - 2);  // the process and this thread have theirs
  std::unique_ptr<Participant> participant;
  CHECK(member.registry->Join(false, &participant) == Status::kLIMIT);
  CHECK(os::Failure::Last().detail.find("4096") != std::string::npos);
  close(fd);
  CHECK(member.registry->Join(false, &participant) == Status::kOK);
}

TEST_CASE("registry: a slot whose generations are used up is never given again") {
  PrivateDirectory directory;
  Member member;
  std::unique_ptr<Participant> participant;
  REQUIRE(member.registry->Join(false, &participant) == Status::kOK);
  const uint32_t slot = SlotOf(participant->token());
  participant->slot().generation = kLastGeneration - 1;
  participant.reset();
  REQUIRE(member.registry->Join(false, &participant) == Status::kOK);
  CHECK(participant->token() == MakeToken(kLastGeneration, slot));
  CHECK(participant->token() <= kTokenMask);
  CHECK(member.registry->Lives(participant->token()));
  participant.reset();
  REQUIRE(member.registry->Join(false, &participant) == Status::kOK);
  CHECK(SlotOf(participant->token()) != slot);
}

TEST_CASE("registry: what is no registry of ours is refused and left as it is") {
  PrivateDirectory directory;
  REQUIRE(mkdir(directory.path().c_str(), 0700) == 0);
  const std::string path = directory.path() + "/" + RegistryName();
  std::shared_ptr<Registry> registry;
  uint64_t size = 10;
  SUBCASE("too short") { size = 10; }
  SUBCASE("empty") { size = 0; }
  SUBCASE("long enough, but of another make") { size = sizeof(RegistryLayout); }
  const int fd = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(ftruncate(fd, static_cast<off_t>(size)) == 0);
  close(fd);
  CHECK(Registry::Open(&registry) == Status::kFOREIGN);
  CHECK(os::Failure::Last().path == path);
  struct stat facts;
  REQUIRE(lstat(path.c_str(), &facts) == 0);
  CHECK(static_cast<uint64_t>(facts.st_size) == size);
  unlink(path.c_str());
  rmdir(directory.path().c_str());
}

TEST_CASE("registry: a link in its place is not followed") {
  PrivateDirectory directory;
  REQUIRE(mkdir(directory.path().c_str(), 0700) == 0);
  const std::string path = directory.path() + "/" + RegistryName();
  REQUIRE(symlink("/dev/zero", path.c_str()) == 0);
  std::shared_ptr<Registry> registry;
  CHECK(Registry::Open(&registry) == Status::kLINK);
  unlink(path.c_str());
  rmdir(directory.path().c_str());
}

TEST_CASE("registry: that of a build with another layout is left alone, with its bells") {
  PrivateDirectory directory;
  REQUIRE(mkdir(directory.path().c_str(), 0700) == 0);
  const std::string theirs[] = {directory.path() + "/registry-0123456789abcdef",
                                directory.path() + "/bell-0123456789abcdef-1001"};
  for (const std::string& path : theirs) close(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  {
    Member member;
    CHECK(member.registry->Alone());
    Sweep(*member.registry);
  }
  CHECK_FALSE(Exists(directory.path() + "/" + RegistryName()));
  for (const std::string& path : theirs) CHECK(unlink(path.c_str()) == 0);
  rmdir(directory.path().c_str());
}

// --------------------------------------------------------------------------------------------------- bells

TEST_CASE("bell of a loop: the kernel is called only while the loop sleeps") {
  PrivateDirectory directory;
  Member member;
  std::atomic<uint32_t>& bell = member.participant->slot().bell;
  CHECK_FALSE(member.registry->Ring(member.token()));  // it has none yet
  REQUIRE(member.participant->MakeBell() == Status::kOK);
  REQUIRE(member.participant->MakeBell() == Status::kOK);  // once

  CHECK(member.registry->Ring(member.token()));
  CHECK((bell & kBellMask) == kBellNotified);
  CHECK(member.registry->Ring(member.token()));
  CHECK(member.registry->rings() == 0);

  bell = 5 << 2 | kBellArmed;
  CHECK(member.registry->Ring(member.token()));
  CHECK(bell == (5 << 2 | kBellNotified));
  CHECK(member.registry->rings() == 1);
  char ring = 0;
  CHECK(read(member.participant->bell(), &ring, 1) == 1);

  bell = 6 << 2 | kBellArmed;
  member.registry->RingAll();
  CHECK(bell == (6 << 2 | kBellNotified));
  CHECK(member.registry->rings() == 2);
}

TEST_CASE("bell of a loop: the dead are not rung, and their bells are swept") {
  PrivateDirectory directory;
  Member member;
  Shared<std::atomic<Token>> token;
  Child dweller([&] {
    Member own;
    EXPECT(own.participant->MakeBell() == Status::kOK);
    own.participant->slot().bell = kBellArmed;
    *token = own.token();
    for (;;) pause();
  });
  Await([&] { return *token != 0; });
  const auto bells = [&] {
    const auto names = os::ListDirectory(member.registry->directory());
    return std::count_if(names.begin(), names.end(),
                         [](const std::string& name) { return name.rfind("bell-", 0) == 0; });
  };
  CHECK(bells() == 1);
  CHECK(member.registry->Ring(*token));
  dweller.Kill();
  Sweep(*member.registry);
  CHECK(bells() == 0);
  CHECK_FALSE(member.registry->Lives(*token));
}

}  // namespace procloom::test
