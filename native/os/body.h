// What differs between systems: each function has a body in linux/ and in posix/, chosen at build time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace procloom::os {

// Where shared memory lies.
std::string DefaultSharedFolder();

// A file without a name: -1 and errno on failure. Where the system has none, it has a hidden name of its own.
int OpenUnnamed(int directory, mode_t mode);
// 0, or -1 and errno (EEXIST: the name is taken).
int LinkUnnamed(int fd, int directory, const char* name);
// Forgets one that will never get a name.
void DropUnnamed(int fd, int directory);

// 0 or an errno.
int ReserveBytes(int fd, uint64_t offset, uint64_t size);

// The flag of mmap that maps all pages at once, where that pays; else 0.
int PrefaultFlag(uint64_t size);

// Told of each mapping that may hold words to wait on.
void Mapped(void* memory, uint64_t size, int fd, uint64_t offset);
void Unmapped(void* memory);

void FillRandom(void* memory, size_t size);

}  // namespace procloom::os
