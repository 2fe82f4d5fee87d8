// What ThreadSanitizer shall not report of the tests: SoftHSM formats times by
// gmtime, whose result all its threads share.
extern "C" const char* __tsan_default_suppressions();

const char* __tsan_default_suppressions() { return "race:libsofthsm2.so\n"; }
