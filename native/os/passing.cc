#include "os/passing.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "os/failure.h"
#include "os/file.h"

namespace procloom::os {

namespace {

constexpr int kBacklog = 1024;
// An answer takes microseconds, unless the one who should give it is stopped.
constexpr int kPatienceSeconds = 5;
constexpr char kYes = 'y';
constexpr char kNo = 'n';

#if defined(__linux__)
constexpr int kSocketFlags = SOCK_CLOEXEC;
constexpr int kSendFlags = MSG_NOSIGNAL;
constexpr int kReceiveFlags = MSG_CMSG_CLOEXEC;
#else
constexpr int kSocketFlags = 0;
constexpr int kSendFlags = 0;
constexpr int kReceiveFlags = 0;
#endif

// What the flags above do where the system has them.
void Tame(int fd) {
#if !defined(__linux__)
  fcntl(fd, F_SETFD, FD_CLOEXEC);
#if defined(SO_NOSIGPIPE)
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
#else
  (void)fd;
#endif
}

Status Refused(const std::string& path, const char* what) {
  const int error = errno;
  return Fail(Status::kSYSTEM, path, std::string(what) + ": " + std::strerror(error), error);
}

// False if the path is too long for a socket.
bool AddressOf(int directory, const std::string& directory_path, const std::string& name, sockaddr_un* address) {
  std::string path = directory_path + "/" + name;
#if defined(__linux__)
  if (path.size() >= sizeof address->sun_path) path = "/proc/self/fd/" + std::to_string(directory) + "/" + name;
#else
  (void)directory;
#endif
  errno = ENAMETOOLONG;
  if (path.size() >= sizeof address->sun_path) return false;
  *address = {};
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path.c_str(), path.size() + 1);
  return true;
}

int MakeSocket() {
  const int fd = socket(AF_UNIX, SOCK_STREAM | kSocketFlags, 0);
  if (fd >= 0) Tame(fd);
  return fd;
}

bool SetNonBlocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0; }

int Connect(int fd, const sockaddr_un& address) {
  int result;
  do {
    result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } while (result != 0 && errno == EINTR);
  return result;
}

// A message of one byte, with room for a descriptor beside it.
struct Answer {
  char text = 0;
  msghdr message{};

  Answer() {
    message.msg_iov = &part_;
    message.msg_iovlen = 1;
    message.msg_control = control_.bytes;
    message.msg_controllen = sizeof control_.bytes;
  }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

 private:
  iovec part_{&text, 1};
  union {
    cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control_{};
};

}  // namespace

Status MakeCounter(int directory, const std::string& directory_path, const std::string& name, int* fd) {
  const std::string path = directory_path + "/" + name;
  const std::string hidden = ".new-" + RandomName();
  sockaddr_un address;
  if (!AddressOf(directory, directory_path, hidden, &address)) return Refused(path, "bind");
  const int counter = MakeSocket();
  if (counter < 0) return Refused(path, "socket");
  if (bind(counter, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const Status status = Refused(path, "bind");
    CloseFile(counter);
    return status;
  }
  if (!SetNonBlocking(counter) || listen(counter, kBacklog) != 0 ||
      renameat(directory, hidden.c_str(), directory, name.c_str()) != 0) {
    const Status status = Refused(path, "listen");
    RemoveFile(directory, hidden);
    CloseFile(counter);
    return status;
  }
  *fd = counter;
  return Status::kOK;
}

bool IsCounterOpen(int directory, const std::string& directory_path, const std::string& name) {
  sockaddr_un address;
  if (!AddressOf(directory, directory_path, name, &address)) return true;  // not ours to judge
  const int fd = MakeSocket();
  if (fd < 0) return true;
  // Not blocking: a counter where many ask at once is open.
  const bool open = !SetNonBlocking(fd) || Connect(fd, address) == 0 || (errno != ECONNREFUSED && errno != ENOENT);
  CloseFile(fd);
  return open;
}

int NextAsker(int counter) {
#if defined(__linux__)
  return accept4(counter, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
#else
  const int fd = accept(counter, nullptr, nullptr);
  if (fd >= 0) {
    Tame(fd);
    SetNonBlocking(fd);
  }
  return fd;
#endif
}

bool ReadTicket(int asker, uint64_t* ticket) {
  return recv(asker, ticket, sizeof *ticket, 0) == static_cast<ssize_t>(sizeof *ticket);
}

void HandOut(int asker, int fd) {
  if (fd >= 0) {
    Answer answer;
    answer.text = kYes;
    cmsghdr* const rights = CMSG_FIRSTHDR(&answer.message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    if (sendmsg(asker, &answer.message, kSendFlags) == 1) return;
  }
  send(asker, &kNo, 1, kSendFlags);
}

namespace {

// kEND: whoever stood behind the counter left it without an answer; an heir may do so now.
Status Ask(int fd, const sockaddr_un& address, const std::string& path, uint64_t ticket, int* found) {
  const timeval patience{kPatienceSeconds, 0};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (Connect(fd, address) != 0) {
    if (errno == ECONNREFUSED || errno == ENOENT) return Fail(Status::kMISSING, path, "its process has ended");
    if (errno == EAGAIN || errno == ETIMEDOUT) return Fail(Status::kTIMEOUT, path, "its process does not answer");
    return Refused(path, "connect");
  }
  if (send(fd, &ticket, sizeof ticket, kSendFlags) != static_cast<ssize_t>(sizeof ticket)) {
    return Fail(Status::kEND, path, "its process has ended", errno);
  }
  Answer answer;
  ssize_t size;
  do {
    size = recvmsg(fd, &answer.message, kReceiveFlags);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && errno == EAGAIN) return Fail(Status::kTIMEOUT, path, "its process does not answer");
  if (size <= 0) return Fail(Status::kEND, path, "its process has ended");
  if (answer.text != kYes) return Fail(Status::kMISSING, path, "it was given back already");
  const cmsghdr* const rights = CMSG_FIRSTHDR(&answer.message);
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len < CMSG_LEN(sizeof(int))) {
    // It came, and there was no place for it.
    errno = EMFILE;
    return Refused(path, "recvmsg");
  }
  std::memcpy(found, CMSG_DATA(rights), sizeof *found);
  Tame(*found);
  return Status::kOK;
}

}  // namespace

Status AskFor(int directory, const std::string& directory_path, const std::string& name, uint64_t ticket, int* fd) {
  const std::string path = directory_path + "/" + name;
  sockaddr_un address;
  if (!AddressOf(directory, directory_path, name, &address)) return Refused(path, "connect");
  Status status = Status::kEND;
  // A counter changes hands once, from the sender to its heir; what was not handed out is there still.
  for (int attempt = 0; attempt < 2 && status == Status::kEND; attempt++) {
    const int asking = MakeSocket();
    if (asking < 0) return Refused(path, "socket");
    status = Ask(asking, address, path, ticket, fd);
    CloseFile(asking);
  }
  return status == Status::kEND ? Status::kMISSING : status;
}

bool MakePipe(int ends[2]) {
#if defined(__linux__)
  return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0;
#else
  if (pipe(ends) != 0) return false;
  for (int i = 0; i < 2; i++) {
    fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    SetNonBlocking(ends[i]);
  }
  return true;
#endif
}

Status Duplicate(int fd, int* duplicate) {
  *duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  return *duplicate >= 0 ? Status::kOK : Refused("", "dup");
}

}  // namespace procloom::os
