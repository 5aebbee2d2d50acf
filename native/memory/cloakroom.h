// Descriptors on their way to another process: who sends one leaves a duplicate in the cloakroom of its process, the
// message carries the ticket, and who takes the message out fetches the descriptor with it.
//
//   sender   Leave ──▶ ticket ──▶ message ──▶ Take   receiver
//              │                                │
//              └─▶ cloakroom ◀── counter ◀──────┘     (in the same process: without the counter)
//                  its thread hands out, whatever the others are doing
//
// Thread safety: everything may be called from any thread.
//
// Invariants
//  1. A duplicate is handed out once: it has left the cloakroom before it is on the wire.
//  2. It stays while its sender has it open or a message that may still be taken carries it: until the flight is given
//  up,
//     or the segment that carries the message is gone.
//  3. The room is there (a socket in the private directory, a thread) only while something is in it, and a second
//  longer.
//  4. When the process leaves with something in the room, its heir, a process that has nothing else, keeps the room
//  until
//     it is empty or nobody is left who could ask. Of one that is killed the kernel closes everything.
#pragma once

#include <cstdint>
#include <string>

#include "layout/status.h"

namespace procloom {

class Registry;

class Cloakroom {
 public:
  // Leaves a duplicate, which counts as open; SYSTEM (with EBADF if it is none, EMFILE if there is no room).
  static Status Leave(Registry& registry, int fd, uint64_t* ticket);
  // What the message carries.
  static std::string Reference(uint64_t ticket);
  // The segment of the message that carries it, by its file.
  static void CarriedBy(uint64_t ticket, const std::string& file);
  static void BeginFlight(uint64_t ticket);
  static void EndFlight(uint64_t ticket);
  // Not open any more: what is not in flight goes.
  static void Forget(uint64_t ticket);

  // Fetches it: a descriptor of this process's. MISSING, TIMEOUT or SYSTEM as os::AskFor says; BAD_ARGUMENT for what is
  // no reference.
  static Status Take(Registry& registry, const std::string& reference, int* fd);

  // The last environment of this process has left, and its segments are retired.
  static void Close(Registry& registry);

  // Names of rooms (their sockets) begin with it.
  static std::string Prefix();
  // Whether anybody keeps the room of that name.
  static bool IsKept(Registry& registry, const std::string& name);
};

}  // namespace procloom
