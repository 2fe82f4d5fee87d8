#include "services/wire/media_type.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::wire {
namespace {

constexpr auto kCms = masa::v1::FORMAT_CMS_JSON;
constexpr auto kJws = masa::v1::FORMAT_JWS_JSON;
constexpr auto kCose = masa::v1::FORMAT_COSE_CBOR;

TEST(MediaType, NamesWhatItReads) {  // EP-10, EP-11, EP-12
  for (const auto format : {kCms, kJws, kCose}) {
    const auto read = FormatOfContentType(MediaTypeOf(format));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, format);
  }
  EXPECT_EQ(MediaTypeOf(masa::v1::FORMAT_UNSPECIFIED), "");
}

TEST(MediaType, IgnoresCaseAndParameters) {  // EP-19
  EXPECT_EQ(*FormatOfContentType("Application/Voucher-CMS+JSON; x=1"), kCms);
  EXPECT_EQ(*FormatOfContentType(" application/voucher+cose ;q=1"), kCose);
}

TEST(MediaType, IsOfATypeWhateverItsParameters) {
  for (const char* type : {"application/json", "APPLICATION/JSON;charset=utf-8",
                           " application/json ; charset=utf-8"}) {
    EXPECT_TRUE(IsOfType(type, "application/json")) << type;
  }
  for (const char* type : {"", ";", "application/jsonx", "text/json"}) {
    EXPECT_FALSE(IsOfType(type, "application/json")) << type;
  }
}

TEST(MediaType, RefusesOtherContentTypes) {  // EP-14, EP-35
  for (const char* type :
       {"", "application/json", "*/*", "voucher-cms+json",
        "application/voucher-cms+jsonx", "application/voucher+cms",
        "application/pkcs7-mime; smime-type=voucher-request"}) {
    const auto format = FormatOfContentType(type);
    ASSERT_FALSE(format.ok()) << type;
    EXPECT_EQ(ReasonOf(format.status()), Reason::kMediaTypeUnknown);
    EXPECT_EQ(PublicMessage(format.status()),
              "the content type is not known; it is "
              "application/voucher-cms+json, application/voucher-jws+json or "
              "application/voucher+cose");
  }
}

TEST(MediaType, OrdersAnAcceptHeader) {  // EP-20, EP-21
  const struct {
    const char* accept;
    std::vector<masa::v1::Format> formats;
  } kCases[] = {
      {"", {kCms}},
      {"*/*", {kCms}},
      {"application/*", {kCms}},
      {"foo/bar, application/voucher-cms+json;q=0.5", {kCms}},
      {"application/voucher-jws+json", {kJws}},
      {"application/voucher-jws+json;q=0.4, application/voucher+cose;q=0.75",
       {kCose, kJws}},
      {"application/voucher-jws+json, application/voucher-cms+json",
       {kJws, kCms}},
      {"application/voucher+cose;q=0.1, */*;q=0.01", {kCose, kCms}},
      {"application/voucher-cms+json;q=0, application/voucher+cose", {kCose}},
      {"application/voucher-cms+json;q=0", {}},
      {"application/voucher-cms+json;q=0, */*", {}},
      {"*/*;q=0", {}},
      {"application/voucher+cose; Q=0.2 ;x=y,APPLICATION/VOUCHER-JWS+JSON",
       {kJws, kCose}},
  };
  for (const auto& test : kCases) {
    const auto formats = FormatsOfAccept(test.accept, kCms);
    ASSERT_TRUE(formats.ok()) << test.accept;
    EXPECT_EQ(*formats, test.formats) << test.accept;
  }
}

// EP-13: a peer may know one name of COSE's only.
TEST(MediaType, AnswersByTheNameThatWasAskedFor) {
  const std::string now = "application/voucher+cose";
  const std::string old = "application/voucher-cose+cbor";
  const struct {
    std::string content_type;
    std::string accept;
    std::string answer;
  } cases[] = {
      {now, "", now},
      {old, "", old},
      {old + "; x=1", "*/*", old},
      {now, old, old},
      {old, now, now},
      {now, "foo/bar, " + old + ";q=0.1", old},
      {old, now + ", " + old, old},
      {now, now + ", " + old, now},
      {now, now + ";q=0, " + old, old},
      {now, old + ";q=0, */*", now},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(AnswerMediaType(kCose, c.content_type, c.accept), c.answer)
        << c.content_type << " " << c.accept;
    const auto formats = FormatsOfAccept(c.accept, kCose);
    ASSERT_TRUE(formats.ok()) << formats.status();
    if (c.accept.find("*/*") == std::string::npos) {
      EXPECT_EQ(*formats, std::vector<masa::v1::Format>{kCose}) << c.accept;
    }
  }
  EXPECT_EQ(AnswerMediaType(kJws, old, old), "application/voucher-jws+json");
}

TEST(MediaType, RefusesAnAcceptHeaderWithNothingKnown) {  // EP-36, AMB-02
  for (const char* accept : {"application/json", "text/*", ",", ";q=1"}) {
    const auto formats = FormatsOfAccept(accept, kCms);
    ASSERT_FALSE(formats.ok()) << accept;
    EXPECT_EQ(ReasonOf(formats.status()), Reason::kMediaTypeUnknown);
  }
}

}  // namespace
}  // namespace masa::wire
