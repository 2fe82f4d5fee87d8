// Reads the golden files of this room's tests.
#ifndef SERVICES_WIRE_TEST_FILES_H_
#define SERVICES_WIRE_TEST_FILES_H_

#include <fstream>
#include <iterator>
#include <string>

namespace masa::wire {

// The octets of a file in testdata/rfc8995; empty when there is none.
inline std::string Rfc8995File(const std::string& name) {
  std::ifstream file("services/wire/testdata/rfc8995/" + name,
                     std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace masa::wire

#endif  // SERVICES_WIRE_TEST_FILES_H_
