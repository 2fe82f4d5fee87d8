// Ids as people and other programs read them (RFC 9562 section 4).
#ifndef SERVICES_WIRE_UUID_TEXT_H_
#define SERVICES_WIRE_UUID_TEXT_H_

#include <string>

namespace masa::wire {

// 8-4-4-4-12 hexadecimal digits of 16 octets; of any other number, the digits
// alone. Pure.
std::string UuidTextOf(const std::string& octets);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_UUID_TEXT_H_
