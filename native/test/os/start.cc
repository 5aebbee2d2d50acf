#include "os/start.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "os/child.h"
#include "os/failure.h"
#include "os/file.h"
#include "test/support/child.h"

namespace procloom::test {

namespace {

#ifndef PROCLOOM_BODY_POSIX

// A shell with its output on a stream to here.
struct Shell {
  int pid = -1, ended = -1, output = -1;
  Status status;

  explicit Shell(const std::string& script, const std::string& folder = "") {
    int stream[2], nothing;
    REQUIRE(os::MakeStream(3, stream) == Status::kOK);
    REQUIRE(os::OpenNothing(3, &nothing) == Status::kOK);
    output = stream[0];
    status = os::StartProcess({"/bin/sh",
                               {"sh", "-c", script, "zero", "a b"},
                               {"NAME=some value", "OURS=" + std::to_string(output)},
                               folder,
                               {nothing, stream[1], stream[1]}},
                              &pid, &ended);
    os::CloseFile(stream[1]);
    os::CloseFile(nothing);
  }
  ~Shell() {
    if (ended >= 0) os::CloseFile(ended);
    os::CloseFile(output);
  }

  // All that it has written, until nobody has the stream any more.
  std::string Read() const {
    std::string text;
    char bytes[256];
    for (ssize_t count; (count = read(output, bytes, sizeof bytes)) > 0;)
      text.append(bytes, static_cast<size_t>(count));
    return text;
  }
  int Reap() const {
    pollfd entry{ended, POLLIN, 0};
    REQUIRE(poll(&entry, 1, -1) == 1);
    Status reaped;
    const int code = os::ReapChild(pid, &reaped);
    REQUIRE(reaped == Status::kOK);
    return code;
  }
};

#endif

}  // namespace

#ifdef PROCLOOM_BODY_POSIX

TEST_CASE("start: a body that cannot says so") {
  int pid, ended;
  CHECK(os::StartProcess({"/bin/true", {"true"}, {}, "", {}}, &pid, &ended) == Status::kSYSTEM);
  CHECK(os::Failure::Last().error == ENOSYS);
}

#else

TEST_CASE("start: its arguments, variables, folder and descriptors are those that were ordered") {
  const Shell shell("echo \"$0,$1,$NAME,$PATH\" | cut -d: -f1; pwd; cat; ls /proc/self/fd/$OURS 2>/dev/null; exit 7",
                    "/dev");
  REQUIRE(shell.status == Status::kOK);
  const std::string text = shell.Read();
  CHECK(text.find("zero,a b,some value,") == 0);
  // What it is not to have is not open there.
  CHECK(text.substr(text.find('\n')) == "\n/dev\n");
  CHECK(shell.Reap() == 7);
}

TEST_CASE("start: signals are as if nobody had ignored or blocked any") {
  Child starter([] {
    signal(SIGTERM, SIG_IGN);
    signal(SIGUSR1, [](int) {});
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    // What is no shell, which blocks some itself while it waits.
    const Shell shell("exec cat /proc/self/status");
    const std::string facts = shell.Read();
    // Those from 32 on are the C library's own.
    for (const char* const name : {"SigBlk:", "SigIgn:"}) {
      const size_t at = facts.find(name);
      EXPECT(at != std::string::npos && (std::stoull(facts.substr(at + 7), nullptr, 16) & 0x7fffffff) == 0);
    }
    EXPECT(shell.Reap() == 0);
  });
  CHECK(starter.Wait() == 0);
}

TEST_CASE("start: a signal ends it, and that is told") {
  const Shell shell("kill -KILL $$");
  CHECK(shell.Reap() == -SIGKILL);
  Status status;
  os::ReapChild(shell.pid, &status);
  CHECK(status == Status::kMISSING);
}

TEST_CASE("start: what the system refuses is told with its reason, and leaves nothing") {
  const int next = dup(0);
  os::CloseFile(next);
  int pid = -1, ended = -1;
  for (const char* const file : {"/nowhere/to/be/found", "/dev"}) {
    CHECK(os::StartProcess({file, {"x"}, {}, "", {}}, &pid, &ended) == Status::kSYSTEM);
    CHECK(os::Failure::Last().error == (std::string(file) == "/dev" ? EACCES : ENOENT));
    CHECK(os::Failure::Last().path == file);
  }
  CHECK(os::StartProcess({"/bin/true", {"true"}, {}, "/nowhere", {}}, &pid, &ended) == Status::kSYSTEM);
  CHECK(os::Failure::Last().error == ENOENT);
  CHECK(os::StartProcess({"/bin/true", {"true"}, {std::string(4'000'000, 'x')}, "", {}}, &pid, &ended) ==
        Status::kSYSTEM);
  CHECK(os::Failure::Last().error == E2BIG);
  const int after = dup(0);
  CHECK(after == next);
  os::CloseFile(after);
}

// Sanitizers need memory of their own for what is called here.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {

uint64_t MemoryOfThis() {
  long pages = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  EXPECT(file != nullptr && std::fscanf(file, "%ld", &pages) == 1);
  std::fclose(file);
  return static_cast<uint64_t>(pages) * os::PageSize();
}

}  // namespace

