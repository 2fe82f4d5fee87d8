#include "services/masactl/lasting_call.h"

#include <chrono>
#include <deque>

#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::masactl {
namespace {

constexpr std::chrono::milliseconds kNoPause{0};

// What each of some streams ends with, and whether anything came before.
struct End {
  absl::Status status;
  bool heard = false;
};

// The status of all together, and how many were read.
std::pair<absl::StatusCode, size_t> ReadAll(std::deque<End> ends) {
  LastingCall call(kNoPause);
  const size_t all = ends.size();
  const absl::Status status = call.Run([&](grpc::ClientContext& context,
                                           bool& heard) {
    EXPECT_EQ(context.deadline(), std::chrono::system_clock::time_point::max());
    if (ends.empty()) {
      return absl::DataLossError("another stream than those expected");
    }
    const End end = ends.front();
    ends.pop_front();
    heard = end.heard;
    return end.status;
  });
  return {status.code(), all - ends.size()};
}

using Result = std::pair<absl::StatusCode, size_t>;

TEST(LastingCall, GoesOnWhereAServerWent) {
  const absl::Status away = absl::UnavailableError("away");
  const absl::Status gone = absl::CancelledError("gone");
  EXPECT_EQ(ReadAll({{absl::OkStatus()}}), Result(absl::StatusCode::kOk, 1));
  EXPECT_EQ(ReadAll({{away}, {gone, true}, {absl::OkStatus()}}),
            Result(absl::StatusCode::kOk, 3));
  EXPECT_EQ(ReadAll({{Refuse(Reason::kDraining, "later")}, {absl::OkStatus()}}),
            Result(absl::StatusCode::kOk, 2));
  EXPECT_EQ(ReadAll({{away, true}, {absl::PermissionDeniedError("no")}}),
            Result(absl::StatusCode::kPermissionDenied, 2));
}

TEST(LastingCall, GivesUpWhereNothingIsHeardSixTimes) {
  const End away = {absl::UnavailableError("away")};
  const End heard = {absl::UnavailableError("away"), true};
  EXPECT_EQ(ReadAll(std::deque<End>(9, away)),
            Result(absl::StatusCode::kUnavailable, 6));
  EXPECT_EQ(ReadAll({away, away, away, away, away, heard, away, away, away,
                     away, away, away, away}),
            Result(absl::StatusCode::kUnavailable, 12));
}

TEST(LastingCall, EndsWellWhenItIsStopped) {
  LastingCall call(kNoPause);
  int reads = 0;
  EXPECT_TRUE(call.Run([&](grpc::ClientContext&, bool&) {
                    ++reads;
                    call.Stop();
                    return absl::UnavailableError("cancelled");
                  })
                  .ok());
  EXPECT_EQ(reads, 1);
}

}  // namespace
}  // namespace masa::masactl
