#include "memory/sentinel.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "os/life.h"
#include "os/wait.h"
#include "sync/waiter.h"
#include "test/support/private-directory.h"
#include "test/support/shared-memory.h"
#include "test/support/sync-words.h"

namespace procloom::test {

namespace {

// Longer than any test may last: who sleeps so is only woken by somebody.
constexpr int64_t kNoSliceNs = 3'600'000'000'000;

bool Told() {
  if (os::CanWaitOnAny()) return true;
  MESSAGE("deaths are not told of here: nothing to test");
  return false;
}

// A process that takes part, and holds the lock, until it is killed.
struct Holder {
  SyncWords& words;
  Shared<std::atomic<Token>> token;
  Child child;
  explicit Holder(SyncWords& held)
      : words(held), child([this] {
          Member member;
          EXPECT(AcquireLock(words, member.me, Soon()) != Taken::kNo);
          *token = member.token();
          for (;;) pause();
        }) {
    Await([&] { return *token != 0; });
  }
};

}  // namespace

TEST_CASE("life: of a thread that is there, of one that left, of one that was killed") {
  if (!Told()) return;
  PrivateDirectory directory;
  Member member;
  const auto life = [&](Token token) { return member.registry->layout().slots[SlotOf(token)].life.word.load(); };
  CHECK(os::IsThere(life(member.token())));
  CHECK((life(member.token()) & os::kLifeThread) == static_cast<uint32_t>(gettid()));

  Shared<std::atomic<Token>> left;
  Child leaves([&] {
    Member own;
    *left = own.token();
  });
  CHECK(leaves.Wait() == 0);
  CHECK(life(*left) == 0);
  CHECK_FALSE(member.registry->Lives(*left));

  Shared<std::atomic<Token>> killed;
  Child dies([&] {
    Member own;
    *killed = own.token();
    for (;;) pause();
  });
  Await([&] { return *killed != 0; });
  CHECK(os::IsThere(life(*killed)));
  CHECK(member.registry->Lives(*killed));
  dies.KillLeavingZombie();
  CHECK(os::IsLost(life(*killed)));
  CHECK_FALSE(member.registry->Lives(*killed));
}

TEST_CASE("life: several of one thread, and mutexes of the C library among them") {
  if (!Told()) return;
  PrivateDirectory directory;
  Member member;
  struct Mine {
    std::atomic<Token> tokens[3];
    std::atomic<bool> ready;
    pthread_mutex_t mutex;
  };
  Shared<Mine> mine;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&mine->mutex, &attributes);
  Child child([&] {
    Member first, second;
    EXPECT(pthread_mutex_lock(&mine->mutex) == 0);
    {
      Member third;
      mine->tokens[2] = third.token();
      EXPECT(pthread_mutex_unlock(&mine->mutex) == 0);
      EXPECT(pthread_mutex_lock(&mine->mutex) == 0);
    }
    mine->tokens[0] = first.token();
    mine->tokens[1] = second.token();
    mine->ready = true;
    for (;;) pause();
  });
  Await([&] { return bool{mine->ready}; });
  child.KillLeavingZombie();
  const auto life = [&](int i) { return member.registry->layout().slots[SlotOf(mine->tokens[i])].life.word.load(); };
  CHECK(os::IsLost(life(0)));
  CHECK(os::IsLost(life(1)));
  CHECK(life(2) == 0);
  CHECK(pthread_mutex_lock(&mine->mutex) == EOWNERDEAD);
  pthread_mutex_consistent(&mine->mutex);
  CHECK(pthread_mutex_unlock(&mine->mutex) == 0);
}

TEST_CASE("sentinel: a death wakes a thread that sleeps for what the dead held") {
  if (!Told()) return;
  PrivateDirectory directory;
  Member member;
  const auto segment = MakeSync(member);
  SyncWords& words = WordsOf(segment);
  for (int round = 0; round < 20; round++) {
    Holder holder(words);
    Shared<std::atomic<int>> begun;
    Child waiter([&] {
      Member own;
      Slices slices(own.me, Soon());
      for (;;) {
        slices.Look();
        if (Locks::Try(words.lock, own.me, true, true) == Taken::kFromTheDead) break;
        *begun = 1;
        slices.Sleep(words.lock.word, words.lock.word, kNoSliceNs);
      }
      EXPECT(Locks::Release(words.lock, *own.registry) == Status::kOK);
    });
    Await([&] { return *begun == 1; });
    if (round % 2 == 0) Pause(3'000'000);
    holder.child.Kill();
    CHECK(waiter.Wait() == 0);
  }
}

TEST_CASE("sentinel: many wait, and are told though some of them die as well") {
  if (!Told()) return;
  PrivateDirectory directory;
  Member member;
  const auto segment = MakeSync(member);
  SyncWords& words = WordsOf(segment);
  Holder holder(words);
  Shared<std::atomic<int>> begun;
  std::vector<std::unique_ptr<Child>> waiters;
  for (int i = 0; i < 8; i++) {
    waiters.push_back(std::make_unique<Child>([&] {
      Member own;
      Slices slices(own.me, Soon());
      slices.Look();
      (*begun)++;
      while (member.registry->layout().deaths == 0) {
      }
      const uint32_t deaths = own.registry->DeathsSoFar();
      while (own.registry->Lives(*holder.token)) {
        slices.Look();
        if (own.registry->DeathsSoFar() == deaths) slices.Sleep(words.lock.word, words.lock.word, kNoSliceNs);
      }
    }));
  }
  Await([&] { return *begun == 8; });
  waiters[0]->Kill();  // the first death, of which the others hear before the holder's
  waiters[1]->Kill();
  holder.child.Kill();
  for (int i = 2; i < 8; i++) CHECK(waiters[static_cast<size_t>(i)]->Wait() == 0);
}

TEST_CASE("sentinel: who leaves by itself is told of, too") {
  if (!Told()) return;
  PrivateDirectory directory;
  Member member;
  Shared<std::atomic<uint32_t>> before;
  Child watcher([&] {
    Member own;
    Slices slices(own.me, Soon());
    slices.Look();
    *before = own.registry->DeathsSoFar() + 1;
    std::atomic<uint32_t> word{0};
    slices.Sleep(word, 0, kNoSliceNs);
    EXPECT(own.registry->DeathsSoFar() >= *before);
  });
  Await([&] { return *before != 0; });
  Child leaves([] { Member own; });
  CHECK(leaves.Wait() == 0);
  CHECK(watcher.Wait() == 0);
}

}  // namespace procloom::test
