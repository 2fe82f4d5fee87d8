#include "services/voucher/pledge.h"

#include "gtest/gtest.h"

namespace masa::voucher {
namespace {

// CR-12: any HTTP client finds the way.
TEST(RedirectTo, LeadsToTheRequestvoucherOfWhatWasRecorded) {
  const struct {
    const char* recorded;
    const char* location;
  } kCases[] = {
      {"https://r.example",
       "https://r.example/.well-known/brski/requestvoucher"},
      {"https://r.example/",
       "https://r.example/.well-known/brski/requestvoucher"},
      {"https://r.example:8443?x=1",
       "https://r.example:8443/.well-known/brski/requestvoucher"},
      {"https://[2001:db8::1]:8443",
       "https://[2001:db8::1]:8443/.well-known/brski/requestvoucher"},
      {"https://r.example/.well-known/brski",
       "https://r.example/.well-known/brski/requestvoucher"},
      {"https://r.example/.well-known/brski/requestvoucher",
       "https://r.example/.well-known/brski/requestvoucher"},
      {"https://r.example/site/",
       "https://r.example/site/.well-known/brski/requestvoucher"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(RedirectTo(c.recorded), c.location) << c.recorded;
  }
}

TEST(HostOfUri, IsTheNameAlone) {
  const struct {
    const char* uri;
    const char* host;
  } kCases[] = {
      {"https://R.Example", "r.example"},
      {"https://r.example:8443/x?y=:z", "r.example"},
      {"https://[2001:DB8::1]:8443/", "2001:db8::1"},
      {"https://192.0.2.1?x", "192.0.2.1"},
      {"", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(HostOfUri(c.uri), c.host) << c.uri;
  }
}

}  // namespace
}  // namespace masa::voucher
