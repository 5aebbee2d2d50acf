// Ends the program when a test case takes far too long: no test has an upper bound on time of its own, all have this.
#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>

namespace procloom::test {

namespace {

constexpr unsigned kLimitSeconds = 150;
char running[256] = "?\n";

void OnAlarm(int) {
  // Only what a signal handler may call.
  constexpr char kText[] = "watchdog: a test case does not come to its end: ";
  if (write(2, kText, sizeof kText - 1) < 0 || write(2, running, std::strlen(running)) < 0) _exit(125);
  _exit(124);
}

struct Watchdog : doctest::IReporter {
  explicit Watchdog(const doctest::ContextOptions&) {}
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_start(const doctest::TestCaseData& data) override {
    std::strncpy(running, data.m_name, sizeof running - 2);
    std::strcat(running, "\n");
    signal(SIGALRM, OnAlarm);
    alarm(kLimitSeconds);
  }
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override { alarm(0); }
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};

REGISTER_LISTENER("watchdog", 1, Watchdog);

}  // namespace

}  // namespace procloom::test