TEST_CASE("start: no memory, no descriptor") {
  Child starter([] {
    int nothing;
    EXPECT(os::OpenNothing(3, &nothing) == Status::kOK);
    const os::ProcessOrder order{"/bin/true", {"true"}, {}, "", {nothing, nothing, nothing}};
    int pid = -1, ended = -1;
    const uint64_t most = MemoryOfThis();
    const rlimit memory{most, RLIM_INFINITY};
    EXPECT(setrlimit(RLIMIT_AS, &memory) == 0);
    EXPECT(os::StartProcess(order, &pid, &ended) == Status::kSYSTEM);
    EXPECT(os::Failure::Last().error == ENOMEM);
    const rlimit much{RLIM_INFINITY, RLIM_INFINITY};
    EXPECT(setrlimit(RLIMIT_AS, &much) == 0);

    // Started, but nobody would be told of its end: it is ended at once, and reaped.
    const int next = dup(0);
    const rlimit none{static_cast<rlim_t>(next), static_cast<rlim_t>(next)};
    os::CloseFile(next);
    EXPECT(setrlimit(RLIMIT_NOFILE, &none) == 0);
    EXPECT(os::StartProcess(order, &pid, &ended) == Status::kSYSTEM);
    EXPECT(os::Failure::Last().error == EMFILE);
    Status status;
    os::ChildStatus(pid, &status);
    EXPECT(status == Status::kMISSING);
    int stream[2];
    EXPECT(os::MakeStream(3, stream) == Status::kSYSTEM);
    EXPECT(os::OpenNothing(3, &pid) == Status::kSYSTEM);
  });
  CHECK(starter.Wait() == 0);
}
#endif

#endif  // PROCLOOM_BODY_POSIX

TEST_CASE("start: what is made for a child keeps clear of its own numbers") {
  Child starter([] {
    for (int fd = 0; fd < 3; fd++) close(fd);
    int stream[2], nothing;
    EXPECT(os::MakeStream(3, stream) == Status::kOK);
    EXPECT(os::OpenNothing(3, &nothing) == Status::kOK);
    for (const int fd : {stream[0], stream[1], nothing}) EXPECT(fd >= 3 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
    for (int fd = 0; fd < 3; fd++) EXPECT(fcntl(fd, F_GETFD) == -1);
  });
  CHECK(starter.Wait() == 0);
}

TEST_CASE("start: what a child writes to is made to wait") {
  int stream[2];
  REQUIRE(os::MakeStream(3, stream) == Status::kOK);
  fcntl(stream[0], F_SETFL, O_NONBLOCK);
  os::LetBlock(stream[0]);
  CHECK((fcntl(stream[0], F_GETFL) & O_NONBLOCK) == 0);
  os::LetBlock(-1);
  for (const int fd : stream) os::CloseFile(fd);
}

}  // namespace procloom::test
