// Files of the private directory: make, open, reserve, map, lock.
//
// Thread safety: every function may be called from any thread. Descriptors are close-on-exec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "layout/status.h"

namespace procloom::os {

// Opens (or makes) the private directory: PROCLOOM_DIR, else a folder of this user's where shared memory lies.
// It must be a folder of this user's that nobody else may enter: else DENIED or LINK, and nothing is touched.
Status OpenPrivateDirectory(int* fd, std::string* path);
std::string PrivateDirectoryPath();

// Makes a file that has no name yet, with `size` bytes that are really there (NO_SPACE if not: never a SIGBUS later).
Status MakeUnnamed(int directory, const std::string& directory_path, uint64_t size, int* fd);
// Gives it its name; EXISTS if that is taken, MISSING if the directory was removed meanwhile.
Status GiveName(int fd, int directory, const std::string& directory_path, const std::string& name);

// Forgets an unnamed file that will not get a name (its descriptor is still to be closed).
void DropUnnamedFile(int fd, int directory);

// Opens an existing regular file of this user's, following no link.
Status OpenFile(int directory, const std::string& directory_path, const std::string& name, int* fd, uint64_t* size);

// Makes [offset, offset + size) really there.
Status Reserve(int fd, const std::string& path, uint64_t offset, uint64_t size);
// Gives the memory of [offset, offset + size) back, as far as the system can.
void GiveBack(int fd, uint64_t offset, uint64_t size);
uint64_t FreeBytes(int fd);
// How long the file is, holes included.
uint64_t FileBytes(int fd);
// Whether the file still has a name.
bool HasName(int fd);
// Whether the name still leads to the open file.
bool SameFile(int fd, int directory, const std::string& name);

Status Map(int fd, const std::string& path, uint64_t offset, uint64_t size, void** memory);
// Maps the same bytes twice in a row; `size` is a multiple of the page size.
Status MapTwice(int fd, const std::string& path, uint64_t offset, uint64_t size, void** memory);
void Unmap(void* memory, uint64_t size);
uint64_t PageSize();

// Byte locks that belong to the open file, not to the process: the kernel drops them when the last descriptor of
// that opening is gone, however that happened.
enum class LockMode { kNone, kShared, kExclusive };
// OK, or TIMEOUT if another opening holds a lock that forbids it.
Status TryLockByte(int fd, int64_t byte, LockMode mode);
Status LockByte(int fd, int64_t byte, LockMode mode);
// Whether another opening holds a lock on the byte.
bool ByteLocked(int fd, int64_t byte);

std::vector<std::string> ListDirectory(int directory);
void RemoveFile(int directory, const std::string& name);
void RemoveDirectory(const std::string& path);
void CloseFile(int fd);
// Sleeps until the descriptor takes bytes (or will never take any), at most so long.
void AwaitWritable(int fd, int timeout_ms);
// A name that nobody else will make up: 16 hexadecimal digits.
std::string RandomName();

}  // namespace procloom::os
