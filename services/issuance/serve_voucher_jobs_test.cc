// Voucher jobs as operators and owners ask for them: who may, and what a repeat
// is answered.
#include "services/issuance/serve_voucher_jobs.h"

#include "services/issuance/test_voucher_jobs.h"

namespace masa::issuance {
namespace {

identity::Principal Operator() {
  return {identity::Role::kOperator, "operator", "acme", ""};
}

identity::Principal Customer(const std::string& organization,
                             const std::string& username = kAccount) {
  return {identity::Role::kCustomer, organization + username, "acme",
          organization, username};
}

class VoucherJobs : public JobDesk {
 protected:
  VoucherJobOrder Order() {
    VoucherJobOrder order;
    order.listing = {"org-acme", "", "", false};
    order.cert_id = "cert-org-acme";
    order.expires_on = Noon() + absl::Hours(1);
    return order;
  }

  absl::StatusOr<VoucherJobView> Start(const identity::Principal& caller,
                                       const VoucherJobOrder& order,
                                       const std::string& once = "") {
    return job_desk_.Start({{}, caller, {once, std::string(32, 'd')}}, order);
  }

  Reason GetAs(const identity::Principal& caller, const std::string& id) {
    const auto view = job_desk_.Get({}, caller, id);
    return view.ok() ? Reason::kInternal : ReasonOf(view.status());
  }
};

TEST_F(VoucherJobs, AreForThoseWhoMayGetTheVouchers) {
  for (const auto& caller : {Operator(), Customer("org-acme")}) {
    const auto view = Start(caller, Order());
    ASSERT_TRUE(view.ok()) << view.status();
    EXPECT_EQ(view->job.terms().pinned_cert_der(), domain_ca_.CertificateDer());
  }
  VoucherJobOrder own = Order();
  own.listing.organization_id = "";
  const auto view = Start(Customer("org-acme"), own);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->job.terms().organization_id(), "org-acme");
  EXPECT_EQ(ReasonOf(Start(Customer("org-other"), Order()).status()),
            Reason::kOrganizationUnknown);
  EXPECT_EQ(ReasonOf(Start(Customer("org-acme", "nobody"), Order()).status()),
            Reason::kOrganizationUnknown);
  own.cert_id = "cert-org-other";
  EXPECT_EQ(ReasonOf(Start(Customer("org-acme"), own).status()),
            Reason::kCertNotFound);
}

TEST_F(VoucherJobs, AreSeenByTheOrganisationThatStartedThem) {
  const std::string theirs = Start(Customer("org-acme"), Order())->job.job_id();
  clock_.Advance(absl::Seconds(1));
  const std::string ours = Start(Operator(), Order())->job.job_id();
  for (const std::string& id : {theirs, ours}) {
    EXPECT_EQ(GetAs(Operator(), id), Reason::kInternal);
    EXPECT_EQ(GetAs(Customer("org-other"), id), Reason::kJobUnknown);
    EXPECT_EQ(GetAs(Customer("org-acme", "nobody"), id), Reason::kJobUnknown);
  }
  EXPECT_EQ(GetAs(Customer("org-acme"), theirs), Reason::kInternal);
  EXPECT_EQ(GetAs(Customer("org-acme"), ours), Reason::kJobUnknown);
  EXPECT_EQ(
      ReasonOf(job_desk_.Cancel({{}, Customer("org-other")}, theirs).status()),
      Reason::kJobUnknown);
  EXPECT_EQ(
      ReasonOf(
          job_desk_.ReadArchive({}, Customer("org-other"), theirs, 0).status()),
      Reason::kJobUnknown);
  const auto all = job_desk_.List({}, Operator(), "", 9);
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->jobs.size(), 2u);
  EXPECT_EQ(all->jobs[0].job.job_id(), ours) << "the newest first";
  EXPECT_EQ(all->last, "");
  EXPECT_EQ(job_desk_.List({}, Customer("org-acme"), "", 9)->jobs.size(), 1u);
  EXPECT_EQ(job_desk_.List({}, Customer("org-other"), "", 9)->jobs.size(), 0u);
  const auto page = job_desk_.List({}, Operator(), "", 1);
  EXPECT_EQ(page->last, ours);
  EXPECT_EQ(job_desk_.List({}, Operator(), page->last, 1)->jobs[0].job.job_id(),
            theirs);
}

