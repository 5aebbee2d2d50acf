// Which file a word in memory belongs to: its name across processes, which the parkers go by.
#pragma once

#include <cstdint>

namespace procloom::os {

void RememberWords(void* memory, uint64_t size, uint64_t file_id, uint64_t offset);
void ForgetWords(void* memory);
// Never 0. A word outside all remembered mappings is named by its address (threads of one process).
uint64_t NameOfWord(const void* word);

}  // namespace procloom::os
