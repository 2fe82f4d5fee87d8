// What the sanitizers shall not report of the tests, since it is SoftHSM's: it
// formats times by gmtime, whose result all its threads share, and loses an
// object of its OpenSSL (ours is BoringSSL) for some keys that it makes.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions();

const char* __tsan_default_suppressions() { return "race:libsofthsm2.so\n"; }
const char* __lsan_default_suppressions() { return "leak:libcrypto.so.3\n"; }
