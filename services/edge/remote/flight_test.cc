#include <memory>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "services/edge/remote/remote_enrollment_desk.h"
#include "services/edge/remote/remote_pledge_desk.h"
#include "services/edge/remote/remote_registrar_desk.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

// Who has the channel when the answer to one call is heard; nobody listens.
template <typename Desk, typename Pending, typename Ask>
void ExpectNoneMoreHasTheChannel(Ask ask) {
  const auto channel =
      grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
  Desk desk(channel);
  const long before = channel.use_count();
  absl::Notification asked, heard;
  long then = 0;
  Pending pending;
  pending.call.context.deadline = absl::Now() + absl::Minutes(1);
  pending.respond = [&](const auto& outcome) {
    asked.WaitForNotification();
    EXPECT_EQ(ReasonOf(outcome.status()), Reason::kOverloaded);
    then = channel.use_count();
    heard.Notify();
  };
  std::vector<Pending> calls;
  calls.push_back(std::move(pending));
  (desk.*ask)(std::move(calls));
  asked.Notify();
  heard.WaitForNotification();
  EXPECT_EQ(then, before);
}

TEST(Flight, HasLeftItsChannelWhenTheAnswerIsHeard) {
  ExpectNoneMoreHasTheChannel<RemoteEnrollmentDesk, issuance::PendingEst>(
      &RemoteEnrollmentDesk::Ask);
  ExpectNoneMoreHasTheChannel<RemotePledgeDesk, issuance::PendingPledge>(
      &RemotePledgeDesk::Ask);
  ExpectNoneMoreHasTheChannel<RemoteRegistrarDesk, issuance::PendingCall>(
      &RemoteRegistrarDesk::RequestVouchers);
}

}  // namespace
}  // namespace masa::edge
