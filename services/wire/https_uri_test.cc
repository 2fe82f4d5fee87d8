#include "services/wire/https_uri.h"

#include <string>

#include "gtest/gtest.h"

namespace masa::wire {
namespace {

// CR-14: whole https URIs, addresses among them.
TEST(HttpsUri, TakesWhatADeviceCanGoTo) {
  for (const char* good :
       {"https://est.example.com", "https://est.example.com/",
        "https://EST.example.com:8443", "https://192.0.2.7",
        "https://[2001:db8::1]", "https://[2001:db8::1]:8443/est",
        "https://[::ffff:192.0.2.7]", "https://localhost",
        "https://xn--bcher-kva.example/a%20b/c;d=e?q=1&r=/?:@",
        "https://a?b"}) {
    EXPECT_TRUE(IsHttpsUri(good)) << good;
  }
  EXPECT_TRUE(IsHttpsUri("https://a/" + std::string(1014, 'p')));
}

TEST(HttpsUri, RefusesAllElse) {
  const std::string nul(1, '\0');
  for (const std::string& bad : {std::string(),
                                 std::string("est.example.com"),
                                 std::string("http://est.example.com"),
                                 std::string("HTTPS://a"),
                                 std::string("https:est"),
                                 std::string("https://"),
                                 std::string("https:///path"),
                                 std::string("https://?q"),
                                 std::string("https://user@host"),
                                 std::string("https://user:pw@host"),
                                 std::string("https://host#part"),
                                 std::string("https://host/#part"),
                                 std::string("https://host:"),
                                 std::string("https://host:0"),
                                 std::string("https://host:65536"),
                                 std::string("https://host:+1"),
                                 std::string("https://host: 1"),
                                 std::string("https://host:1:2"),
                                 std::string("https://-a.example"),
                                 std::string("https://a-.example"),
                                 std::string("https://a..example"),
                                 std::string("https://a.example."),
                                 std::string("https://a_b"),
                                 std::string("https://b\xc3\xbc"),
                                 std::string("https://192.0.2.256"),
                                 std::string("https://1.2.3"),
                                 std::string("https://2001:db8::1"),
                                 std::string("https://[2001:db8"),
                                 std::string("https://[]"),
                                 std::string("https://[fe80::1%25eth0]"),
                                 std::string("https://[::1]x"),
                                 std::string("https://[::1]:"),
                                 "https://[::1" + nul + "]",
                                 "https://a" + nul,
                                 "https://a/" + nul,
                                 std::string("https://a/%2"),
                                 std::string("https://a/%zz"),
                                 std::string("https://a/b c"),
                                 std::string("https://a/\"b"),
                                 std::string("https://a/\n"),
                                 std::string("https://a\\b"),
                                 std::string(" https://a"),
                                 "https://" + std::string(64, 'l'),
                                 "https://a/" + std::string(1015, 'p')}) {
    EXPECT_FALSE(IsHttpsUri(bad)) << bad;
  }
}

TEST(HostName, IsOfLabels) {
  const std::string label(63, 'a');
  for (const std::string& good :
       {std::string("a"), std::string("1.a"), std::string("A-b.example"),
        label + ".example",
        label + "." + label + "." + label + "." + std::string(61, 'b')}) {
    EXPECT_TRUE(IsHostName(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("-.example"), std::string("a-.example"),
        std::string("-a.example"), std::string("a..b"), std::string("a."),
        std::string(".a"), std::string("a_b"), std::string("192.0.2.7"),
        std::string("b\xc3\xbc"), label + "a.example",
        label + "." + label + "." + label + "." + std::string(62, 'b')}) {
    EXPECT_FALSE(IsHostName(bad)) << bad;
  }
}

}  // namespace
}  // namespace masa::wire