TEST_F(VoucherJobs, ARepeatIsTheSameJob) {
  const auto first = Start(Operator(), Order(), "id");
  const auto again = Start(Operator(), Order(), "id");
  ASSERT_TRUE(first.ok() && again.ok()) << again.status();
  EXPECT_EQ(first->job.job_id(), again->job.job_id());
  EXPECT_EQ(ReasonOf(job_desk_
                         .Start({{}, Operator(), {"id", std::string(32, 'e')}},
                                Order())
                         .status()),
            Reason::kRequestIdReused);
}

TEST_F(VoucherJobs, ACheckCountsAndStartsNothing) {
  VoucherJobCall call{{}, Operator()};
  call.validate_only = true;
  VoucherJobOrder all = Order();
  all.listing.organization_id = "";
  const auto view = job_desk_.Start(call, all);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->job.total(), 2);
  EXPECT_EQ(view->job.job_id(), "");
  EXPECT_EQ(job_desk_.Start(call, Order())->job.total(), 1);
  EXPECT_TRUE(job_desk_.List({}, Operator(), "", 9)->jobs.empty());
}

TEST_F(VoucherJobs, WhatNoDeviceCanGetIsNotStarted) {
  struct Case {
    const char* what;
    std::function<void(VoucherJobOrder&)> change;
    Reason reason;
  };
  const Case cases[] = {
      {"past", [](auto& order) { order.expires_on = Noon(); },
       Reason::kLifetimeInPast},
      {"behind the certificate's end",
       [](auto& order) { order.expires_on = Noon() + absl::Hours(24 * 999); },
       Reason::kLifetimeExceedsCert},
      {"no certificate",
       [](auto& order) {
         order.cert_id = "";
         order.pinned_cert_der = "x";
       },
       Reason::kCertMalformed},
      {"filter", [](auto& order) { order.listing.filter = "colour = red"; },
       Reason::kInvalidArgument},
  };
  for (const Case& one : cases) {
    VoucherJobOrder order = Order();
    one.change(order);
    EXPECT_EQ(ReasonOf(Start(Operator(), order).status()), one.reason)
        << one.what;
  }
}

TEST_F(VoucherJobs, AnArchiveIsThereWhenTheJobHasEnded) {
  const std::string id = Start(Operator(), Order())->job.job_id();
  EXPECT_EQ(ReasonOf(job_desk_.ReadArchive({}, Operator(), id, 0).status()),
            Reason::kJobNotEnded);
  EXPECT_EQ(job_desk_.Get({}, Operator(), id)->archive_octets, 0);
  ASSERT_TRUE(JobRunner().RunTurn([] { return false; }).ok());
  const auto piece = job_desk_.ReadArchive({}, Operator(), id, 0);
  ASSERT_TRUE(piece.ok()) << piece.status();
  EXPECT_GT(piece->octets.size(), 1024u);
  EXPECT_EQ(ReasonOf(job_desk_.Cancel({{}, Operator()}, id).status()),
            Reason::kJobEnded);
}

// A job acts with the rights that its starter has while it runs.
TEST_F(VoucherJobs, WhoLostItsRoleGetsNoMoreVouchers) {
  const std::string id = Start(Customer("org-acme"), Order())->job.job_id();
  ASSERT_TRUE(jobs_
                  .ChangeJob({}, "test", Noon(), {"acme", id},
                             [](storage::VoucherJob job) {
                               job.mutable_terms()->set_username("gone");
                               return storage::VoucherJobChange{job};
                             },
                             {})
                  .ok());
  ASSERT_TRUE(JobRunner().RunTurn([] { return false; }).ok());
  const auto view = job_desk_.Get({}, Operator(), id);
  EXPECT_EQ(view->job.state(), storage::v1::VOUCHER_JOB_STATE_FAILED);
  EXPECT_EQ(view->job.issued(), 0);
}

}  // namespace
}  // namespace masa::issuance
