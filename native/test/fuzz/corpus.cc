// The inputs that fuzzing begins with, among them each that was once a finding, give no finding.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz/ring-images.h"
#include "fuzz/segment-images.h"
#include "test/support/private-directory.h"

namespace procloom::test {

namespace {

using RunImage = void (*)(const Member& member, const uint8_t* bytes, size_t size);

void RunAll(const char* target, RunImage run) {
  PrivateDirectory directory;
  Member member;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PROCLOOM_FUZZ_CORPUS "/") + target))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  CHECK(files.size() > 10);
  for (const auto& file : files) {
    CAPTURE(file);
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    CHECK(!bytes.empty());
    run(member, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
}

}  // namespace

TEST_CASE("fuzz: the corpus of ring images") { RunAll("rings", fuzz::RunRingImage); }
TEST_CASE("fuzz: the corpus of segment images") { RunAll("segments", fuzz::RunSegmentImage); }

}  // namespace procloom::test
