#include "services/masactl/phrases.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace masa::masactl {
namespace {

// The first that a sentence has counts: a longer name comes before one that is
// part of it.
constexpr struct {
  absl::string_view said;
  absl::string_view option;
} kOptions[] = {
    {"idevid_issuer_ski tells them apart", "--idevid-issuer"},
    {"from_organization_id is needed", "--from"},
    {"organization_id is needed", "--organization"},
    {"say that it is the last", "--last"},
};

}  // namespace

std::string Counted(int64_t count, absl::string_view one,
                    absl::string_view many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

std::string WithOptions(const std::string& sentence) {
  for (const auto& row : kOptions) {
    if (absl::StrContains(sentence, row.said)) {
      return absl::StrCat(sentence, " (", row.option, ")");
    }
  }
  return sentence;
}

}  // namespace masa::masactl
