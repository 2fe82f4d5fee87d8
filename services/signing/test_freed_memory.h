// For tests of what is zeroed: what memory held when it was given back.
#ifndef SERVICES_SIGNING_TEST_FREED_MEMORY_H_
#define SERVICES_SIGNING_TEST_FREED_MEMORY_H_

namespace masa::signing {

// Blocks of at least 32 KiB that `operator delete` has seen.
int LargeBlocksFreed();

// Those of them that held anything but zeros.
int LargeBlocksFreedWithContents();

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_TEST_FREED_MEMORY_H_
