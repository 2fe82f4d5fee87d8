#include "services/edge/proxy_header.h"

#include <string>

#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string Header(const std::string& command_and_family,
                   const std::string& rest) {
  const std::string length = {static_cast<char>(rest.size() >> 8),
                              static_cast<char>(rest.size() & 0xff)};
  return kSignature + command_and_family + length + rest;
}

const std::string kAddresses4(
    "\xcb\x00\x71\x07\x0a\x00\x00\x01\x9c\x40\x01\xbb",
    12);  // 203.0.113.7:40000 to 10.0.0.1:443
const std::string kAddresses6 =
    std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x07" +
    std::string(16, '\0') + std::string(4, '\1');  // from 2001:db8::7

TEST(ReadProxyHeader, SaysWhoseConnectionItIs) {
  const struct {
    const char* name;
    std::string header;
    const char* source;  // empty: none
  } rows[] = {
      {"IPv4", Header("\x21\x11", kAddresses4), "203.0.113.7"},
      {"IPv6", Header("\x21\x21", kAddresses6), "2001:db8::7"},
      {"with more behind the addresses",
       Header("\x21\x11", kAddresses4 + "\x04" + std::string(2, '\0')),
       "203.0.113.7"},
      {"a check of the balancer's own", Header(std::string("\x20\x00", 2), ""),
       ""},
      {"LOCAL with addresses, which do not count",
       Header("\x20\x11", kAddresses4), ""},
      {"a socket of another kind", Header(std::string("\x21\x00", 2), "xx"),
       ""},
  };
  for (const auto& row : rows) {
    const auto header = ReadProxyHeader(row.header + "\x16\x03\x01");
    ASSERT_TRUE(header.ok()) << row.name << header.status();
    ASSERT_TRUE(header->has_value()) << row.name;
    EXPECT_EQ((*header)->octets, row.header.size()) << row.name;
    EXPECT_EQ((*header)->source ? (*header)->source->to_string() : "",
              row.source)
        << row.name;
  }
}

TEST(ReadProxyHeader, WaitsForTheWholeOfIt) {
  const std::string whole = Header("\x21\x11", kAddresses4);
  for (size_t octets = 0; octets < whole.size(); ++octets) {
    const auto header = ReadProxyHeader(whole.substr(0, octets));
    ASSERT_TRUE(header.ok()) << octets;
    EXPECT_FALSE(header->has_value()) << octets;
  }
}

TEST(ReadProxyHeader, RefusesWhatIsNone) {
  const struct {
    const char* name;
    std::string octets;
  } rows[] = {
      {"TLS", "\x16\x03\x01"},
      {"version 1", "PROXY TCP4 203.0.113.7 10.0.0.1 40000 443\r\n"},
      {"version 3", Header("\x31\x11", kAddresses4)},
      {"an unknown command", Header("\x22\x11", kAddresses4)},
      {"half an IPv4 address", Header("\x21\x11", kAddresses4.substr(0, 6))},
      {"IPv4 addresses that say IPv6", Header("\x21\x21", kAddresses4)},
      {"more than a KiB", Header("\x21\x11", std::string(1024, 'x'))},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ReasonOf(ReadProxyHeader(row.octets).status()),
              Reason::kMalformed)
        << row.name;
  }
}

}  // namespace
}  // namespace masa::edge
