#include "os/wait.h"

#include <doctest/doctest.h>

#include "memory/segment.h"
#include "test/support/member.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"

namespace procloom::test {

namespace {

// A word in a segment, as all words that are waited for are.
struct WordScene {
  PrivateDirectory directory;
  Member member;
  std::shared_ptr<Segment> segment;
  std::atomic<uint32_t>* word;

  WordScene() {
    REQUIRE(Segments::Create(
                member.registry, Kind::kLOCK, 4096, [](Segment&) {}, &segment) == Status::kOK);
    word = segment->At<std::atomic<uint32_t>>(256);
  }
};

struct Progress {
  std::atomic<int> begun, done;
};

}  // namespace

TEST_CASE("wait: a word that is not as expected is not waited for") {
  WordScene scene;
  scene.word->store(7);
  CHECK(os::WaitOn(*scene.word, 6, os::kForever) == os::Waited::kChanged);
}

TEST_CASE("wait: over at the deadline and not before") {
  WordScene scene;
  for (const int64_t ms : {1, 30}) {
    const int64_t deadline = os::NowNs() + ms * 1'000'000;
    while (os::WaitOn(*scene.word, 0, deadline) != os::Waited::kDeadline)
      REQUIRE(os::NowNs() < deadline + 20'000'000'000);
    CHECK(os::NowNs() >= deadline);
  }
  CHECK(os::WaitOn(*scene.word, 0, os::NowNs() - 1'000'000) == os::Waited::kDeadline);
}

TEST_CASE("wait: another process wakes") {
  WordScene scene;
  for (int round = 0; round < 20; round++) {
    scene.word->store(0);
    Child waiter([&] {
      Member member;
      while (scene.word->load() == 0) EXPECT(os::WaitOn(*scene.word, 0, Soon()) != os::Waited::kDeadline);
    });
    // Now and then before the child waits, now and then after.
    Pause(round % 4 * 2'000'000);
    scene.word->store(1);
    os::Wake(*scene.word, 1);
    CHECK(waiter.Wait() == 0);
  }
}

TEST_CASE("wait: Wake wakes as many as it says") {
  WordScene scene;
  Shared<Progress> progress;
  const auto wait_once = [&] {
    Member member;
    progress->begun++;
    EXPECT(os::WaitOn(*scene.word, 0, Soon()) != os::Waited::kDeadline);
    progress->done++;
  };
  Child first(wait_once), second(wait_once), third(wait_once);
  Await([&] { return progress->begun == 3; });
  int woken = 0;
  while (woken == 0) woken = os::Wake(*scene.word, 1);
  CHECK(woken == 1);
  Await([&] { return progress->done >= 1; });
  Pause(30'000'000);
  CHECK(progress->done == 1);
  while (woken < 3) woken += os::Wake(*scene.word, os::kEverybody);
  CHECK(woken == 3);
  CHECK(first.Wait() == 0);
  CHECK(second.Wait() == 0);
  CHECK(third.Wait() == 0);
  CHECK(os::Wake(*scene.word, os::kEverybody) == 0);
}

TEST_CASE("wait: a word elsewhere wakes nobody here") {
  WordScene scene;
  Shared<Progress> progress;
  Child waiter([&] {
    Member member;
    progress->begun = 1;
    EXPECT(os::WaitOn(*scene.word, 0, Soon()) != os::Waited::kDeadline);
    progress->done = 1;
  });
  Await([&] { return progress->begun == 1; });
  Pause(10'000'000);
  CHECK(os::Wake(scene.word[1], os::kEverybody) == 0);
  Pause(10'000'000);
  CHECK(progress->done == 0);
  while (os::Wake(*scene.word, 1) == 0) Pause(100'000);
  CHECK(waiter.Wait() == 0);
}

TEST_CASE("wait: one that takes no part still sees the word change") {
  WordScene scene;
  Child waiter([&] {
    while (scene.word->load() == 0) EXPECT(os::WaitOn(*scene.word, 0, Soon()) != os::Waited::kDeadline);
  });
  Pause(3'000'000);
  scene.word->store(1);
  os::Wake(*scene.word, 1);
  CHECK(waiter.Wait() == 0);
}

TEST_CASE("wait: of several words, each wakes") {
  if (!os::CanWaitOnAny()) return;
  WordScene scene;
  const os::Watched words[] = {{&scene.word[0], 0}, {&scene.word[1], 0}, {&scene.word[2], 0}};
  CHECK(os::WaitOnAny(words, 3, os::NowNs() + 1'000'000) == os::Waited::kDeadline);
  for (int i = 0; i < 3; i++) {
    Child waiter([&] { EXPECT(os::WaitOnAny(words, 3, Soon()) == os::Waited::kWoken); });
    while (os::Wake(scene.word[i], 1) == 0) Pause(100'000);
    CHECK(waiter.Wait() == 0);
    scene.word[i].store(1);
    CHECK(os::WaitOnAny(words, 3, os::kForever) == os::Waited::kChanged);
    scene.word[i].store(0);
  }
}

}  // namespace procloom::test
